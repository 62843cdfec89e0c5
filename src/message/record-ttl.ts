import { propertyHeaders } from './record-mapping.ts'

const NAME = Buffer.from(propertyHeaders.ttlMs)
const DIGITS_MAX = 15
const ZERO = 0x30

/** Where the varint just read ends. */
let after = 0

/**
 * How long a record of a Kafka producer lives, by its header `expiration`: whole milliseconds, as
 * text. -1 when there is none, or it says something else. Of several the last one counts. Headers
 * lie in `[start, end)`; it is asked for every record that has some, and makes nothing.
 */
export function ttlMsIn(bytes: Buffer, start: number, end: number): number {
  let ttlMs = -1
  for (let at = start; at < end; ) {
    const nameEnd = fieldEnd(bytes, at, end)
    const isName =
      nameEnd - after === NAME.length && bytes[after] === NAME[0] && isNameAt(bytes, after)
    if (nameEnd < 0) return ttlMs
    const valueEnd = fieldEnd(bytes, nameEnd, end)
    if (valueEnd < 0) return ttlMs
    if (isName) ttlMs = wholeNumber(bytes, after, valueEnd)
    at = valueEnd
  }
  return ttlMs
}

/** Behind a field that begins at `after`; -1 when it does not fit. A null field is an empty one. */
function fieldEnd(bytes: Buffer, start: number, end: number): number {
  let zigzag = 0
  let at = start
  for (let scale = 1; scale <= 0x80 ** 4; scale *= 0x80) {
    if (at >= end) return -1
    const byte = bytes[at++]!
    zigzag += (byte & 0x7f) * scale
    if (byte < 0x80) {
      after = at
      const fieldBytes = zigzag % 2 === 0 ? zigzag / 2 : 0
      return fieldBytes > end - at ? -1 : at + fieldBytes
    }
  }
  return -1
}

const isNameAt = (bytes: Buffer, start: number): boolean =>
  bytes.compare(NAME, 0, NAME.length, start, start + NAME.length) === 0

function wholeNumber(bytes: Buffer, start: number, end: number): number {
  if (end === start || end - start > DIGITS_MAX) return -1
  let value = 0
  for (let at = start; at < end; at++) {
    const digit = bytes[at]! - ZERO
    if (digit < 0 || digit > 9) return -1
    value = value * 10 + digit
  }
  return value
}
