import { MalformedError } from '../../../lib/bytes/reader.ts'

/** One way to compress a batch's records. Both directions are synchronous. */
export interface Codec {
  compress(plain: Buffer): Buffer
  /** Throws `MalformedError` for what cannot be unpacked, or would be larger than `bytesMax`. */
  decompress(packed: Buffer, bytesMax: number): Buffer
}

/** A codec has neither its package nor a substitute on this machine. */
export class CodecMissingError extends Error {
  override readonly name = 'CodecMissingError'
}

export function tooLarge(codec: string, bytesMax: number): MalformedError {
  return new MalformedError(`the ${codec} data unpacks to more than ${bytesMax} bytes`)
}

export function broken(codec: string, why: unknown): MalformedError {
  const reason = why instanceof Error ? why.message : String(why)
  return new MalformedError(`the ${codec} data is damaged: ${reason}`)
}
