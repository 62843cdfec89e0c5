import type { Subject } from '../../harness/side.ts'
import type { Figure } from '../../harness/suite.ts'
import { dropTopics, makeTopic } from '../../loads/kafka/topics.ts'
import { Wire } from '../../loads/kafka/wire.ts'
import { size } from '../size.ts'

/** What is written to a topic of how many partitions. */
export type Shape = { readonly recordBytes: number; readonly partitions: number }

const KIBIBYTE = 1024
const MEBIBYTE = 1024 * KIBIBYTE
/** Of records, in bytes. */
export const sizes = [10, 100, KIBIBYTE, 16 * KIBIBYTE, MEBIBYTE]
/** Above it, the limits of producers and topics must be raised. */
const DEFAULT_FITS_BYTES = 1_000_000
const RAISED_BYTES = 2 * MEBIBYTE

export function shapeName({ recordBytes, partitions }: Shape): string {
  const several =
    partitions === 1 ? '1 partition' : `${partitions.toLocaleString('en-US')} partitions`
  return `${size(recordBytes)}, ${several}`
}

/** The server's, while a workload runs. */
export const memory: Figure = {
  name: 'peak memory',
  unit: 'MB',
  better: 'less',
  targets: { kafka: 0.25 },
}

/** Of a producer that is to send such records. */
export function producerProperties({ recordBytes }: Shape): string[] {
  return recordBytes > DEFAULT_FITS_BYTES ? [`max.request.size=${RAISED_BYTES}`] : []
}

/** Of topics that lie on a broker for a while, and go when the next one is made. */
const made = new WeakMap<Subject, string[]>()
let topicLast = 0

/** A new one. Those that were made on this broker before are deleted, to bound what lies there. */
export async function freshTopic(subject: Subject, shape: Shape): Promise<string> {
  const wire = await Wire.open('127.0.0.1', subject.port)
  const before = made.get(subject) ?? []
  if (before.length > 0) await dropTopics(wire, before)
  const topic = `bench-${++topicLast}`
  made.set(subject, [topic])
  const isLarge = shape.recordBytes > DEFAULT_FITS_BYTES
  const configs = isLarge ? { 'max.message.bytes': String(RAISED_BYTES) } : {}
  await makeTopic(wire, { topic, partitions: shape.partitions, configs })
  wire.close()
  return topic
}
