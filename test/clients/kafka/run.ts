import { apacheKafka, launch, type RunningBroker, runningAt, sabir } from '../brokers.ts'
import type { RunOptions } from '../run.ts'
import type { Tally } from '../tally.ts'
import { applies } from './applies.ts'
import { crossScenarios, type Party } from './cross.ts'
import type { Driver, DriverKind, Operations } from './driver.ts'
import { javaFolder, kinds } from './drivers/index.ts'
import { scenarios } from './scenarios.ts'

const runId = Date.now().toString(36)
let scenarioLast = 0

/** The table of scenarios with every Kafka client against one broker. */
export async function runKafka(options: RunOptions, tally: Tally): Promise<void> {
  const wanted = kinds.filter(({ name }) => options.clients?.includes(name) ?? true)
  const present: DriverKind[] = []
  for (const kind of wanted) if (await tally.isReady(kind)) present.push(kind)
  if (present.length === 0) return
  const broker = await startBroker(options)
  try {
    for (const kind of present) await runClient(kind, broker, options.only, tally)
    if (present.length > 1) await runCross(present, broker, options.only, tally)
  } finally {
    await broker.stop()
  }
}

async function startBroker({ address, real }: RunOptions): Promise<RunningBroker> {
  if (address !== undefined) return runningAt(address)
  return launch(real ? apacheKafka(javaFolder()) : sabir('kafka'))
}

async function runClient(
  kind: DriverKind,
  broker: RunningBroker,
  only: string,
  tally: Tally,
): Promise<void> {
  let driver = await kind.open(broker.address)
  for (const scenario of scenarios.filter(({ name }) => name.includes(only))) {
    if (!applies(scenario, kind, driver)) continue
    const isFine = await tally.run(`${kind.name}: ${scenario.name}`, () =>
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

async function runCross(
  present: DriverKind[],
  broker: RunningBroker,
  only: string,
  tally: Tally,
): Promise<void> {
  const parties: Party[] = []
  for (const kind of present) {
    const { operations } = await kind.open(broker.address)
    parties.push({ kind, client: operations as Operations })
  }
  for (const [name, run] of crossScenarios(parties, `cross-${runId}`)) {
    if (name.includes(only)) await tally.run(name, run)
  }
}
