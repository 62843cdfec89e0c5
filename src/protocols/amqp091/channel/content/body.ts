import { assert } from '../../../../lib/assert.ts'

/** An announced size is believed so far; of more, half must have come before all is allocated. */
const TRUSTED_BYTES = 2 * 1024 * 1024

/** A message body that comes in several pieces, put together once. */
export class BodyAssembly {
  readonly #sizeBytes: number
  #buffer: Buffer
  #filledBytes = 0

  /** `spare` is filled if it is large enough. */
  constructor(sizeBytes: number, spare: Buffer | null = null) {
    this.#sizeBytes = sizeBytes
    const isEnough = spare !== null && spare.length >= sizeBytes
    this.#buffer = isEnough ? spare : Buffer.allocUnsafeSlow(Math.min(sizeBytes, TRUSTED_BYTES))
  }

  get missingBytes(): number {
    return this.#sizeBytes - this.#filledBytes
  }

  /** Not more than is missing. */
  append(bytes: Buffer, start: number, end: number): void {
    assert(end - start <= this.missingBytes, 'a body is not longer than announced')
    while (this.#buffer.length - this.#filledBytes < end - start) this.#grow()
    this.#filledBytes += bytes.copy(this.#buffer, this.#filledBytes, start, end)
  }

  /** All of it, at the front. */
  finish(): Buffer {
    assert(this.missingBytes === 0, 'a body is complete')
    return this.#buffer
  }

  #grow(): void {
    const sizeBytes = Math.min(this.#sizeBytes, this.#buffer.length * 2)
    const buffer = Buffer.allocUnsafeSlow(sizeBytes)
    this.#buffer.copy(buffer, 0, 0, this.#filledBytes)
    this.#buffer = buffer
  }
}
