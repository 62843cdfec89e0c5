import type { CompressionName } from '../header.ts'
import type { Codec } from './codec.ts'
import { gzipCodec } from './gzip.ts'
import { lz4Codec } from './lz4.ts'
import { snappyCodec } from './snappy.ts'
import { zstdCodec } from './zstd.ts'

export { type Codec, CodecMissingError } from './codec.ts'
export { lz4LegacyCodec } from './lz4.ts'
export { prepareZstd } from './zstd.ts'

/** `none` hands the same bytes back. Native parts are loaded at first use. */
export const codecs: Readonly<Record<CompressionName, Codec>> = {
  none: { compress: plain => plain, decompress: packed => packed },
  gzip: gzipCodec,
  snappy: snappyCodec,
  lz4: lz4Codec,
  zstd: zstdCodec,
}
