import { Offset } from '../../lib/brand.ts'
import type { Log } from '../../log/store.ts'
import { MessageReader } from '../../message/message-reader.ts'
import { StoredMessage } from '../../message/stored-message.ts'
import { TimedHeap } from '../queue/lane/index.ts'
import { dueOf } from './entry.ts'
import type { Bucket } from './state.ts'

const READ_BYTES = 256 * 1024
const INDEX_COUNT_MIN = 256

/**
 * A bucket whose time comes: its batches are in memory, and what is in them is sorted by time. It
 * takes in what is confirmed only. Where order does not matter any more, or all is due at once, it
 * holds a part at a time.
 */
export class Resident {
  readonly bucket: Bucket
  readonly #log: Log
  readonly #partBytesMax: number
  readonly #onLoaded: () => void
  readonly #onFailed: (error: unknown) => void
  readonly #heap = new TimedHeap()
  readonly #reader = new MessageReader()
  readonly #view = new StoredMessage()
  #batches: Buffer[] = []
  /** Batch and position of each record from `#indexBase` on. */
  #batchOf = new Uint32Array(0)
  #positionOf = new Uint32Array(0)
  #indexBase: number
  #indexEnd: number
  #isLoading = false
  /** False until everything was taken in that was there when it began. */
  #isComplete = false
  #isClosed = false
  bytes = 0

  constructor(
    bucket: Bucket,
    log: Log,
    parts: { partBytesMax: number; onLoaded: () => void; onFailed: (error: unknown) => void },
  ) {
    this.bucket = bucket
    this.#log = log
    this.#partBytesMax = parts.partBytesMax
    this.#onLoaded = parts.onLoaded
    this.#onFailed = parts.onFailed
    this.#indexBase = bucket.done.floor
    this.#indexEnd = bucket.done.floor
  }

  /** When the first is due; infinite while nothing is known. */
  get due(): number {
    return this.#isComplete && this.#heap.count > 0 ? this.#heap.time : Number.POSITIVE_INFINITY
  }

  /** Shows the first. There is one. */
  show(view: StoredMessage): void {
    const index = this.#heap.first - this.#indexBase
    this.#reader.openAt(this.#batches[this.#batchOf[index]!]!, this.#positionOf[index]!)
    this.#reader.find(this.#heap.first, view)
  }

  /** Takes the first away. To be called even if it was closed meanwhile. */
  shift(): void {
    if (this.#isClosed) return
    this.#heap.shift()
    if (this.#heap.count > 0) return
    this.#release()
    if (this.#indexEnd < this.#log.confirmedEnd) this.fill()
  }

  /** Takes in what was confirmed since. */
  fill(): void {
    while (!this.#isLoading && !this.#isClosed) {
      if (this.#indexEnd >= this.#log.confirmedEnd || this.#isFull()) {
        this.#isComplete = true
        return
      }
      const batches = this.#log.read(Offset(this.#indexEnd), READ_BYTES)
      if (batches instanceof Promise) return this.#wait(batches)
      this.#take(batches)
    }
  }

  close(): void {
    this.#isClosed = true
    this.#heap.clear()
    this.#release()
  }

  #wait(batches: Promise<readonly Buffer[]>): void {
    this.#isLoading = true
    batches.then(
      read => {
        this.#isLoading = false
        if (this.#isClosed) return
        this.#take(read)
        this.fill()
        this.#onLoaded()
      },
      (error: unknown) => {
        this.#isLoading = false
        if (!this.#isClosed) this.#onFailed(error)
      },
    )
  }

  #isFull(): boolean {
    return this.bytes >= this.#partBytesMax && this.#heap.count > 0
  }

  #take(batches: readonly Buffer[]): void {
    const { done } = this.bucket
    const view = this.#view
    for (const batch of batches) {
      this.#reader.open(batch)
      const number = this.#batches.length
      for (let at = this.#indexEnd; this.#reader.find(at, view); at = view.offset + 1) {
        this.#place(view.offset - this.#indexBase, number, this.#reader.position)
        if (!done.has(view.offset)) this.#heap.push(dueOf(view), view.offset)
        this.#indexEnd = view.offset + 1
      }
      this.#batches.push(batch)
      this.bytes += batch.length
    }
    this.#reader.close()
    if (this.#heap.count === 0) this.#release()
  }

  #place(index: number, batch: number, position: number): void {
    if (index >= this.#batchOf.length) {
      const count = Math.max(INDEX_COUNT_MIN, 2 * index)
      this.#batchOf = resized(this.#batchOf, count)
      this.#positionOf = resized(this.#positionOf, count)
    }
    this.#batchOf[index] = batch
    this.#positionOf[index] = position
  }

  #release(): void {
    this.#batches = []
    this.#batchOf = new Uint32Array(0)
    this.#positionOf = new Uint32Array(0)
    this.#indexBase = this.#indexEnd
    this.#reader.close()
    this.bytes = 0
  }
}

function resized(items: Uint32Array, count: number): Uint32Array<ArrayBuffer> {
  const grown = new Uint32Array(count)
  grown.set(items)
  return grown
}
