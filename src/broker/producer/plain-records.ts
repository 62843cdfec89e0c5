import { HEADER_BYTES } from '../../log/batch/index.ts'

/** Where the number that was read last ends. */
let end = 0

/** A varint of at most three bytes that is not negative; -1 for any other. */
function natural(bytes: Buffer, at: number): number {
  const first = bytes[at]!
  if (first < 0x80) {
    end = at + 1
    return first & 1 ? -1 : first >>> 1
  }
  const second = bytes[at + 1]!
  if (second < 0x80) {
    end = at + 2
    return first & 1 ? -1 : (second << 6) | ((first & 0x7f) >>> 1)
  }
  const third = bytes[at + 2]!
  end = at + 3
  if (first & 1 || !(third < 0x80)) return -1
  return (third << 13) | ((second & 0x7f) << 6) | ((first & 0x7f) >>> 1)
}

/**
 * The largest timestamp delta of records that are as nearly all are: not compressed, numbered from
 * 0 on, without headers, none older than the first. -1 when one is not, be it good or bad: then
 * they are to be looked at one by one, which takes four times as long.
 */
export function plainMaxDelta(batch: Buffer, count: number): number {
  let at: number = HEADER_BYTES
  let maxDelta = 0
  for (let index = 0; index < count; index++) {
    const sizeBytes = natural(batch, at)
    const recordEnd = end + sizeBytes
    const delta = natural(batch, end + 1) // Behind the attributes, of which none are defined.
    const offsetDelta = natural(batch, end)
    if (sizeBytes < 6 || delta < 0 || offsetDelta !== index) return -1
    if (delta > maxDelta) maxDelta = delta
    if (batch[end] === NULL) end++
    else if (!skipField(batch)) return -1
    if (!skipField(batch)) return -1
    // What is read lies behind what was read before, so nothing was beyond this end.
    if (batch[end] !== 0 || end + 1 !== recordEnd) return -1
    at = recordEnd
  }
  return at === batch.length ? maxDelta : -1
}

/** As a length. */
const NULL = 1

function skipField(batch: Buffer): boolean {
  const length = natural(batch, end)
  end += length
  return length >= 0
}
