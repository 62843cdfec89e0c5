import { propertiesNone } from './common.ts'
import type { Mapping } from './mapping.ts'
import { origins } from './origin.ts'

/** What the sender of a job asked for, in seconds. */
export type JobProperties = {
  /** From getting it without an acknowledgement until it goes out again; 0: never. */
  readonly retry: number
  /** The whole life of the job. */
  readonly ttl: number
  /** Before it was first to be had. */
  readonly delay: number
  /** When it was made: milliseconds since 1970, with the place in that millisecond as fraction. */
  readonly createdAt: number
}

const BYTES = 20
const NONE = Buffer.alloc(0)

/** Three uint32 (retry, ttl, delay), one float64 (createdAt). */
export function encodeJobProperties(properties: JobProperties): Buffer {
  const bytes = Buffer.allocUnsafe(BYTES)
  bytes.writeUInt32BE(properties.retry, 0)
  bytes.writeUInt32BE(properties.ttl, 4)
  bytes.writeUInt32BE(properties.delay, 8)
  bytes.writeDoubleBE(properties.createdAt, 12)
  return bytes
}

/** Undefined when there are none. */
export function decodeJobProperties(
  bytes: Buffer,
  start: number,
  end: number,
): JobProperties | undefined {
  if (end - start !== BYTES) return undefined
  return {
    retry: bytes.readUInt32BE(start),
    ttl: bytes.readUInt32BE(start + 4),
    delay: bytes.readUInt32BE(start + 8),
    createdAt: bytes.readDoubleBE(start + 12),
  }
}

/** Times of a job that readers of other protocols may want to know are headers, in seconds. */
export const jobMapping: Mapping = {
  origin: origins.disque,
  protocol: 'disque',
  toCommon: bytes => {
    const job = decodeJobProperties(bytes, 0, bytes.length)
    if (job === undefined) return propertiesNone
    const headers = new Map([
      ['retry', job.retry],
      ['delay', job.delay],
    ])
    return { ...propertiesNone, isPersistent: true, timestamp: Math.floor(job.createdAt), headers }
  },
  fromCommon: () => NONE,
}
