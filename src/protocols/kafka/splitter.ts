import { MalformedError } from '../../lib/bytes/index.ts'
import { limits } from '../../limits/limits.ts'
import { BLOCK_BYTES_MAX, Blocks } from '../../lib/blocks.ts'

const SIZE_BYTES = 4
/** Below it a frame is a slice of Node's pool. */
const SMALL_BYTES_MAX = 4096

/**
 * Splits a stream into frames, without their sizes. `push` what was read, then call `next` until
 * there is no more; what is not asked for waits, so a connection can stop at any frame.
 *
 * A frame is good until `next` is called again, and as long as the read is: it is a view of that,
 * or of a block in which it was put together. Who needs it after the read takes it with `hold`, and
 * who needs it after `next` with `own`; such a frame, or a slice of it, never pins more than twice
 * its size (8 KiB for small ones).
 */
export class RequestSplitter {
  readonly #frameBytesMax: number
  readonly #blocks: Blocks
  /** Reads that were not looked at to the end; nearly always one or none. */
  #reads: Buffer[] = []
  /** Where the first of them begins. */
  #at = 0
  #waitingBytes = 0
  /** The size of the frame to come, or -1 while that is not known. */
  #frameBytes = -1
  /** Where a frame is put together, or null. */
  #frame: Buffer | null = null
  /** Where the frame lies that was given last, if it is a block. */
  #given: Buffer | null = null
  #filledBytes = 0

  constructor(
    frameBytesMax: number = limits.requestBytesMax,
    blocks = new Blocks(limits.freeFrameBytesMax),
  ) {
    this.#frameBytesMax = frameBytesMax
    this.#blocks = blocks
  }

  /** Bytes taken in that no frame was made of yet. */
  get pendingBytes(): number {
    return this.#waitingBytes + this.#filledBytes
  }

  /** The read's memory stays as it is until `next` has nothing more to give, or `settle`. */
  push(bytes: Buffer): void {
    if (bytes.length === 0) return
    this.#reads.push(bytes)
    this.#waitingBytes += bytes.length
  }

  /** The next whole frame, or undefined until more bytes come. */
  next(): Buffer | undefined {
    this.#giveBack()
    if (this.#frameBytes === -1 && !this.#readSize()) return undefined
    const frameBytes = this.#frameBytes
    const frame = this.#frame === null ? this.#slice(frameBytes) : this.#fill(frameBytes)
    if (frame === undefined) return undefined
    this.#given = this.#frame
    this.#frameBytes = -1
    this.#frame = null
    this.#filledBytes = 0
    return frame
  }

  /** The frame that `next` gave last, until `next` is called again: the read may go. */
  hold(frame: Buffer): Buffer {
    if (this.#given !== null) return frame
    if (frame.length > BLOCK_BYTES_MAX) return Buffer.from(frame)
    const block = this.#allocate(frame.length)
    this.#given = block
    frame.copy(block)
    return block.subarray(0, frame.length)
  }

  /** The frame that `next` gave last, for as long as it is wanted. */
  own(frame: Buffer): Buffer {
    if (this.#given === null) return Buffer.from(frame)
    this.#given = null
    return frame
  }

  /** Copies what is left of reads: their memory may be used again. */
  settle(): void {
    if (this.#waitingBytes === 0) return
    this.#reads = [Buffer.concat([this.#reads[0]!.subarray(this.#at), ...this.#reads.slice(1)])]
    this.#at = 0
  }

  #giveBack(): void {
    const block = this.#given
    this.#given = null
    const isBlock =
      block !== null && block.length > SMALL_BYTES_MAX && block.length <= BLOCK_BYTES_MAX
    if (isBlock) this.#blocks.giveBack(block)
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
    if (read.length - this.#at >= frameBytes) {
      const frame = read.subarray(this.#at, this.#at + frameBytes)
      this.#consume(frameBytes)
      return frame
    }
    this.#frame = this.#allocate(frameBytes)
    return this.#fill(frameBytes)
  }

  #fill(frameBytes: number): Buffer | undefined {
    let frame = this.#frame!
    while (this.#filledBytes < frameBytes && this.#waitingBytes > 0) {
      if (this.#filledBytes === frame.length) frame = this.#grow(frameBytes)
      const end = this.#at + frameBytes - this.#filledBytes
      const copied = this.#reads[0]!.copy(frame, this.#filledBytes, this.#at, end)
      this.#filledBytes += copied
      this.#consume(copied)
    }
    if (this.#filledBytes < frameBytes) return undefined
    return frame.length === frameBytes ? frame : frame.subarray(0, frameBytes)
  }

  #grow(frameBytes: number): Buffer {
    const frame = Buffer.allocUnsafeSlow(Math.min(frameBytes, this.#filledBytes * 2))
    this.#frame!.copy(frame, 0, 0, this.#filledBytes)
    this.#frame = frame
    return frame
  }

  /** An announced size is believed as far as a block; of more, half must have come before. */
  #allocate(frameBytes: number): Buffer {
    if (frameBytes <= SMALL_BYTES_MAX) return Buffer.allocUnsafe(frameBytes)
    return this.#blocks.take(Math.min(frameBytes, BLOCK_BYTES_MAX))
  }

  #consume(bytes: number): void {
    this.#at += bytes
    this.#waitingBytes -= bytes
    if (this.#at < this.#reads[0]!.length) return
    this.#reads.shift()
    this.#at = 0
  }
}
