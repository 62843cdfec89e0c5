import { typeOfTag } from '../../codec/index.ts'

const TEXT = 0x53
const TABLE = 0x46
const ARRAY = 0x41
const BYTES = 0x78
const DECIMAL = 0x44
/** A value in a value in a value: nobody means more, and each costs a stack frame. */
const DEPTH_MAX = 64

/** Bytes of the value behind each type byte that has a fixed size; 0 for all others. */
const fixedBytes = new Uint8Array(256)
for (const letter of 'bBt') fixedBytes[letter.charCodeAt(0)] = 1
for (const letter of 'su') fixedBytes[letter.charCodeAt(0)] = 2
for (const letter of 'Iif') fixedBytes[letter.charCodeAt(0)] = 4
for (const letter of 'lLdT') fixedBytes[letter.charCodeAt(0)] = 8
fixedBytes[DECIMAL] = 5

const VOID = 0x56

/** A 32-bit length or count, unsigned. */
export function uint32At(bytes: Buffer, at: number): number {
  return bytes[at]! * 0x1000000 + ((bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!)
}

/**
 * Where the field value whose type byte lies at `at` ends, or -1 when it is malformed or reaches
 * beyond `end`. Types as RabbitMQ has them (its errata to section 4.2.1).
 */
export function valueEnd(bytes: Buffer, at: number, end: number, depth = 0): number {
  if (at >= end) return -1
  const type = bytes[at]!
  const fixed = fixedBytes[type]!
  if (fixed > 0) return at + 1 + fixed <= end ? at + 1 + fixed : -1
  if (type === VOID) return at + 1
  if (type !== TEXT && type !== BYTES && type !== TABLE && type !== ARRAY) return -1
  if (at + 5 > end) return -1
  const start = at + 5
  const next = start + uint32At(bytes, at + 1)
  if (next > end) return -1
  if (type === TEXT || type === BYTES) return next
  if (depth >= DEPTH_MAX) return -1
  const isSound =
    type === TABLE ? isTable(bytes, start, next, depth + 1) : isArray(bytes, start, next, depth + 1)
  return isSound ? next : -1
}

function isTable(bytes: Buffer, start: number, end: number, depth: number): boolean {
  let at = start
  while (at < end) {
    at = valueEnd(bytes, at + 1 + bytes[at]!, end, depth)
    if (at === -1) return false
  }
  return true
}

function isArray(bytes: Buffer, start: number, end: number, depth: number): boolean {
  let at = start
  while (at < end) {
    at = valueEnd(bytes, at, end, depth)
    if (at === -1) return false
  }
  return true
}

/** Whether the bytes are the text (of ASCII characters). */
export function isText(bytes: Buffer, start: number, end: number, text: string): boolean {
  if (end - start !== text.length) return false
  for (let index = 0; index < text.length; index++)
    if (bytes[start + index] !== text.charCodeAt(index)) return false
  return true
}

/** The long strings of an array value, or null when the value is of another type. */
export function textsAt(bytes: Buffer, valueAt: number): string[] | null {
  if (bytes[valueAt] !== ARRAY) return null
  const texts: string[] = []
  const end = valueAt + 5 + uint32At(bytes, valueAt + 1)
  for (let at = valueAt + 5; at < end; at = valueEnd(bytes, at, end))
    if (bytes[at] === TEXT) texts.push(bytes.toString('utf8', at + 5, valueEnd(bytes, at, end)))
  return texts
}

/** The whole number of a value of any integer type, or null. Saturates beyond 2^53. */
export function integerAt(bytes: Buffer, valueAt: number): number | null {
  const at = valueAt + 1
  switch (String.fromCharCode(bytes[valueAt]!)) {
    case 'b':
      return bytes.readInt8(at)
    case 'B':
      return bytes[at]!
    case 's':
      return bytes.readInt16BE(at)
    case 'u':
      return bytes.readUInt16BE(at)
    case 'I':
      return bytes.readInt32BE(at)
    case 'i':
      return bytes.readUInt32BE(at)
    case 'l':
    case 'L':
      return Number(bytes.readBigInt64BE(at))
    default:
      return null
  }
}

/** What RabbitMQ calls the type of a value, in its error messages. */
export function typeNameAt(bytes: Buffer, valueAt: number): string {
  return typeOfTag(bytes[valueAt]!) ?? 'unknown'
}
