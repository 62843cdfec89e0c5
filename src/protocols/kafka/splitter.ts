import { MalformedError } from '../../lib/bytes/index.ts'
import { limits } from '../../limits/limits.ts'

const SIZE_BYTES = 4
/** An announced size is believed so far; of more, half must have come before all is allocated. */
const TRUSTED_BYTES = 2 * 1024 * 1024

/**
 * Splits a stream into frames, without their sizes. `push` what was read, then call `next` until
 * there is no more; what is not asked for waits, so a connection can stop at any frame.
 *
 * A frame belongs to whoever takes it. It is the read itself where it fills at least half of the
 * read's memory, else a buffer of just its size that was filled once: a frame that is kept, or a
 * slice of it, never pins more than twice its size (frames below 4 KiB: Node's pool of 8 KiB).
 */
export class RequestSplitter {
  readonly #frameBytesMax: number
  /** Reads that were not looked at to the end; nearly always one or none. */
  #reads: Buffer[] = []
  /** Where the first of them begins. */
  #at = 0
  #waitingBytes = 0
  /** The size of the frame to come, or -1 while that is not known. */
  #frameBytes = -1
  /** What came of a frame that spans reads, or null. */
  #frame: Buffer | null = null
  #filledBytes = 0

  constructor(frameBytesMax: number = limits.requestBytesMax) {
    this.#frameBytesMax = frameBytesMax
  }

  /** Bytes taken in that no frame was made of yet. */
  get pendingBytes(): number {
    return this.#waitingBytes + this.#filledBytes
  }

  /** The splitter may hand out slices of the read, so its memory must not be used again. */
  push(bytes: Buffer): void {
    if (bytes.length === 0) return
    this.#reads.push(bytes)
    this.#waitingBytes += bytes.length
  }

  /** The next whole frame, or undefined until more bytes come. */
  next(): Buffer | undefined {
    if (this.#frameBytes === -1 && !this.#readSize()) return undefined
    const frameBytes = this.#frameBytes
    const frame = this.#frame === null ? this.#slice(frameBytes) : this.#fill(frameBytes)
    if (frame === undefined) return undefined
    this.#frameBytes = -1
    this.#frame = null
    this.#filledBytes = 0
    return frame
  }

  #readSize(): boolean {
    if (this.#waitingBytes < SIZE_BYTES) return false
    const first = this.#reads[0]!
    let size = 0
    if (first.length - this.#at >= SIZE_BYTES) {
      size = first.readInt32BE(this.#at)
      this.#consume(SIZE_BYTES)
    } else
      for (let index = 0; index < SIZE_BYTES; index++) {
        size = (size << 8) | this.#reads[0]![this.#at]!
        this.#consume(1)
      }
    if (size < 0) throw new MalformedError(`a request of ${size} bytes`)
    if (size > this.#frameBytesMax)
      throw new MalformedError(`a request of ${size} bytes; the limit is ${this.#frameBytesMax}`)
    this.#frameBytes = size
    return true
  }

  /** A frame that lies in one read, or the beginning of one that does not. */
  #slice(frameBytes: number): Buffer | undefined {
    const read = this.#reads[0]
    if (frameBytes === 0) return Buffer.alloc(0)
    if (read === undefined) return undefined // Nothing is allocated for a mere announcement.
    const isWhole = read.length - this.#at >= frameBytes
    if (isWhole && frameBytes * 2 >= read.buffer.byteLength) {
      const frame = read.subarray(this.#at, this.#at + frameBytes)
      this.#consume(frameBytes)
      return frame
    }
    this.#frame = allocate(Math.min(frameBytes, TRUSTED_BYTES))
    return this.#fill(frameBytes)
  }

  #fill(frameBytes: number): Buffer | undefined {
    let frame = this.#frame!
    while (this.#filledBytes < frameBytes && this.#waitingBytes > 0) {
      if (this.#filledBytes === frame.length) frame = this.#grow(frameBytes)
      const copied = this.#reads[0]!.copy(frame, this.#filledBytes, this.#at)
      this.#filledBytes += copied
      this.#consume(copied)
    }
    return this.#filledBytes === frameBytes ? frame : undefined
  }

  #grow(frameBytes: number): Buffer {
    const frame = allocate(Math.min(frameBytes, this.#filledBytes * 2))
    this.#frame!.copy(frame, 0, 0, this.#filledBytes)
    this.#frame = frame
    return frame
  }

  #consume(bytes: number): void {
    this.#at += bytes
    this.#waitingBytes -= bytes
    if (this.#at < this.#reads[0]!.length) return
    this.#reads.shift()
    this.#at = 0
  }
}

/** Never a slice of the pool for what may be kept and is large. */
function allocate(bytes: number): Buffer {
  return bytes < 4096 ? Buffer.allocUnsafe(bytes) : Buffer.allocUnsafeSlow(bytes)
}
