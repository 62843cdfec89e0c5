import { parseArgs } from 'node:util'
import { applies } from './applies.ts'
import { apacheKafka, launch, type RunningBroker, sabir } from './brokers.ts'
import { crossScenarios, type Party } from './cross.ts'
import type { Driver, DriverKind, Operations } from './driver.ts'
import { javaFolder, kinds } from './drivers/index.ts'
import { scenarios } from './scenarios.ts'

/**
 * Runs the table of scenarios with every client against one broker.
 *
 *   npm run test:clients -- [--clients java,kcat] [--only 'part of a name'] [--apache] [--fast]
 */
const { values: options } = parseArgs({
  options: {
    clients: { type: 'string' },
    only: { type: 'string', default: '' },
    apache: { type: 'boolean', default: false },
    address: { type: 'string' },
  },
})

const counts = { passed: 0, failed: 0, skipped: 0 }
const runId = Date.now().toString(36)
let scenarioLast = 0

async function main(): Promise<void> {
  const chosen = options.clients?.split(',')
  const wanted = kinds.filter(({ name }) => chosen === undefined || chosen.includes(name))
  const present: DriverKind[] = []
  for (const kind of wanted) if (await isReady(kind)) present.push(kind)
  const broker = await startBroker()
  try {
    for (const kind of present) await runClient(kind, broker)
    if (present.length > 1) await runCross(present, broker)
  } finally {
    await broker.stop()
  }
  const skipped = counts.skipped === 0 ? '' : ` (${counts.skipped} clients skipped)`
  console.log(`${counts.passed} passed, ${counts.failed} failed${skipped}`)
  process.exit(counts.failed === 0 ? 0 : 1)
}

async function startBroker(): Promise<RunningBroker> {
  const { address } = options
  if (address === undefined) return launch(options.apache ? apacheKafka(javaFolder()) : sabir)
  const nothing = async (): Promise<void> => {}
  return { name: address, address, pid: () => 0, log: () => '', restart: nothing, stop: nothing }
}

/** A client that cannot be made ready is a failure in CI, and a skip at home. */
async function isReady(kind: DriverKind): Promise<boolean> {
  try {
    await kind.prepare()
    return true
  } catch (error) {
    const verdict = process.env['CI'] ? 'FAILED' : 'skipped'
    const reason = error instanceof Error ? error.message : String(error)
    console.log(`${verdict} ${kind.name}: ${reason}`)
    if (process.env['CI']) counts.failed++
    else counts.skipped++
    return false
  }
}

async function runClient(kind: DriverKind, broker: RunningBroker): Promise<void> {
  let driver = await kind.open(broker.address)
  for (const scenario of scenarios.filter(({ name }) => name.includes(options.only))) {
    if (!applies(scenario, kind, driver)) continue
    const isFine = await runOne(`${kind.name}: ${scenario.name}`, () =>
      scenario.run({
        client: operationsOf(driver),
        name: `${kind.name}-${runId}-${++scenarioLast}`,
        restart: () => broker.restart(),
      }),
    )
    // What a failed scenario left behind must not spoil the next one.
    if (!isFine) {
      await driver.close().catch(() => {})
      driver = await kind.open(broker.address)
    }
  }
  await driver.close()
}

// The scenario named what it needs, and `applies` saw that it is there.
const operationsOf = (driver: Driver): Operations => driver.operations as Operations

async function runCross(present: DriverKind[], broker: RunningBroker): Promise<void> {
  const parties: Party[] = []
  for (const kind of present) {
    const { operations } = await kind.open(broker.address)
    parties.push({ kind, client: operations as Operations })
  }
  for (const [name, run] of crossScenarios(parties, `cross-${runId}`)) {
    if (name.includes(options.only)) await runOne(name, run)
  }
}

async function runOne(name: string, run: () => Promise<void>): Promise<boolean> {
  const began = performance.now()
  try {
    await run()
    counts.passed++
    console.log(`ok      ${name} (${Math.round(performance.now() - began)} ms)`)
    return true
  } catch (error) {
    counts.failed++
    const stack = error instanceof Error ? (error.stack ?? error.message) : String(error)
    console.log(`FAILED  ${name}\n        ${stack.split('\n').slice(0, 30).join('\n        ')}`)
    return false
  }
}

await main()
