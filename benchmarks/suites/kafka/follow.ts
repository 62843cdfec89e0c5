import { settle } from '../../harness/settle.ts'
import type { Subject } from '../../harness/side.ts'
import type { RunSettings, Workload } from '../../harness/suite.ts'
import { type FollowResult, runFollow } from '../../loads/kafka/follow.ts'
import { settingsOf } from '../../loads/kafka/settings.ts'
import { endToEndLatency } from '../../loads/kafka-tools/index.ts'
import { freshTopic, memory } from './shapes.ts'

const shape = { recordBytes: 100, partitions: 16 }
const CONNECTIONS = 4
const SHARE_OF_MAXIMUM = 0.8
/** How long each look for the maximum takes. */
const TRIAL_SECONDS = 2
/** At the same rate, before times count. */
const WARMUP_SECONDS = 2
/** Of a rate: with less, times are those of a broker that falls behind. */
const REACHED_SHARE = 0.98

/** From when a record was due to when a consumer that fetches at once has it. */
export const latencyWorkloads: readonly Workload[] = [
  oneByOne(),
  ...[1000, 10_000, 50_000].map(rate =>
    latencyWorkload(`at ${rate / 1000} k records/s`, async () => rate),
  ),
  latencyWorkload('at 80 % of its maximum', nearMaximum),
]

function latencyWorkload(
  name: string,
  rateOf: (subject: Subject, settings: RunSettings) => Promise<number>,
): Workload {
  let rate = 0
  return {
    name: `latency, ${name}`,
    group: 'Latency from due to consumed',
    sides: ['sabir', 'kafka'],
    figures: [
      { name: 'p50', unit: 'ms', better: 'less' },
      { name: 'p99', unit: 'ms', better: 'less', targets: { kafka: 1 } },
      { name: 'p99.9', unit: 'ms', better: 'less' },
      { name: 'rate', unit: 'records/s', better: 'more' },
      memory,
    ],
    prepare: async (subject, settings) => {
      rate = await rateOf(subject, settings)
      await settle(subject)
    },
    run: async (subject, { seconds }) => {
      const found = await follow(subject, { seconds, rate, readers: 1 })
      const isReached = found.delivered >= rate * found.seconds * REACHED_SHARE
      const asked = Math.round(rate).toLocaleString('en-US')
      return {
        ...(isReached ? {} : { remark: `${asked} records/s were due and not reached` }),
        messages: found.written,
        figures: {
          p50: found.p50Ms,
          p99: found.p99Ms,
          'p99.9': found.p999Ms,
          rate: found.delivered / found.seconds,
        },
      }
    },
  }
}

/** Of what it takes at a pace: that is less than it takes in batches that are always full. */
async function nearMaximum(subject: Subject, run: RunSettings): Promise<number> {
  const seconds = Math.min(TRIAL_SECONDS, run.seconds)
  const full = await follow(subject, { seconds, rate: 0, readers: 1 })
  const rate = full.delivered / full.seconds
  const paced = await follow(subject, { seconds, rate, readers: 1 })
  return (SHARE_OF_MAXIMUM * paced.delivered) / paced.seconds
}

/** Each takes some milliseconds: enough of them for a percentile, not for long. */
const ROUND_TRIPS_A_SECOND = 100

function oneByOne(): Workload {
  let topic = ''
  return {
    name: 'latency, kafka-e2e-latency, one record at a time',
    group: 'Latency from due to consumed',
    sides: ['sabir', 'kafka', 'kafka-flush'],
    figures: [
      { name: 'average', unit: 'ms', better: 'less' },
      { name: 'p99', unit: 'ms', better: 'less' },
    ],
    prepare: async subject => {
      topic = await freshTopic(subject, { ...shape, partitions: 1 })
    },
    run: async ({ port }, { seconds }) => {
      const records = ROUND_TRIPS_A_SECOND * seconds
      const { recordBytes } = shape
      const { averageMs, p99Ms } = await endToEndLatency({ port, topic, records, recordBytes })
      return { messages: records, figures: { average: averageMs, p99: p99Ms } }
    },
  }
}

/** As fast as all of so many consumers, each of everything, keep up. */
export const fanOutWorkloads: readonly Workload[] = [1, 10, 100].map(readers => ({
  name: `fan-out, ${readers} ${readers === 1 ? 'consumer' : 'consumers'}`,
  sides: ['sabir', 'kafka'],
  figures: [
    { name: 'delivered', unit: 'records/s', better: 'more', targets: { kafka: 1 } },
    memory,
  ],
  prepare: subject => settle(subject),
  run: async (subject, { seconds }) => {
    const found = await follow(subject, { seconds, rate: 0, readers })
    return {
      messages: found.written * readers,
      figures: { delivered: found.delivered / found.seconds },
    }
  },
}))

type Follow = { seconds: number; rate: number; readers: number }

async function follow(subject: Subject, given: Follow): Promise<FollowResult> {
  const topic = await freshTopic(subject, shape)
  const { port } = subject
  const connections = CONNECTIONS
  const warmup = { warmupSeconds: WARMUP_SECONDS }
  return runFollow(settingsOf({ ...shape, ...given, ...warmup, port, topic, connections }))
}
