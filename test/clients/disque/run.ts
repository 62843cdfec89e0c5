import { launch, type Launch, type RunningBroker, runningAt, sabir } from '../brokers.ts'
import type { RunOptions } from '../run.ts'
import type { Tally } from '../tally.ts'
import { masked, type Program } from './program.ts'
import { programs } from './programs/index.ts'
import { judge, type Notes, record } from './recorded.ts'

/** Every Disque client against one broker. */
export async function runDisque(options: RunOptions, tally: Tally): Promise<void> {
  const ready: Program[] = []
  for (const program of programs)
    if (isWanted(program.name, options) && (await tally.isReady(program))) ready.push(program)
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
  return launch(real ? disqueServer() : sabir('disque'))
}

/** Disque itself, which no distribution has: `DISQUE_SERVER` says where its program is. */
const disqueServer = (): Launch => ({
  name: 'disque-server',
  command: (port, folder) => ({
    line: [process.env['DISQUE_SERVER'] ?? 'disque-server', '--port', `${port}`, '--dir', folder],
  }),
})

async function runProgram(
  program: Program,
  broker: RunningBroker,
  isRecorded: boolean,
): Promise<void> {
  const { address } = broker
  const notes: Notes = {}
  await program.run({
    address,
    note: (label, value) => void (notes[label] = masked(value, address)),
    restart: () => broker.restart(),
  })
  if (isRecorded) record(program.name, notes)
  else judge(program.name, notes)
}
