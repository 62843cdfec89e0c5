import { AFTER_WRITING, settle } from '../../harness/settle.ts'
import type { Subject } from '../../harness/side.ts'
import type { Figure, RunSettings, Workload } from '../../harness/suite.ts'
import { runFanOut } from '../../loads/resp/channels.ts'
import { runGroup, runPops } from '../../loads/resp/consumers.ts'
import { runLatency, runLatencyNearMaximum } from '../../loads/resp/latency.ts'
import { prepareRedisBenchmark, runRedisBenchmark } from '../../loads/resp/redis-benchmark.ts'
import { type Settings, settingsDefault } from '../../loads/resp/settings.ts'
import { size } from '../size.ts'

/** What is to be reached, by peer: our figure divided by theirs. */
export type Targets = NonNullable<Figure['targets']>

type Shape = {
  readonly bodyBytes?: number
  readonly pipeline: number
  readonly keys?: number
  readonly targets?: Targets
  readonly sides?: readonly string[]
}

const settingsOf = (
  { port }: Subject,
  { seconds }: RunSettings,
  changes: Partial<Settings>,
): Settings => ({ ...settingsDefault, port, seconds, ...changes })

/** What commands with large values put off is not to fall into what comes behind them. */
const settled = (subject: Subject): Promise<void> => settle(subject, AFTER_WRITING)

const rate = (name: string, targets: Targets = {}): Figure => ({
  name,
  unit: '1/s',
  better: 'more',
  targets,
})

/** Of redis-benchmark, such as `LPUSH, 16 B, 16 at once, 1,000 keys`. */
export function command(name: string, shape: Shape): Workload {
  const { bodyBytes = 16, pipeline, keys = 1, targets, sides } = shape
  const words = [name, size(bodyBytes), pipeline === 1 ? 'one at a time' : `${pipeline} at once`]
  if (keys > 1) words.push(`${keys.toLocaleString('en-US')} keys`)
  const changes = { command: name, bodyBytes, pipeline, keys }
  return {
    name: words.join(', '),
    group: groupOf(shape),
    figures: [rate('rate', targets)],
    ...(sides === undefined ? {} : { sides }),
    prepare: async (subject, run) => {
      if (keys > 1) await settled(subject)
      await prepareRedisBenchmark(settingsOf(subject, run, changes))
    },
    run: (subject, run) => runRedisBenchmark(settingsOf(subject, run, changes)),
  }
}

function groupOf({ bodyBytes = 16, pipeline, keys = 1 }: Shape): string {
  const sent = pipeline === 1 ? 'one at a time' : `${pipeline} at once`
  if (keys > 1) return 'Many lists and streams'
  return bodyBytes === 16 ? `Commands of 16 B, ${sent}` : 'Commands of other sizes'
}

export const commands = (names: readonly string[], shape: Shape): Workload[] =>
  names.map(name => command(name, shape))

export const fanOut = (subscribers: number, targets: Targets = {}): Workload => ({
  name: `PUBLISH, 16 B, to ${subscribers} ${subscribers === 1 ? 'subscriber' : 'subscribers'}`,
  group: 'Publish and subscribe',
  figures: [rate('delivered', targets), rate('published')],
  prepare: settled,
  run: (subject, run) => runFanOut(settingsOf(subject, run, { subscribers, window: 2000 })),
})

export const blockingPops = (bodyBytes: number, targets: Targets = {}): Workload => ({
  name: `LPUSH and BRPOP, ${size(bodyBytes)}`,
  group: 'Written and taken at once',
  figures: [rate('rate', targets)],
  prepare: settled,
  run: (subject, run) => runPops(settingsOf(subject, run, { bodyBytes })),
})

export const groupReads = (bodyBytes: number, targets: Targets = {}): Workload => ({
  name: `XADD, XREADGROUP and XACK, ${size(bodyBytes)}`,
  group: 'Written and taken at once',
  figures: [rate('rate', targets)],
  prepare: settled,
  run: (subject, run) => runGroup(settingsOf(subject, run, { bodyBytes, consumers: 4 })),
})

const percentile = (name: string): Figure => ({ name, unit: 'ms', better: 'less' })
const latencyFigures: readonly Figure[] = [
  percentile('p50'),
  percentile('p99'),
  percentile('p99.9'),
  rate('reached'),
]
const LATENCY_GROUP = 'Latency at a fixed rate: LPUSH, until it is answered'

export const latencyAt = (commandsPerSecond: number): Workload => ({
  name: `latency, 16 B, ${commandsPerSecond.toLocaleString('en-US')}/s`,
  group: LATENCY_GROUP,
  figures: latencyFigures,
  prepare: settled,
  run: (subject, run) => runLatency(settingsOf(subject, run, { rate: commandsPerSecond })),
})

export const latencyNearMaximum: Workload = {
  name: 'latency, 16 B, at 80 % of the maximum',
  group: LATENCY_GROUP,
  figures: latencyFigures,
  prepare: settled,
  run: (subject, run) => runLatencyNearMaximum(settingsOf(subject, run, {})),
}
