import { createRequire } from 'node:module'
import { broken, type Codec, tooLarge } from './codec.ts'
import { lz4BlockBytesMax, lz4CompressBlock, lz4DecompressBlock, type Output } from './lz4-block.ts'
import { xxh32 } from './xxh32.ts'

/**
 * The LZ4 frame.
 *
 *   04 22 4d 18            magic, little endian
 *   flags                  version 01, independent blocks, block checksums, content size,
 *                          content checksum, dictionary id
 *   block size             bits 4-6: 4 is 64 KiB, each step up is four times as much
 *   [content size int64]
 *   header checksum        second byte of XXH32 over flags … content size
 *   [size int32, bytes, [checksum]] …    the high bit of the size marks a block not compressed
 *   00000000 [content checksum]
 *
 * We decode with our own code: it stops at a limit, which the native package cannot, and is about
 * as fast.
 */
const MAGIC = 0x184d2204
const SKIPPABLE_MAGIC = 0x184d2a50
const FLAG = { blockChecksum: 0x10, contentSize: 0x08, contentChecksum: 0x04, dictionary: 0x01 }
const RAW_BLOCK = 0x80000000
const BLOCK_BYTES = 64 * 1024
/** A block of LZ4 cannot unpack to more than 255 times its size. */
const RATIO_MAX = 255

type Lz4 = { compressFrameSync(plain: Buffer): Buffer }

let native: Lz4 | null | undefined

export const lz4Codec: Codec = {
  compress(plain) {
    const loaded = load()
    return loaded === null ? compressFrame(plain, 'right') : loaded.compressFrameSync(plain)
  },
  decompress: decompressFrames,
}

export const lz4PortableCodec: Codec = {
  compress: plain => compressFrame(plain, 'right'),
  decompress: decompressFrames,
}

/** For magic 0: clients of that time wrote, and some demand, a checksum that covers the magic. */
export const lz4LegacyCodec: Codec = {
  compress: plain => compressFrame(plain, 'wrong'),
  decompress: decompressFrames,
}

function compressFrame(plain: Buffer, headerChecksum: 'right' | 'wrong'): Buffer {
  const blockCount = Math.ceil(plain.length / BLOCK_BYTES)
  const packed = Buffer.allocUnsafe(7 + blockCount * (4 + lz4BlockBytesMax(BLOCK_BYTES)) + 4)
  packed.writeUInt32LE(MAGIC, 0)
  packed[4] = 0x60 // Version 1, independent blocks.
  packed[5] = 0x40 // Blocks of 64 KiB.
  packed[6] = (xxh32(packed, headerChecksum === 'right' ? 4 : 0, 6) >>> 8) & 0xff
  let to = 7
  for (let start = 0; start < plain.length; start += BLOCK_BYTES) {
    const block = plain.subarray(start, start + BLOCK_BYTES)
    const end = lz4CompressBlock(block, packed, to + 4)
    if (end - to - 4 < block.length) {
      packed.writeUInt32LE(end - to - 4, to)
      to = end
    } else {
      packed.writeUInt32LE((RAW_BLOCK | block.length) >>> 0, to)
      to += 4 + block.copy(packed, to + 4)
    }
  }
  to = packed.writeUInt32LE(0, to)
  return packed.subarray(0, to)
}

function decompressFrames(packed: Buffer, bytesMax: number): Buffer {
  const plainBytesMax = Math.min(bytesMax, packed.length * RATIO_MAX)
  const output: Output = { plain: Buffer.allocUnsafe(firstGuess(packed, plainBytesMax)), end: 0 }
  let from = 0
  while (from < packed.length) {
    if (from + 8 > packed.length) throw broken('lz4', 'it ends inside a header')
    const magic = packed.readUInt32LE(from)
    if ((magic & 0xfffffff0) >>> 0 === SKIPPABLE_MAGIC) {
      from += 8 + packed.readUInt32LE(from + 4)
      continue
    }
    if (magic !== MAGIC) throw broken('lz4', 'it is not an LZ4 frame')
    from = decompressFrame(packed, from, output, bytesMax)
  }
  return output.plain.subarray(0, output.end)
}

