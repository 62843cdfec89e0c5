import { amqpCampaign } from './amqp091/campaign.ts'
import { kafkaCampaign } from './kafka/campaign.ts'
import { disqueCampaign } from './disque/campaign.ts'
import { cutTail } from './plant.ts'
import { respCampaign } from './resp/campaign.ts'
import { type Campaign, type Outcome, seeded } from './rounds.ts'

/**
 * Kills a real broker again and again while clients use it, and compares what is there with what
 * they were told.
 *
 *   ROUNDS=200 SEED=1 npm run test:crash [-- kafka|amqp091|resp|disque]
 */
const rounds = Number(process.env['ROUNDS'] ?? 200)
const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000)

type Suite = {
  readonly run: (campaign: Campaign) => Promise<Outcome>
  readonly bugs: readonly Bug[]
}

/** A broker that loses what it had confirmed, and what is said of it. */
type Bug = {
  readonly name: string
  readonly plant: Partial<Campaign>
  /** In place of the suite's own. */
  readonly run?: Suite['run']
  readonly complaint: RegExp
}

const committed = /group: partition \d .*\d+ was committed/
const keysAreWrong = /as after none of|are lost|came back|should be answered/
const jobsAreWrong = /jobs are lost|came back/
const suites: Readonly<Record<string, Suite>> = {
  kafka: {
    run: kafkaCampaign,
    bugs: [
      {
        name: 'a cut tail',
        plant: { afterKill: folder => cutTail(folder, 64), drainEvery: 1 },
        complaint: new RegExp(`lost|ended at|acknowledged at|was "|gave up|${committed.source}`),
      },
      {
        name: 'a commit that is forgotten at the start',
        plant: { program: 'test/crash/kafka/forgetful.js' },
        complaint: committed,
      },
      {
        name: 'a commit that is answered before it is written',
        plant: { program: 'test/crash/kafka/hasty.js' },
        complaint: committed,
      },
    ],
  },
  amqp091: {
    run: amqpCampaign,
    bugs: [
      {
        name: 'a cut tail',
        plant: { afterKill: folder => cutTail(folder, 64 * 1024), drainEvery: 1 },
        complaint: /are lost|came back|should be|not marked|was confirmed|gave up|NOT_FOUND/,
      },
    ],
  },
  resp: {
    run: campaign => respCampaign(campaign, ['everysec', 'always']),
    bugs: [
      {
        name: 'a cut tail',
        plant: { afterKill: folder => cutTail(folder, 16 * 1024) },
        complaint: keysAreWrong,
      },
      {
        name: 'an answer that is given before the system has what it says',
        run: campaign => respCampaign(campaign, ['no']),
        plant: {},
        complaint: keysAreWrong,
      },
    ],
  },
  disque: {
    run: disqueCampaign,
    bugs: [
      {
        name: 'a cut tail',
        plant: { afterKill: folder => cutTail(folder, 16 * 1024) },
        complaint: jobsAreWrong,
      },
      {
        name: 'an answer that is given before the disk has what it says',
        run: campaign => disqueCampaign(campaign, true),
        plant: {},
        complaint: /jobs are lost/,
      },
    ],
  },
}

/** A campaign ends when it has found what was planted: nearly always in one of the first ten. */
const PLANTED_ROUNDS_MAX = 40

/** Returns how many rounds passed and bugs were found, and how many did not or were not. */
async function prove(name: string, { run, bugs }: Suite) {
  console.log(`${name}: ${rounds} rounds, SEED=${seed}`)
  const honest = await run({ rounds, random: seeded(seed), afterKill: () => {} })
  const told = `${honest.acknowledged} acknowledged, ready in ${Math.round(honest.readyMsMax)} ms`
  console.log(`  at most: ${told}`)
  if (honest.failure !== null) console.log('FAILED ', honest.failure)
  // A checker that finds nothing proves nothing until it has found what was planted.
  let found = 0
  for (const bug of bugs) {
    const random = seeded(seed)
    const planted = await (bug.run ?? run)({
      rounds: PLANTED_ROUNDS_MAX,
      random,
      afterKill: () => {},
      ...bug.plant,
    })
    const isFound = bug.complaint.test(String(planted.failure))
    const result = isFound ? 'ok     ' : 'FAILED '
    console.log(`${result} ${bug.name} is found: ${String(planted.failure)}`)
    if (isFound) found++
  }
  return {
    passed: honest.passed + found,
    failed: (honest.failure === null ? 0 : 1) + bugs.length - found,
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
