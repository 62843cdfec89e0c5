import { broken } from './codec.ts'
import { copyWithin } from './snappy-block.ts'

/**
 * LZ4's block format: a row of sequences, each some literals and then a copy.
 *
 *   token                  high half: literal count, low half: copy length - 4; 15 means "and more"
 *   more literal bytes     255 … 255 rest
 *   literals
 *   distance               16 bits, little endian
 *   more copy length       255 … 255 rest
 *
 * The last sequence has literals only.
 */
const HASH_BITS = 14
const COPY_MIN = 4
/** The format's rule: the last five bytes are literals, and no copy starts in the last twelve. */
const LITERAL_TAIL_BYTES = 5
const COPY_TAIL_BYTES = 12
const DISTANCE_MAX = 0xffff

export type Output = { plain: Buffer; end: number }

/**
 * Unpacks `packed[start, end)` behind what `output` holds already (blocks of a frame may copy from
 * the blocks before), and never writes at or behind `limit`.
 */
export function lz4DecompressBlock(
  packed: Buffer,
  range: { readonly start: number; readonly end: number },
  output: Output,
  limit: number,
): void {
  const { plain } = output
  const { end } = range
  let from = range.start
  let to = output.end
  while (from < end) {
    const token = packed[from++]!
    let count = token >>> 4
    if (count === 15) {
      let byte = 255
      while (byte === 255) {
        if (from >= end) throw broken('lz4', 'it ends inside a length')
        byte = packed[from++]!
        count += byte
      }
    }
    if (count > end - from) throw broken('lz4', 'literals point outside')
    if (count > limit - to) throw broken('lz4', 'a block unpacks to too much')
    if (count > 16) packed.copy(plain, to, from, from + count)
    else for (let index = 0; index < count; index++) plain[to + index] = packed[from + index]!
    from += count
    to += count
    if (from === end) break // The last sequence has no copy.
    if (from + 2 > end) throw broken('lz4', 'it ends inside a distance')
    const distance = packed[from]! | (packed[from + 1]! << 8)
    from += 2
    let length = (token & 15) + COPY_MIN
    if (length === 15 + COPY_MIN) {
      let byte = 255
      while (byte === 255) {
        if (from >= end) throw broken('lz4', 'it ends inside a length')
        byte = packed[from++]!
        length += byte
      }
    }
    if (distance === 0 || distance > to) throw broken('lz4', 'a copy points outside')
    if (length > limit - to) throw broken('lz4', 'a block unpacks to too much')
    copyWithin(plain, to, distance, length)
    to += length
  }
  output.end = to
}

/** Appends the packed block at `to` and returns where it ends; the caller left enough room. */
export function lz4CompressBlock(plain: Buffer, packed: Buffer, to: number): number {
  const table = new Int32Array(1 << HASH_BITS).fill(-1)
  const copyEnd = plain.length - LITERAL_TAIL_BYTES
  const searchEnd = plain.length - COPY_TAIL_BYTES
  let literal = 0
  let from = 0
  let misses = 64
  while (from < searchEnd) {
    const word = plain.readInt32LE(from)
    const hash = Math.imul(word, 0x9e3779b1) >>> (32 - HASH_BITS)
    const candidate = table[hash]!
    table[hash] = from
    if (candidate < 0 || from - candidate > DISTANCE_MAX || plain.readInt32LE(candidate) !== word) {
      from += misses++ >>> 6
      continue
    }
    misses = 64
    let length = COPY_MIN
    while (from + length < copyEnd && plain[candidate + length] === plain[from + length]) length++
    const tokenAt = to
    to = writeLiterals(plain, { start: literal, end: from }, packed, to)
    to = writeCopy(packed, { tokenAt, to }, from - candidate, length)
    from += length
    literal = from
  }
  return writeLiterals(plain, { start: literal, end: plain.length }, packed, to)
}

/** The token, with no copy in it yet, and the literals behind it. */
function writeLiterals(
  plain: Buffer,
  range: { readonly start: number; readonly end: number },
  packed: Buffer,
  at: number,
): number {
  const count = range.end - range.start
  let to = at
  packed[to++] = Math.min(count, 15) << 4
  if (count >= 15) to = writeLength(packed, to, count - 15)
  plain.copy(packed, to, range.start, range.end)
  return to + count
}

function writeCopy(
  packed: Buffer,
  into: { readonly tokenAt: number; readonly to: number },
  distance: number,
  length: number,
): number {
  const over = length - COPY_MIN
  packed[into.tokenAt] = packed[into.tokenAt]! | Math.min(over, 15)
  const to = packed.writeUInt16LE(distance, into.to)
  return over >= 15 ? writeLength(packed, to, over - 15) : to
}

function writeLength(packed: Buffer, at: number, length: number): number {
  let to = at
  let rest = length
  for (; rest >= 255; rest -= 255) packed[to++] = 255
  packed[to++] = rest
  return to
}

export const lz4BlockBytesMax = (plainBytes: number): number =>
  plainBytes + Math.floor(plainBytes / 255) + 16
