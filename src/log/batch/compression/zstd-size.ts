import { broken } from './codec.ts'

/**
 * How large Zstandard data may become, read from its frame and block headers alone. Java's
 * producers stream, and so write no content size; then each block counts as full.
 *
 *   28 b5 2f fd, descriptor, [window], [dictionary id], [content size]
 *   blocks: 24 bits little endian: last, type (2 bits), size (21 bits)
 *   [content checksum]
 */
const MAGIC = 0xfd2fb528
const SKIPPABLE_MAGIC = 0x184d2a50
const BLOCK_BYTES_MAX = 128 * 1024
const BLOCK = { raw: 0, repeated: 1, compressed: 2 } as const

export function zstdPlainBytesMax(packed: Buffer): number {
  let plainBytes = 0
  for (let from = 0; from < packed.length; ) {
    if (from + 8 > packed.length) throw broken('zstd', 'it ends inside a header')
    const magic = packed.readUInt32LE(from)
    if ((magic & 0xfffffff0) >>> 0 === SKIPPABLE_MAGIC) {
      from += 8 + packed.readUInt32LE(from + 4)
      continue
    }
    if (magic !== MAGIC) throw broken('zstd', 'it is not a Zstandard frame')
    const frame = walkFrame(packed, from)
    plainBytes += frame.plainBytes
    from = frame.next
  }
  return plainBytes
}

function walkFrame(packed: Buffer, start: number): { plainBytes: number; next: number } {
  const descriptor = packed[start + 4]!
  const isSingle = (descriptor & 0x20) !== 0
  const sizeBytes = [isSingle ? 1 : 0, 2, 4, 8][descriptor >>> 6]!
  const dictionaryBytes = [0, 1, 2, 4][descriptor & 3]!
  const sizeAt = start + 5 + (isSingle ? 0 : 1) + dictionaryBytes
  let from = sizeAt + sizeBytes
  let upTo = 0
  for (let isLast = false; !isLast; ) {
    if (from + 3 > packed.length) throw broken('zstd', 'it ends inside a block header')
    const word = packed.readUIntLE(from, 3)
    isLast = (word & 1) === 1
    const type = (word >>> 1) & 3
    const blockBytes = word >>> 3
    if (type === 3) throw broken('zstd', 'a block is of no known type')
    upTo += type === BLOCK.compressed ? BLOCK_BYTES_MAX : blockBytes
    from += 3 + (type === BLOCK.repeated ? 1 : blockBytes)
  }
  if (descriptor & 0x04) from += 4
  if (from > packed.length) throw broken('zstd', 'it ends inside a block')
  const announced = sizeBytes === 0 ? upTo : readContentSize(packed, sizeAt, sizeBytes)
  // A content size that its blocks cannot fill is a lie, and would be allocated.
  if (announced > upTo) throw broken('zstd', 'its size is impossible')
  return { plainBytes: announced, next: from }
}

function readContentSize(packed: Buffer, at: number, sizeBytes: number): number {
  if (sizeBytes === 1) return packed.readUInt8(at)
  if (sizeBytes === 2) return packed.readUInt16LE(at) + 256
  if (sizeBytes === 4) return packed.readUInt32LE(at)
  return packed.readUInt32LE(at) + packed.readUInt32LE(at + 4) * 2 ** 32
}
