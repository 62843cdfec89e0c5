import { AFTER_WRITING, settle } from '../../harness/settle.ts'
import type { Subject } from '../../harness/side.ts'
import type { Outcome, RunSettings, Workload } from '../../harness/suite.ts'
import { consumerPerfTest, producerPerfTest, WARMUP_SHARE } from '../../loads/kafka-tools/index.ts'
import { freshTopic, memory, producerProperties, type Shape, shapeName, sizes } from './shapes.ts'

/** All sizes to one partition; what many cost shows with small ones, and over sockets. */
const shapes: readonly Shape[] = [
  ...sizes.map(recordBytes => ({ recordBytes, partitions: 1 })),
  { recordBytes: 100, partitions: 1000 },
]

/** A flush a batch takes long: enough shapes to see its ratio. */
const flushed = (shape: Shape): boolean =>
  [100, 1024].includes(shape.recordBytes) && shape.partitions === 1
/** What is written to it: a rate needs no more. */
const FLUSHED_SHARE = 1 / 4

/** Kafka's own programs, one producer and one consumer. */
export const toolWorkloads: readonly Workload[] = shapes.flatMap(shape => [
  produceWorkload(shape),
  consumeWorkload(shape),
])

function produceWorkload(shape: Shape): Workload {
  let topic = ''
  const isSmallAndWide = shape.recordBytes === 100 && shape.partitions === 1000
  const targets = { kafka: isSmallAndWide ? 1.3 : 1, ...(flushed(shape) && { 'kafka-flush': 5 }) }
  return {
    name: `produce, ${shapeName(shape)}`,
    group: 'kafka-producer-perf-test',
    sides: ['sabir', 'kafka', ...(flushed(shape) ? ['kafka-flush'] : [])],
    figures: [{ name: 'throughput', unit: 'records/s', better: 'more', targets }, memory],
    prepare: async (subject, settings) => {
      await countOf(shape, subject, settings)
      topic = await freshTopic(subject, shape)
      await settle(subject)
    },
    run: async (subject, settings) => {
      const records = await countOf(shape, subject, settings)
      const found = await fill(subject, shape, topic, records)
      // What the server puts off is a part of what a record costs.
      await settle(subject, AFTER_WRITING)
      return {
        messages: records,
        payloadBytes: records * shape.recordBytes,
        figures: { throughput: found.recordsPerSecond },
      }
    },
  }
}

function consumeWorkload(shape: Shape): Workload {
  return {
    name: `consume, ${shapeName(shape)}`,
    group: 'kafka-consumer-perf-test',
    sides: ['sabir', 'kafka'],
    figures: [
      { name: 'throughput', unit: 'records/s', better: 'more', targets: { kafka: 1 } },
      memory,
    ],
    prepare: async (subject, settings) => {
      if (filled.get(subject)?.shape === shape) return
      const records = await countOf(shape, subject, settings)
      await fill(subject, shape, await freshTopic(subject, shape), records)
      await settle(subject)
    },
    run: async (subject): Promise<Outcome> => {
      const { topic, records } = filled.get(subject)!
      const found = await consumerPerfTest({ port: subject.port, topic, records })
      return { messages: records, figures: { throughput: found.recordsPerSecond } }
    },
  }
}

/** What lies in a broker to be consumed: that of the last workload that produced. */
const filled = new WeakMap<Subject, { shape: Shape; topic: string; records: number }>()

function fill(subject: Subject, shape: Shape, topic: string, records: number) {
  filled.set(subject, { shape, topic, records })
  return producerPerfTest({
    port: subject.port,
    topic,
    records,
    recordBytes: shape.recordBytes,
    properties: producerProperties(shape),
  })
}

const counts = new Map<Shape, number>()
const TRIAL_RECORDS_MAX = 400_000
const TRIAL_BYTES_MAX = 128_000_000

/** As many as the first side takes in so many seconds, by a short trial; the same for all sides. */
async function countOf(shape: Shape, subject: Subject, { seconds }: RunSettings): Promise<number> {
  let count = counts.get(shape)
  if (count === undefined) {
    const topic = await freshTopic(subject, shape)
    const trial = Math.min(TRIAL_RECORDS_MAX, Math.ceil(TRIAL_BYTES_MAX / shape.recordBytes))
    const { recordsPerSecond } = await fill(subject, shape, topic, trial)
    count = Math.ceil((recordsPerSecond * seconds) / (1 - WARMUP_SHARE))
    counts.set(shape, count)
  }
  return subject.side === 'kafka-flush' ? Math.ceil(count * FLUSHED_SHARE) : count
}
