import { FRAME_END, FRAME_HEAD_BYTES, FRAME_OVERHEAD_BYTES, frameType } from '../constants.ts'
import { AmqpError } from '../errors.ts'
import { frameSnippet } from './erlang.ts'

/** A body of this size that spans reads is put together by whoever wants it, piece by piece. */
const PIECES_BYTES_MIN = 4096

/**
 * Splits a stream into frames (section 4.2.3), without an object for each:
 *
 *   type (1)   channel (2)   size (4)   payload (size)   end octet 206 (1)
 *
 * `push` what was read, then call `next` until it says false; the frame is in the fields until the
 * next call. A frame that lies whole in one read is left where it is; one that spans reads is
 * joined once, in a buffer of just its size. But a large body frame comes as the pieces that were
 * read. What was pushed is only read until `settle`.
 */
export class FrameSplitter {
  type = 0
  channel = 0
  /** The payload is `bytes[start, end)`. */
  bytes: Buffer = EMPTY
  start = 0
  end = 0
  /** So many bytes of this frame's payload come with further calls of `next`. */
  left = 0
  /** The bound of a whole frame. Larger by up to 8 bytes is forgiven: some clients count so. */
  frameMax: number
  /** What is being looked at, and from where on. */
  #read: Buffer = EMPTY
  #at = 0
  /** Reads behind it, which came while nobody called `next`; nearly always none. */
  #later: Buffer[] = []
  #laterBytes = 0
  /** What was pushed last is somebody else's: the last of the reads, if there is anything left. */
  #isLent = false
  /** A frame that spans reads: its head first, then all of it. Null: none was begun. */
  #partial: Buffer | null = null
  #filledBytes = 0
  /** The pieces of a body frame were all emitted, but its end octet was not seen yet. */
  #isEndMissing = false
  #isAgain = false

  constructor(frameMax: number) {
    this.frameMax = frameMax
  }

  /** Bytes that no frame was made of yet. */
  get pendingBytes(): number {
    return this.#read.length - this.#at + this.#laterBytes + this.#filledBytes
  }

  push(bytes: Buffer): void {
    this.#isLent = true
    if (this.#at === this.#read.length && this.#later.length === 0) {
      this.#read = bytes
      this.#at = 0
      return
    }
    this.#later.push(bytes)
    this.#laterBytes += bytes.length
  }

