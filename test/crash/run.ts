import { amqpCampaign } from './amqp091/campaign.ts'
import { kafkaCampaign } from './kafka/campaign.ts'
import { cutTail } from './plant.ts'
import { type Campaign, type Outcome, seeded } from './rounds.ts'

/**
 * Kills a real broker again and again while clients use it, and compares what is there with what
 * they were told.
 *
 *   ROUNDS=200 SEED=1 npm run test:crash [-- kafka|amqp091]
 */
const rounds = Number(process.env['ROUNDS'] ?? 200)
const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000)

type Suite = {
  readonly run: (campaign: Campaign) => Promise<Outcome>
  /** What it says of a broker that lost what it had confirmed. */
  readonly complaint: RegExp
  /** How much that broker loses. */
  readonly cutBytes: number
}

const suites: Readonly<Record<string, Suite>> = {
  kafka: { run: kafkaCampaign, complaint: /lost|ended at|acknowledged at|was "/, cutBytes: 64 },
  amqp091: {
    run: amqpCampaign,
    complaint: /are lost|came back|should be|not marked|was confirmed|a client gave up/,
    cutBytes: 64 * 1024,
  },
}

async function prove(name: string, { run, complaint, cutBytes }: Suite) {
  console.log(`${name}: ${rounds} rounds, SEED=${seed}`)
  const honest = await run({ rounds, random: seeded(seed), afterKill: () => {} })
  const told = `${honest.acknowledged} acknowledged, ready in ${Math.round(honest.readyMsMax)} ms`
  console.log(`  at most: ${told}`)
  if (honest.failure !== null) console.log('FAILED ', honest.failure)
  // A checker that finds nothing proves nothing until it has found what was planted.
  const random = seeded(seed)
  const afterKill = (folder: string): void => cutTail(folder, cutBytes)
  const planted = await run({ rounds: 10, random, afterKill, drainEvery: 1 })
  const isFound = complaint.test(String(planted.failure))
  console.log(`${isFound ? 'ok     ' : 'FAILED '} a cut tail is found: ${String(planted.failure)}`)
  return {
    passed: honest.passed + (isFound ? 1 : 0),
    failed: (honest.failure === null ? 0 : 1) + (isFound ? 0 : 1),
  }
}

async function main(): Promise<void> {
  const asked = process.argv.slice(2)
  let passed = 0
  let failed = 0
  for (const [name, suite] of Object.entries(suites)) {
    if (asked.length > 0 && !asked.includes(name)) continue
    const counts = await prove(name, suite)
    passed += counts.passed
    failed += counts.failed
  }
  console.log(`${passed} passed, ${failed} failed`)
  process.exit(failed === 0 ? 0 : 1)
}

await main()
