import { setTimeout as sleep } from 'node:timers/promises'
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

const LOOK_EVERY_MS = 250
const QUIET_SHARE = 0.1
/** Work that is put off has pauses. */
const QUIET_MS = 750
/** Sabir looks for what is to be rewritten every five seconds: it is not to meet those who read. */
export const AFTER_WRITING = { quietMs: 5500, secondsMax: 20 }

/** Waits until the server has done what it put off, some seconds at most. */
export async function settle(
  subject: Subject,
  { quietMs, secondsMax } = { quietMs: QUIET_MS, secondsMax: 10 },
): Promise<void> {
  const deadline = performance.now() + secondsMax * 1000
  let before = subject.usage().cpuSeconds
  for (let quiet = 0; quiet * LOOK_EVERY_MS < quietMs && performance.now() < deadline; ) {
    await sleep(LOOK_EVERY_MS)
    const now = subject.usage().cpuSeconds
    quiet = now - before < (QUIET_SHARE * LOOK_EVERY_MS) / 1000 ? quiet + 1 : 0
    before = now
  }
}