  /** The next whole frame is in the fields. Throws AmqpError when the stream makes no sense. */
  next(): boolean {
    if (this.#isAgain) {
      this.#isAgain = false
      return true
    }
    for (;;) {
      if (this.#partial !== null) {
        if (this.#fill(this.#partial)) return true
      } else if (this.left > 0) {
        if (this.#piece()) return true
      } else {
        if (this.#isEndMissing && this.#at < this.#read.length) this.#endPieces()
        const left = this.#read.length - this.#at
        if (left >= FRAME_HEAD_BYTES && this.#slice(left)) return true
        if (left > 0 && this.left === 0) this.#beginPartial(left)
      }
      if (this.#at < this.#read.length) continue
      const read = this.#later.shift()
      if (read === undefined) {
        this.#read = EMPTY // Nothing of it is needed: let its memory go.
        this.#at = 0
        return false
      }
      this.#read = read
      this.#at = 0
      this.#laterBytes -= read.length
    }
  }

  /** The frame could not be taken now: `next` gives the same one once more. */
  again(): void {
    this.#isAgain = true
  }

  /** Copies what is left of the last read, and the frame that is to come again. */
  settle(): void {
    if (!this.#isLent) return
    this.#isLent = false
    if (this.#isAgain) {
      this.bytes = Buffer.from(this.bytes.subarray(this.start, this.end))
      this.end -= this.start
      this.start = 0
    }
    const last = this.#later.length - 1
    if (last >= 0) this.#later[last] = Buffer.from(this.#later[last]!)
    else if (this.#at < this.#read.length) {
      this.#read = Buffer.from(this.#read.subarray(this.#at))
      this.#at = 0
    }
  }

  #slice(left: number): boolean {
    const bytes = this.#read
    const at = this.#at
    const size = sizeAt(bytes, at)
    if (size > this.frameMax) this.#refuseSize(bytes, at, size)
    if (left < size + FRAME_OVERHEAD_BYTES) {
      if (bytes[at] !== frameType.BODY || size < PIECES_BYTES_MIN) return false
      this.type = frameType.BODY
      this.channel = (bytes[at + 1]! << 8) | bytes[at + 2]!
      this.left = size
      this.#at = at + FRAME_HEAD_BYTES
      return this.#piece()
    }
    this.#at = at + size + FRAME_OVERHEAD_BYTES
    this.#emit(bytes, at, size)
    return true
  }

  /** What was read of a body frame. False: nothing of it. */
  #piece(): boolean {
    const sizeBytes = Math.min(this.left, this.#read.length - this.#at)
    if (sizeBytes === 0) return false
    this.bytes = this.#read
    this.start = this.#at
    this.end = this.#at + sizeBytes
    this.left -= sizeBytes
    this.#at += sizeBytes
    if (this.left > 0) return true
    if (this.#at < this.#read.length) this.#endPieces()
    else this.#isEndMissing = true
    return true
  }

  #endPieces(): void {
    this.#isEndMissing = false
    const marker = this.#read[this.#at++]!
    if (marker !== FRAME_END) this.#refuseEnd(marker)
  }

  #emit(bytes: Buffer, at: number, size: number): void {
    this.type = bytes[at]!
    this.channel = (bytes[at + 1]! << 8) | bytes[at + 2]!
    this.bytes = bytes
    this.start = at + FRAME_HEAD_BYTES
    this.end = this.start + size
    const marker = bytes[this.end]!
    if (marker !== FRAME_END) this.#refuseEnd(marker)
  }

  #beginPartial(left: number): void {
    const isSizeKnown = left >= FRAME_HEAD_BYTES
    const sizeBytes = isSizeKnown
      ? sizeAt(this.#read, this.#at) + FRAME_OVERHEAD_BYTES
      : FRAME_HEAD_BYTES
    this.#partial = Buffer.allocUnsafe(sizeBytes)
    this.#filledBytes = this.#read.copy(this.#partial, 0, this.#at)
    this.#at = this.#read.length
  }

  /** True when the frame that spans reads is whole. */
  #fill(partial: Buffer): boolean {
    const copied = this.#read.copy(partial, this.#filledBytes, this.#at)
    this.#at += copied
    this.#filledBytes += copied
    if (this.#filledBytes < partial.length) return false
    const size = sizeAt(partial, 0)
    if (partial.length === FRAME_HEAD_BYTES) {
      if (size > this.frameMax) this.#refuseSize(partial, 0, size)
      const whole = Buffer.allocUnsafe(size + FRAME_OVERHEAD_BYTES)
      partial.copy(whole)
      this.#partial = whole
      return this.#fill(whole)
    }
    this.#partial = null
    this.#filledBytes = 0
    this.#emit(partial, 0, size)
    return true
  }

  #refuseEnd(marker: number): never {
    const snippet = frameSnippet(this.type, this.bytes.subarray(this.start, this.end))
    throw new AmqpError('FRAME_ERROR', `${snippet}: {invalid_frame_end_marker,${marker}}`)
  }

  #refuseSize(bytes: Buffer, at: number, size: number): never {
    const payloadMax = this.frameMax - FRAME_OVERHEAD_BYTES
    throw new AmqpError(
      'FRAME_ERROR',
      `${frameSnippet(bytes[at]!, EMPTY)}: {frame_too_large,${size},${payloadMax}}`,
    )
  }
}

function sizeAt(bytes: Buffer, at: number): number {
  return (
    bytes[at + 3]! * 0x1000000 + ((bytes[at + 4]! << 16) | (bytes[at + 5]! << 8) | bytes[at + 6]!)
  )
}

const EMPTY = Buffer.alloc(0)
