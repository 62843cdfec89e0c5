import { gunzipSync, gzipSync } from 'node:zlib'
import { broken, type Codec, tooLarge } from './codec.ts'

export const gzipCodec: Codec = {
  compress: plain => gzipSync(plain),
  decompress(packed, bytesMax) {
    try {
      return gunzipSync(packed, { maxOutputLength: bytesMax })
    } catch (error) {
      if (error instanceof RangeError) throw tooLarge('gzip', bytesMax)
      throw broken('gzip', error)
    }
  },
}
