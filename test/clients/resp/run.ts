import { launch, type RunningBroker, runningAt, sabir } from '../brokers.ts'
import type { RunOptions } from '../run.ts'
import type { Tally } from '../tally.ts'
import { programs } from './programs/index.ts'
import { judge, type Notes, record, saveRecords } from './recorded.ts'
import { redisServer } from './redis-server.ts'
import type { Program } from './scenario.ts'

/** Every Redis client against one broker. */
export async function runResp(options: RunOptions, tally: Tally): Promise<void> {
  const wanted = programs.filter(({ name }) => isWanted(name, options))
  const ready: Program[] = []
  for (const program of wanted) if (await tally.isReady(program)) ready.push(program)
  if (ready.length === 0) return
  const broker = await startBroker(options)
  try {
    for (const program of ready)
      await tally.run(program.name, () => runProgram(program, broker, options.record))
  } finally {
    await broker.stop()
  }
}

const isWanted = (name: string, { clients, only }: RunOptions): boolean =>
  (clients?.some(client => name.startsWith(client)) ?? true) && name.includes(only)

async function startBroker({ address, real }: RunOptions): Promise<RunningBroker> {
  if (address !== undefined) return runningAt(address)
  return launch(real ? redisServer() : sabir('resp'))
}

async function runProgram(
  program: Program,
  { address }: RunningBroker,
  isRecorded: boolean,
): Promise<void> {
  const notes: Notes = {}
  await program.run(address, (label, value) => {
    notes[label in notes ? `${label}, again` : label] = value
  })
  if (isRecorded) {
    record(program.name, notes)
    saveRecords(programs)
  } else judge(program.name, notes)
}
