import { AFTER_WRITING, settle } from '../../harness/settle.ts'
import type { Subject } from '../../harness/side.ts'
import type { Workload } from '../../harness/suite.ts'
import { runConsume } from '../../loads/kafka/consume.ts'
import { runProduce } from '../../loads/kafka/produce.ts'
import { settingsOf } from '../../loads/kafka/settings.ts'
import { freshTopic, memory, type Shape, shapeName } from './shapes.ts'

/** What a broker can do when a client costs next to nothing. */
const shapes: readonly Shape[] = [
  ...[10, 100, 1024, 1024 * 1024].map(recordBytes => ({ recordBytes, partitions: 16 })),
  { recordBytes: 100, partitions: 1000 },
]
const CONNECTIONS = 4
/** Reading is faster than writing was; this is for a broker that is not. */
const READ_SECONDS_MAX = 60

/** Our generator over plain sockets: batches made beforehand, answers hardly looked at. */
export const socketWorkloads: readonly Workload[] = shapes.flatMap(shape => [
  produceWorkload(shape),
  consumeWorkload(shape),
])

function produceWorkload(shape: Shape): Workload {
  let topic = ''
  return {
    name: `produce over sockets, ${shapeName(shape)}`,
    group: 'Produce over plain sockets',
    sides: ['sabir', 'kafka'],
    figures: [
      { name: 'throughput', unit: 'records/s', better: 'more', targets: { kafka: 1 } },
      memory,
    ],
    prepare: async subject => {
      topic = await freshTopic(subject, shape)
      await settle(subject)
    },
    run: async (subject, { seconds }) => {
      const { records, bytes, ...found } = await fill(subject, shape, topic, seconds)
      // What the server puts off is a part of what a record costs.
      await settle(subject, AFTER_WRITING)
      const figures = { throughput: records / found.seconds }
      return { messages: records, payloadBytes: bytes, figures }
    },
  }
}

function consumeWorkload(shape: Shape): Workload {
  return {
    name: `consume over sockets, ${shapeName(shape)}`,
    group: 'Consume over plain sockets',
    sides: ['sabir', 'kafka'],
    figures: [
      { name: 'throughput', unit: 'records/s', better: 'more', targets: { kafka: 1 } },
      memory,
    ],
    prepare: async (subject, { seconds }) => {
      if (filled.get(subject)?.shape === shape) return
      await fill(subject, shape, await freshTopic(subject, shape), seconds)
      await settle(subject)
    },
    run: async subject => {
      const { topic, records } = filled.get(subject)!
      const found = await runConsume(settingsFor(subject, shape, topic, READ_SECONDS_MAX), records)
      if (found.records < records)
        throw new Error(`${found.records} of ${records} records were read`)
      return { messages: records, figures: { throughput: found.records / found.seconds } }
    },
  }
}

const filled = new WeakMap<Subject, { shape: Shape; topic: string; records: number }>()

async function fill(subject: Subject, shape: Shape, topic: string, seconds: number) {
  const produced = await runProduce(settingsFor(subject, shape, topic, seconds))
  filled.set(subject, { shape, topic, records: produced.records })
  return produced
}

function settingsFor({ port }: Subject, shape: Shape, topic: string, seconds: number) {
  const warmupSeconds = Math.min(1, seconds / 4)
  return settingsOf({ ...shape, port, topic, seconds, warmupSeconds, connections: CONNECTIONS })
}
