import { COPY_BYTES_MAX } from '../bytes/index.ts'
import { givenBack } from '../given-back.ts'

/** Where encoded bytes go: a connection's egress is one. */
export interface ReplySink {
  /** Room for `sizeBytes`, at most `SINK_RESERVE_BYTES_MAX`, from `position` on. */
  reserve(sizeBytes: number): Buffer
  readonly position: number
  /** Sends what lies in the reserved room up to `end`. */
  advance(end: number): void
  /** Up to `COPY_BYTES_MAX` bytes are copied, more are kept by reference: never change those. */
  write(bytes: Buffer): void
}

export const SINK_RESERVE_BYTES_MAX = 16 * 1024

/** Swallows everything. */
export class NullSink implements ReplySink {
  readonly position = 0
  #room = Buffer.alloc(0)

  reserve(sizeBytes: number): Buffer {
    if (this.#room.length < sizeBytes) this.#room = Buffer.allocUnsafeSlow(SINK_RESERVE_BYTES_MAX)
    return this.#room
  }

  advance(): void {}

  write(): void {}
}

/** Keeps everything, in order, until it is handed on; then it may be filled anew. */
export class BufferSink implements ReplySink {
  position = 0
  /** Bytes that are kept. */
  sizeBytes = 0
  #slab: Buffer | null = null
  #start = 0
  readonly #chunks: Buffer[] = []

  reserve(sizeBytes: number): Buffer {
    if (this.#slab === null || this.position + sizeBytes > this.#slab.length) {
      this.#cut()
      // Small: a slab that was written whole is copied, and kept for the next reply.
      this.#slab = Buffer.allocUnsafeSlow(Math.max(COPY_BYTES_MAX, sizeBytes))
      this.#start = this.position = 0
    }
    return this.#slab
  }

  advance(end: number): void {
    this.sizeBytes += end - this.position
    this.position = end
  }

  write(bytes: Buffer): void {
    if (bytes.length > COPY_BYTES_MAX) {
      this.#cut()
      this.#chunks.push(bytes)
      this.sizeBytes += bytes.length
    } else {
      const slab = this.reserve(bytes.length) // First: it may move the position.
      this.advance(this.position + bytes.copy(slab, this.position))
    }
  }

  /** Hands on what was kept, which is then forgotten. */
  drainTo(sink: Pick<ReplySink, 'write'>): void {
    this.#cut()
    for (const chunk of this.#chunks) sink.write(chunk)
    this.#chunks.length = 0
    this.sizeBytes = 0
    if (this.#slab !== null && this.#slab.length > COPY_BYTES_MAX) this.#slab = null
    if (this.#slab !== null) givenBack(this.#slab, 0, this.position)
    this.#start = this.position = 0
  }

  #cut(): void {
    if (this.#slab === null || this.#start === this.position) return
    this.#chunks.push(this.#slab.subarray(this.#start, this.position))
    this.#start = this.position
  }
}