const firstGuess = (packed: Buffer, plainBytesMax: number): number =>
  Math.min(plainBytesMax, packed.length * 4 + BLOCK_BYTES)

type Frame = { readonly blockBytesMax: number; readonly flags: number; readonly next: number }

function decompressFrame(packed: Buffer, start: number, output: Output, bytesMax: number): number {
  const frame = readFrameHeader(packed, start)
  const frameStart = output.end
  let from = frame.next
  for (;;) {
    if (from + 4 > packed.length) throw broken('lz4', 'it ends before its end mark')
    const word = packed.readUInt32LE(from)
    from += 4
    if (word === 0) break
    const sizeBytes = word & 0x7fffffff
    const end = from + sizeBytes
    if (end > packed.length) throw broken('lz4', `a block of ${sizeBytes} bytes does not fit`)
    unpackBlock(packed, { start: from, end, isRaw: word >= RAW_BLOCK }, output, {
      blockBytesMax: frame.blockBytesMax,
      bytesMax,
    })
    from = end
    if (frame.flags & FLAG.blockChecksum) {
      expectChecksum(packed, from, xxh32(packed, from - sizeBytes, from))
      from += 4
    }
  }
  if (frame.flags & FLAG.contentChecksum) {
    expectChecksum(packed, from, xxh32(output.plain, frameStart, output.end))
    from += 4
  }
  return from
}

function unpackBlock(
  packed: Buffer,
  block: { readonly start: number; readonly end: number; readonly isRaw: boolean },
  output: Output,
  bounds: { readonly blockBytesMax: number; readonly bytesMax: number },
): void {
  const sizeBytes = block.end - block.start
  const grownBytes = block.isRaw ? sizeBytes : sizeBytes * RATIO_MAX
  if (block.isRaw && sizeBytes > bounds.blockBytesMax) throw broken('lz4', 'a block is too large')
  const limit = Math.min(output.end + Math.min(bounds.blockBytesMax, grownBytes), bounds.bytesMax)
  reserve(output, limit)
  if (!block.isRaw) {
    lz4DecompressBlock(packed, block, output, limit)
    return
  }
  if (sizeBytes > limit - output.end) throw tooLarge('lz4', bounds.bytesMax)
  packed.copy(output.plain, output.end, block.start, block.end)
  output.end += sizeBytes
}

/** Makes room up to `limit`, at least doubling, so that growing stays linear. */
function reserve(output: Output, limit: number): void {
  if (limit <= output.plain.length) return
  const grown = Buffer.allocUnsafe(Math.max(limit, output.plain.length * 2))
  output.plain.copy(grown, 0, 0, output.end)
  output.plain = grown
}

function readFrameHeader(packed: Buffer, start: number): Frame {
  const flags = packed[start + 4]!
  if (flags >>> 6 !== 1) throw broken('lz4', 'its version is unknown')
  if (flags & FLAG.dictionary) throw broken('lz4', 'it needs a dictionary')
  const sizeCode = (packed[start + 5]! >>> 4) & 7
  if (sizeCode < 4) throw broken('lz4', 'its block size is unknown')
  const checksumAt = start + 6 + (flags & FLAG.contentSize ? 8 : 0)
  if (checksumAt >= packed.length) throw broken('lz4', 'it ends inside a header')
  const checksum = packed[checksumAt]!
  const isRight = ((xxh32(packed, start + 4, checksumAt) >>> 8) & 0xff) === checksum
  const isOldWrong = () => ((xxh32(packed, start, checksumAt) >>> 8) & 0xff) === checksum
  if (!isRight && !isOldWrong()) throw broken('lz4', 'the checksum of its header does not match')
  return { flags, blockBytesMax: 1 << (2 * sizeCode + 8), next: checksumAt + 1 }
}

function expectChecksum(packed: Buffer, at: number, checksum: number): void {
  if (at + 4 > packed.length || packed.readUInt32LE(at) !== checksum)
    throw broken('lz4', 'a checksum does not match')
}

function load(): Lz4 | null {
  if (native === undefined) {
    try {
      native = createRequire(import.meta.url)('lz4-napi') as Lz4
    } catch {
      native = null
    }
  }
  return native
}
