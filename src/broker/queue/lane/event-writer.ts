import { writeVarint } from '../../../lib/bytes/varint.ts'

const VARINT_BYTES_MAX = 8

/** Writes events of whole numbers into one buffer that is used again for the next event. */
export class EventWriter {
  #bytes = Buffer.allocUnsafeSlow(1024)
  #at = 0

  /** What was written is forgotten. */
  reset(): void {
    this.#at = 0
  }

  get sizeBytes(): number {
    return this.#at
  }

  /** A zigzag varint, as `VarintCursor` reads it. */
  int(value: number): void {
    if (this.#at + VARINT_BYTES_MAX > this.#bytes.length) this.#grow()
    this.#at = writeVarint(this.#bytes, this.#at, value)
  }

  /** What was written so far. Valid until something else is. */
  bytes(): Buffer {
    return this.#bytes.subarray(0, this.#at)
  }

  #grow(): void {
    const grown = Buffer.allocUnsafeSlow(this.#bytes.length * 2)
    this.#bytes.copy(grown, 0, 0, this.#at)
    this.#bytes = grown
  }
}
