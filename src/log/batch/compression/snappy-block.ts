import { broken } from './codec.ts'

/**
 * Snappy's block format: the plain size as a varint, then literals and copies.
 *
 *   tag & 3   0 literal, 1 copy with 11-bit distance, 2 with 16 bits, 3 with 32 bits
 */
const HASH_BITS = 14
/** Distances are kept in sixteen bits, so the input is compressed in fragments of this size. */
const FRAGMENT_BYTES = 1 << 16

/** A copy of 64 bytes takes three, so no honest block is packed tighter than this. */
const RATIO_MAX = 22

/** What the block says it unpacks to. Throws when it says nothing sensible. */
export function snappyPlainBytes(packed: Uint8Array): number {
  const { value } = readSize(packed)
  if (value > packed.length * RATIO_MAX) throw broken('snappy', 'its size is impossible')
  return value
}

export function snappyDecompressBlock(packed: Uint8Array): Buffer {
  const { value: plainBytes, next } = readSize(packed)
  if (plainBytes > packed.length * RATIO_MAX) throw broken('snappy', 'its size is impossible')
  const plain = Buffer.allocUnsafe(plainBytes)
  let from = next
  let to = 0
  while (from < packed.length) {
    const tag = packed[from++]!
    if ((tag & 3) === 0) {
      let length = (tag >>> 2) + 1
      if (length > 60) {
        const extra = length - 60
        if (from + extra > packed.length) throw broken('snappy', 'it ends inside a literal')
        length = readLittle(packed, from, extra) + 1
        from += extra
      }
      if (from + length > packed.length || to + length > plainBytes)
        throw broken('snappy', 'a literal is too long')
      plain.set(packed.subarray(from, from + length), to)
      from += length
      to += length
      continue
    }
    const extra = (tag & 3) === 3 ? 4 : tag & 3
    if (from + extra > packed.length) throw broken('snappy', 'it ends inside a copy')
    const isShort = extra === 1
    const length = isShort ? ((tag >>> 2) & 7) + 4 : (tag >>> 2) + 1
    const low = readLittle(packed, from, extra)
    const distance = isShort ? ((tag & 0xe0) << 3) | low : low
    from += extra
    if (distance === 0 || distance > to || to + length > plainBytes)
      throw broken('snappy', 'a copy points outside')
    copyWithin(plain, to, distance, length)
    to += length
  }
  if (to !== plainBytes) throw broken('snappy', 'it ends early')
  return plain
}

export function snappyCompressBlock(plain: Buffer): Buffer {
  const packed = Buffer.allocUnsafe(32 + plain.length + Math.floor(plain.length / 6))
  let to = 0
  let rest = plain.length
  for (; rest >= 0x80; rest >>>= 7) packed[to++] = (rest & 0x7f) | 0x80
  packed[to++] = rest
  const table = new Uint16Array(1 << HASH_BITS)
  for (let start = 0; start < plain.length; start += FRAGMENT_BYTES) {
    table.fill(0)
    const end = Math.min(plain.length, start + FRAGMENT_BYTES)
    to = compressFragment(plain, { start, end }, table, { packed, to })
  }
  return packed.subarray(0, to)
}

type Range = { readonly start: number; readonly end: number }
type Target = { readonly packed: Buffer; readonly to: number }

function compressFragment(plain: Buffer, range: Range, table: Uint16Array, into: Target): number {
  const { packed } = into
  let to = into.to
  let literal = range.start
  let from = range.start + 1
  let misses = 32
  while (from + 4 <= range.end) {
    const word = plain.readInt32LE(from)
    const hash = Math.imul(word, 0x1e35a7bd) >>> (32 - HASH_BITS)
    const candidate = range.start + table[hash]!
    table[hash] = from - range.start
    if (candidate >= from || plain.readInt32LE(candidate) !== word) {
      // Data that does not compress is skimmed ever faster.
      from += misses++ >>> 5
      continue
    }
    misses = 32
    if (literal < from) to = writeLiteral(packed, to, plain, { start: literal, end: from })
    let length = 4
    while (from + length < range.end && plain[candidate + length] === plain[from + length]) length++
    to = writeCopy(packed, to, from - candidate, length)
    from += length
    literal = from
  }
  if (literal < range.end) to = writeLiteral(packed, to, plain, { start: literal, end: range.end })
  return to
}

function writeLiteral(packed: Buffer, at: number, plain: Buffer, range: Range): number {
  let to = at
  const last = range.end - range.start - 1
  if (last < 60) {
    packed[to++] = last << 2
  } else if (last < 0x100) {
    packed[to++] = 60 << 2
    packed[to++] = last
  } else {
    packed[to++] = 61 << 2
    to = packed.writeUInt16LE(last, to)
  }
  plain.copy(packed, to, range.start, range.end)
  return to + last + 1
}

function writeCopy(packed: Buffer, at: number, distance: number, length: number): number {
  let to = at
  let rest = length
  while (rest > 0) {
    // Never leave a rest below four: the short form cannot say it, and the long one wastes.
    const step = rest > 64 ? (rest < 68 ? 60 : 64) : rest
    packed[to++] = ((step - 1) << 2) | 2
    to = packed.writeUInt16LE(distance, to)
    rest -= step
  }
  return to
}

/** Copies forward inside one buffer; what was just written may be its own source. */
export function copyWithin(bytes: Buffer, to: number, distance: number, length: number): void {
  if (distance >= length && length > 16) {
    bytes.copyWithin(to, to - distance, to - distance + length)
    return
  }
  for (let at = to; at < to + length; at++) bytes[at] = bytes[at - distance]!
}

function readLittle(bytes: Uint8Array, at: number, count: number): number {
  let value = 0
  for (let index = count - 1; index >= 0; index--) value = value * 256 + bytes[at + index]!
  return value
}

function readSize(packed: Uint8Array): { value: number; next: number } {
  let value = 0
  for (let index = 0; index < 5; index++) {
    const byte = packed[index]
    if (byte === undefined) break
    value += (byte & 0x7f) * 2 ** (7 * index)
    if (byte < 0x80) return { value, next: index + 1 }
  }
  throw broken('snappy', 'it has no size')
}
