import { MalformedError } from '../../../lib/bytes/index.ts'
import { unpackLzf } from './lzf.ts'

const SIX_BITS = 0
const FOURTEEN_BITS = 1
const ENCODED = 3
const LENGTH_32 = 0x80
const LENGTH_64 = 0x81
const LZF = 3
/** A number of elements, each of at least a byte, is never more than the bytes that are left. */
const STRING_BYTES_MAX = 512 * 1024 * 1024

/** The parts of which RDB is made, read from bytes. Throws `MalformedError`. */
export class RdbSource {
  readonly #bytes: Buffer
  #at: number
  readonly #end: number

  constructor(bytes: Buffer, start: number, end: number) {
    this.#bytes = bytes
    this.#at = start
    this.#end = end
  }

  get left(): number {
    return this.#end - this.#at
  }

  uint8(): number {
    return this.#bytes[this.#take(1)]!
  }

  /** Milliseconds, or whatever else has 64 bits but not so large a value. */
  uint64(): number {
    return Number(this.#bytes.readBigUInt64LE(this.#take(8)))
  }

  double(): number {
    return this.#bytes.readDoubleLE(this.#take(8))
  }

  length(): number {
    const { value, isEncoded } = this.#prefix()
    if (isEncoded) throw new MalformedError('a length is no encoding')
    return value
  }

  /** How many elements follow, each of so many bytes at least. */
  count(bytesMin = 1): number {
    const count = this.length()
    if (count * bytesMin > this.left) throw new MalformedError('more elements than bytes')
    return count
  }

  /** May be a view. */
  string(): Buffer {
    const { value, isEncoded } = this.#prefix()
    if (!isEncoded) return this.slice(value)
    if (value === 0) return Buffer.from(String(this.#bytes.readInt8(this.#take(1))))
    if (value === 1) return Buffer.from(String(this.#bytes.readInt16LE(this.#take(2))))
    if (value === 2) return Buffer.from(String(this.#bytes.readInt32LE(this.#take(4))))
    if (value !== LZF) throw new MalformedError('an unknown encoding of strings')
    const packedBytes = this.length()
    const length = this.length()
    if (length > STRING_BYTES_MAX) throw new MalformedError('a string that is too long')
    return unpackLzf(this.slice(packedBytes), length)
  }

  binary(): string {
    return this.string().toString('latin1')
  }

  slice(length: number): Buffer {
    const start = this.#take(length)
    return this.#bytes.subarray(start, start + length)
  }

  #prefix(): { value: number; isEncoded: boolean } {
    const byte = this.uint8()
    const kind = byte >> 6
    if (kind === ENCODED) return { value: byte & 0x3f, isEncoded: true }
    const plain = (value: number) => ({ value, isEncoded: false })
    if (kind === SIX_BITS) return plain(byte & 0x3f)
    if (kind === FOURTEEN_BITS) return plain(((byte & 0x3f) << 8) | this.uint8())
    if (byte === LENGTH_32) return plain(this.#bytes.readUInt32BE(this.#take(4)))
    if (byte === LENGTH_64) return plain(Number(this.#bytes.readBigUInt64BE(this.#take(8))))
    throw new MalformedError('an unknown length')
  }

  #take(length: number): number {
    const start = this.#at
    if (length > this.#end - start) throw new MalformedError('the bytes end early')
    this.#at = start + length
    return start
  }
}
