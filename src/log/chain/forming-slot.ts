import { crc32c } from '../../lib/crc32c.ts'
import type { BatchSummary, LogId } from '../store.ts'
import { HEADER_BYTES, type SlotKind } from './slot-format.ts'
import { IndexWriter } from './slot-index.ts'

/** Below it a batch is copied, so that it does not pin the socket read it came in. */
const COPY_BYTES_MAX = 4096
const SLAB_BYTES = 64 * 1024
const CHECKSUM_AT = 17

/** A slot nothing is added to any more. Its bytes stay as they are until it is synced. */
export type ClosedSlot = {
  readonly number: number
  readonly kind: SlotKind
  /** Room for the header, filled in by the chain, then the index. */
  readonly front: Buffer
  readonly indexBytes: number
  readonly indexCount: number
  readonly indexCrc: number
  readonly body: readonly Buffer[]
  readonly bodyBytes: number
}

/** What is appended while the slot before is written. Batches are kept, not copied, when large. */
export class FormingSlot {
  readonly number: number
  readonly #index: IndexWriter
  readonly #body: Buffer[] = []
  /** Where in the body each of its buffers begins. */
  readonly #starts: number[] = []
  #bodyBytes = 0
  /** Where the copies begin that are not in `#body` yet. */
  #runStart = 0
  #slab = Buffer.alloc(0)
  #slabFrom = 0
  #slabAt = 0

  /** The index of this slot is expected to be about as large as that of the slot before. */
  constructor(number: number, frontBytesExpected = 0) {
    this.number = number
    this.#index = new IndexWriter(HEADER_BYTES, frontBytesExpected)
  }

  get isEmpty(): boolean {
    return this.#index.count === 0
  }

  get sizeBytes(): number {
    return this.#index.sizeBytes + this.#bodyBytes
  }

  /** Where in the body the next batch will begin. */
  get bodyPosition(): number {
    return this.#bodyBytes
  }

  /** The batch that begins at `start`, and is as long as its summary says. */
  batch(log: LogId, bytes: Buffer, start: number, summary: BatchSummary): void {
    const { sizeBytes } = summary
    this.#index.batch(log, this.#bodyBytes, bytes.readUInt32BE(start + CHECKSUM_AT), summary)
    this.#bodyBytes += sizeBytes
    if (sizeBytes <= COPY_BYTES_MAX) return this.#copy(bytes, start, start + sizeBytes)
    this.#endRun()
    this.#push(bytes.subarray(start, start + sizeBytes))
  }

  /** A batch that was put in, by where it begins in the body. */
  read(position: number, sizeBytes: number): Buffer {
    if (position >= this.#runStart) {
      const start = this.#slabFrom + position - this.#runStart
      return this.#slab.subarray(start, start + sizeBytes)
    }
    let low = 0
    let high = this.#starts.length - 1
    while (low < high) {
      const middle = (low + high + 1) >>> 1
      if (this.#starts[middle]! > position) high = middle - 1
      else low = middle
    }
    const start = position - this.#starts[low]!
    return this.#body[low]!.subarray(start, start + sizeBytes)
  }

  machine(name: string, event: Buffer): void {
    this.#index.machine(name, event)
  }

  store(event: Buffer): void {
    this.#index.store(event)
  }

  close(kind: SlotKind): ClosedSlot {
    this.#endRun()
    const front = this.#index.finish()
    return {
      number: this.number,
      kind,
      front,
      indexBytes: front.length - HEADER_BYTES,
      indexCount: this.#index.count,
      indexCrc: crc32c(front, HEADER_BYTES),
      body: this.#body,
      bodyBytes: this.#bodyBytes,
    }
  }

  #copy(bytes: Buffer, start: number, end: number): void {
    if (this.#slabAt + end - start > this.#slab.length) {
      this.#endRun()
      // The first batches of a quiet broker should not take a whole slab each.
      const isFirst = this.#slab.length === 0
      this.#slab = Buffer.allocUnsafeSlow(isFirst ? COPY_BYTES_MAX : SLAB_BYTES)
      this.#slabFrom = 0
      this.#slabAt = 0
    }
    this.#slabAt += bytes.copy(this.#slab, this.#slabAt, start, end)
  }

  /** Copies that lie side by side are written as one buffer. */
  #endRun(): void {
    if (this.#slabAt === this.#slabFrom) return
    this.#push(this.#slab.subarray(this.#slabFrom, this.#slabAt))
    this.#slabFrom = this.#slabAt
  }

  #push(buffer: Buffer): void {
    this.#starts.push(this.#runStart)
    this.#body.push(buffer)
    this.#runStart += buffer.length
  }
}
