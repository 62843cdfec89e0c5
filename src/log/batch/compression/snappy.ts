import { createRequire } from 'node:module'
import { broken, type Codec, tooLarge } from './codec.ts'
import { snappyCompressBlock, snappyDecompressBlock, snappyPlainBytes } from './snappy-block.ts'

/**
 * Kafka's Java clients wrap Snappy blocks in the frame of snappy-java ("xerial"); others send one
 * bare block. Both are read, the frame is written, as every Kafka client understands it.
 *
 *   82 53 4e 41 50 50 59 00   magic
 *   00000001 00000001         version, oldest version that reads it
 *   [size int32, block] …
 */
const FRAME_MAGIC = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00])
const FRAME_HEADER_BYTES = 16
/** The block size of snappy-java. */
const BLOCK_BYTES = 32 * 1024

type Snappy = {
  compressSync(input: Uint8Array, options: { copyOutputData: boolean }): Buffer
  uncompressSync(input: Uint8Array, options: { copyOutputData: boolean }): Buffer
}

let native: Snappy | null | undefined

export const snappyCodec: Codec = {
  compress: plain => compressWith(nativeCompress() ?? snappyCompressBlock, plain),
  decompress: (packed, bytesMax) =>
    decompressWith(nativeDecompress() ?? snappyDecompressBlock, packed, bytesMax),
}

/** The same without native code. */
export const snappyPortableCodec: Codec = {
  compress: plain => compressWith(snappyCompressBlock, plain),
  decompress: (packed, bytesMax) => decompressWith(snappyDecompressBlock, packed, bytesMax),
}

function compressWith(compressBlock: (plain: Buffer) => Buffer, plain: Buffer): Buffer {
  const header = Buffer.alloc(FRAME_HEADER_BYTES)
  FRAME_MAGIC.copy(header)
  header.writeInt32BE(1, 8)
  header.writeInt32BE(1, 12)
  const parts: Buffer[] = [header]
  for (let start = 0; start < plain.length; start += BLOCK_BYTES) {
    const block = compressBlock(plain.subarray(start, start + BLOCK_BYTES))
    const size = Buffer.allocUnsafe(4)
    size.writeInt32BE(block.length)
    parts.push(size, block)
  }
  return Buffer.concat(parts)
}

function decompressWith(
  decompressBlock: (packed: Buffer) => Buffer,
  packed: Buffer,
  bytesMax: number,
): Buffer {
  const blocks = isFramed(packed) ? splitFrame(packed) : [packed]
  // Sizes first: nothing is unpacked before all of it is known to fit.
  let plainBytes = 0
  for (const block of blocks) plainBytes += snappyPlainBytes(block)
  if (plainBytes > bytesMax) throw tooLarge('snappy', bytesMax)
  const plain = blocks.map(block => {
    try {
      return decompressBlock(block)
    } catch (error) {
      throw broken('snappy', error)
    }
  })
  return plain.length === 1 ? plain[0]! : Buffer.concat(plain)
}

function isFramed(packed: Buffer): boolean {
  return packed.length >= FRAME_HEADER_BYTES && packed.compare(FRAME_MAGIC, 0, 8, 0, 8) === 0
}

function splitFrame(packed: Buffer): Buffer[] {
  const blocks: Buffer[] = []
  for (let at = FRAME_HEADER_BYTES; at < packed.length; ) {
    if (at + 4 > packed.length) throw broken('snappy', 'it ends inside a block size')
    const sizeBytes = packed.readInt32BE(at)
    at += 4
    if (sizeBytes < 1 || at + sizeBytes > packed.length)
      throw broken('snappy', `a block of ${sizeBytes} bytes does not fit`)
    blocks.push(packed.subarray(at, at + sizeBytes))
    at += sizeBytes
  }
  return blocks
}

// External buffers, the package's default, are several times slower than a copy.
const options = { copyOutputData: true }

function nativeCompress(): ((plain: Buffer) => Buffer) | null {
  const loaded = load()
  return loaded && (plain => loaded.compressSync(plain, options))
}

function nativeDecompress(): ((packed: Buffer) => Buffer) | null {
  const loaded = load()
  return loaded && (packed => loaded.uncompressSync(packed, options))
}

function load(): Snappy | null {
  if (native === undefined) {
    try {
      native = createRequire(import.meta.url)('snappy') as Snappy
    } catch {
      native = null
    }
  }
  return native
}
