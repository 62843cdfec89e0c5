import { crc32c } from '../../lib/crc32c.ts'
import type { QueueId } from '../queue/index.ts'

/** Where a job lies: what its id says, so that no index of ids is needed. */
export type JobPlace = {
  readonly queue: QueueId
  readonly lane: number
  readonly offset: number
  /** See `markOf`. */
  readonly mark: number
}

const JOB_ID_LENGTH = 40
const NODE_DIGITS = 8
const PLACE_AT = 2 + NODE_DIGITS + 1
const TTL_AT = PLACE_AT + 24 + 1
const MINUTES_MAX = 65_535
/** Queue (uint32), lane (uint16), offset (uint48), mark (uint16), CRC-32C of those. */
const PLACE_BYTES = 18
const CHECKED_BYTES = 14

const scratch = Buffer.alloc(PLACE_BYTES)
const moment = Buffer.alloc(8)

/**
 * Tells jobs apart that lie at the same place, one after the other: what is lost in a crash leaves
 * its place, and perhaps its id with somebody who was not to wait for the disk.
 */
export function markOf(createdAt: number): number {
  moment.writeDoubleBE(createdAt)
  return crc32c(moment) & 0xffff
}

/**
 * A job's id as Disque writes it: `D-`, eight digits of the node's id, 144 bits in base64, the time
 * to live in minutes, which is odd when the job may be delivered more than once. The 144 bits say
 * where the job lies; others take them as they are.
 */
export function jobIdOf(
  place: JobPlace,
  node: string,
  times: { readonly ttl: number; readonly retry: number },
): string {
  scratch.writeUInt32BE(place.queue, 0)
  scratch.writeUInt16BE(place.lane, 4)
  scratch.writeUIntBE(place.offset, 6, 6)
  scratch.writeUInt16BE(place.mark, 12)
  scratch.writeUInt32BE(crc32c(scratch.subarray(0, CHECKED_BYTES)), CHECKED_BYTES)
  const minutes = Math.min(Math.floor(times.ttl / 60), MINUTES_MAX)
  const marked = times.retry > 0 ? minutes | 1 : minutes & ~1
  const digits = marked.toString(16).padStart(4, '0')
  return `D-${node.slice(0, NODE_DIGITS)}-${scratch.toString('base64')}-${digits}`
}

/** Whether it has the form of an id; whose it is remains to be seen. */
export const isJobId = (id: string): boolean =>
  id.length === JOB_ID_LENGTH &&
  id.startsWith('D-') &&
  id[PLACE_AT - 1] === '-' &&
  id[TTL_AT - 1] === '-'

/** Undefined when no broker of ours made the id. */
export function placeOf(id: string): JobPlace | undefined {
  const bytes = Buffer.from(id.slice(PLACE_AT, TTL_AT - 1), 'base64')
  if (bytes.length !== PLACE_BYTES) return undefined
  const isOurs = bytes.readUInt32BE(CHECKED_BYTES) === crc32c(bytes.subarray(0, CHECKED_BYTES))
  if (!isOurs) return undefined
  const queue = bytes.readUInt32BE(0) as QueueId
  const [lane, offset] = [bytes.readUInt16BE(4), bytes.readUIntBE(6, 6)]
  return { queue, lane, offset, mark: bytes.readUInt16BE(12) }
}
