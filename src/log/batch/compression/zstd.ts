import { createRequire } from 'node:module'
import zlib from 'node:zlib'
import { broken, type Codec, CodecMissingError, tooLarge } from './codec.ts'
import { zstdPlainBytesMax } from './zstd-size.ts'

type Zstd = {
  compress(plain: Uint8Array, level?: number): Uint8Array
  decompress(packed: Uint8Array): Uint8Array
}

/** Kafka's default level. */
const LEVEL = 3

let loaded: Zstd | null | undefined

/** Native code, else what Node brings (from 22.15), else the WASM that `prepareZstd` loaded. */
export const zstdCodec: Codec = {
  compress: plain => asBuffer(load().compress(plain, LEVEL)),
  decompress(packed, bytesMax) {
    if (zstdPlainBytesMax(packed) > bytesMax) throw tooLarge('zstd', bytesMax)
    const zstd = load()
    try {
      return asBuffer(zstd.decompress(packed))
    } catch (error) {
      throw broken('zstd', error)
    }
  },
}

/**
 * WASM can only be loaded asynchronously. To be awaited once at start; costs nothing where there is
 * anything better. Does not fail: using the codec does, if even the WASM is missing.
 */
export async function prepareZstd(): Promise<void> {
  loaded ??= loadNative() ?? fromNode() ?? (await loadWasm())
}

/** The slow path, on its own, so that a test reaches it where native code exists. */
export async function loadWasm(): Promise<Zstd | null> {
  try {
    return (await import('@cloudpss/zstd/wasm')) as Zstd
  } catch {
    return null
  }
}

function load(): Zstd {
  loaded ??= loadNative() ?? fromNode()
  if (loaded !== null) return loaded
  throw new CodecMissingError(
    'no Zstandard here: install @cloudpss/zstd, or use Node 22.15 or later',
  )
}

function loadNative(): Zstd | null {
  try {
    return createRequire(import.meta.url)('@cloudpss/zstd/napi') as Zstd
  } catch {
    return null
  }
}

function fromNode(): Zstd | null {
  // Not in the types of Node 20; the members are there or not.
  const { zstdCompressSync, zstdDecompressSync } = zlib as unknown as {
    zstdCompressSync?: (plain: Uint8Array) => Buffer
    zstdDecompressSync?: (packed: Uint8Array) => Buffer
  }
  if (zstdCompressSync === undefined || zstdDecompressSync === undefined) return null
  return {
    compress: plain => zstdCompressSync(plain),
    decompress: packed => zstdDecompressSync(packed),
  }
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes)
    ? bytes
    : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
