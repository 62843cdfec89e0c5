import { launch, type RunningBroker, runningAt, sabir } from '../brokers.ts'
import type { RunOptions } from '../run.ts'
import type { Tally } from '../tally.ts'
import type { DriverKind } from './driver.ts'
import { kinds } from './drivers/index.ts'
import { type Program, programs } from './programs/index.ts'
import { rabbitmq } from './rabbitmq.ts'
import { judge, record, saveRecords } from './recorded.ts'
import { scenarios } from './scenarios/index.ts'
import { type Notes, NotSupported, perform, type Scenario } from './stage.ts'

const runId = Date.now().toString(36)
let scenarioLast = 0

/** The table of scenarios with every AMQP 0-9-1 client against one broker. */
export async function runAmqp091(options: RunOptions, tally: Tally): Promise<void> {
  const isWanted = ({ name }: { name: string }): boolean => options.clients?.includes(name) ?? true
  const clients: DriverKind[] = []
  for (const kind of kinds.filter(isWanted)) if (await tally.isReady(kind)) clients.push(kind)
  const applications: Program[] = []
  for (const program of programs.filter(isWanted)) {
    if (await tally.isReady(program)) applications.push(program)
  }
  if (clients.length + applications.length === 0) return
  const broker = await startBroker(options)
  try {
    for (const kind of clients) await runClient(kind, broker, options, tally)
    for (const program of applications) await runProgram(program, broker, options, tally)
  } finally {
    await broker.stop()
  }
  if (options.record) saveRecords([...scenarios, ...programs])
}

async function startBroker({ address, real }: RunOptions): Promise<RunningBroker> {
  if (address !== undefined) return runningAt(address)
  return launch(real ? await rabbitmq() : sabir('amqp091'))
}

async function runClient(
  kind: DriverKind,
  broker: RunningBroker,
  options: RunOptions,
  tally: Tally,
): Promise<void> {
  let driver = await kind.open(broker.address)
  for (const scenario of scenarios.filter(({ name }) => name.includes(options.only))) {
    if (scenario.except?.[kind.name] !== undefined) continue
    const run = async (): Promise<void> => {
      const name = `${kind.name}-${runId}-${++scenarioLast}`
      const restart = options.address === undefined ? () => broker.restart() : null
      const notes = await perform(scenario, driver, { name, restart })
      keep(scenario, kind.name, notes, options)
    }
    // What a failed scenario left behind must not spoil the next one.
    if (!(await tally.run(`${kind.name}: ${scenario.name}`, () => unlessLacking(run)))) {
      await driver.close().catch(() => {})
      driver = await kind.open(broker.address)
    }
  }
  await driver.close()
}

async function runProgram(
  program: Program,
  broker: RunningBroker,
  options: RunOptions,
  tally: Tally,
): Promise<void> {
  if (!program.name.includes(options.only)) return
  await tally.run(`program ${program.name}`, async () => {
    const notes: Notes = {}
    await program.run(broker.address, (label, value) => {
      notes[label in notes ? `${label}, again` : label] = value
    })
    if (options.record) record(program, 'program', notes, true)
    else judge(program, 'program', notes)
  })
}

const firsts = new Set<string>()

function keep(scenario: Scenario, client: string, notes: Notes, options: RunOptions): void {
  if (!options.record) return judge(scenario, client, notes)
  const isFirst = client === kinds[0]?.name || (!firsts.has(scenario.name) && !options.clients)
  firsts.add(scenario.name)
  record(scenario, client, notes, isFirst)
}

/** A client without an operation that is needed has nothing to show. */
async function unlessLacking(run: () => Promise<void>): Promise<void> {
  try {
    await run()
  } catch (error) {
    if (!(error instanceof NotSupported)) throw error
  }
}
