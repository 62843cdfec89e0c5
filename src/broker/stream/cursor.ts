import { MalformedError } from '../../lib/bytes/index.ts'
import { Offset } from '../../lib/brand.ts'
import { CodecMissingError, lastOffsetOf } from '../../log/batch/index.ts'
import { OutOfRangeError } from '../../log/store.ts'
import { MessageReader } from '../../message/message-reader.ts'
import type { StoredMessage } from '../../message/stored-message.ts'
import type { Partition } from '../topic/index.ts'
import { type StreamStart, startOffsetOf } from './start.ts'

export type CursorAnswer = 'message' | 'empty' | 'loading'

/** What a cursor tells its reader. */
export interface CursorOwner {
  /** What was loading is there. */
  loaded(): void
  /** The disk could not be read: there is no use in going on. */
  failed(cursor: StreamCursor, error: unknown): void
  /** A producer sent what nobody can unpack; it is passed over. */
  unreadable(cursor: StreamCursor, error: Error): void
}

const NO_BATCHES: readonly Buffer[] = []

/** A position in one log. Holds what it read last, as the store's own buffers, and no more. */
export class StreamCursor {
  readonly partition: Partition
  readonly #owner: CursorOwner
  readonly #bytesMax: number
  readonly #reader = new MessageReader()
  #next = Offset(0)
  #isLoading = false
  #batches: readonly Buffer[] = NO_BATCHES
  #batchAt = 0
  /** Behind the last offset of the batch that is open; -1 while none is. */
  #batchEnd = -1

  constructor(partition: Partition, owner: CursorOwner, bytesMax: number) {
    this.partition = partition
    this.#owner = owner
    this.#bytesMax = bytesMax
  }

  /** The offset it comes to next. */
  get next(): Offset {
    return this.#next
  }

  begin(start: StreamStart): void {
    const offset = startOffsetOf(this.partition.log, start)
    if (offset instanceof Promise) this.#load(offset, found => void (this.#next = found))
    else this.#next = offset
  }

  /** Shows the next message. It is shown again until `pass` is called. */
  peek(view: StoredMessage): CursorAnswer {
    if (this.#isLoading) return 'loading'
    while (true) {
      if (this.#batchEnd >= 0) {
        if (this.#find(view)) return 'message'
        this.#closeBatch()
      }
      if (this.#openBatch()) continue
      const answer = this.#read()
      if (answer !== 'message') return answer
    }
  }

  /** Behind the message that was shown. */
  pass(view: StoredMessage): void {
    this.#next = Offset(view.offset + 1)
  }

  /** Lets go of what it holds. */
  close(): void {
    this.#batches = NO_BATCHES
    this.#batchAt = 0
    this.#batchEnd = -1
    this.#reader.close()
  }

  #find(view: StoredMessage): boolean {
    const { log } = this.partition
    // What retention took meanwhile is gone for us too, though it is still in our hands.
    if (this.#next < log.startOffset) this.#next = log.startOffset
    try {
      return this.#reader.find(this.#next, view)
    } catch (error) {
      this.#passOver(error)
      return false
    }
  }

  #openBatch(): boolean {
    const batch = this.#batches[this.#batchAt]
    if (batch === undefined) return false
    this.#batchAt++
    this.#batchEnd = lastOffsetOf(batch) + 1
    try {
      this.#reader.open(batch)
    } catch (error) {
      this.#passOver(error)
    }
    return true
  }

  #closeBatch(): void {
    if (this.#batchEnd > this.#next) this.#next = Offset(this.#batchEnd)
    this.#batchEnd = -1
    this.#reader.close()
  }

  #passOver(error: unknown): void {
    const isSent = error instanceof MalformedError || error instanceof CodecMissingError
    if (!isSent) throw error
    this.#owner.unreadable(this, error)
    this.#reader.close()
  }

  /** `message`: there may be one now. */
  #read(): CursorAnswer {
    this.#batches = NO_BATCHES
    this.#batchAt = 0
    const { log } = this.partition
    if (this.#next < log.startOffset) this.#next = log.startOffset
    const end = log.confirmedEnd
    if (this.#next >= end) return 'empty'
    const batches = log.read(this.#next, this.#bytesMax)
    if (batches instanceof Promise) {
      this.#load(batches, read => this.#take(read, end))
      return 'loading'
    }
    this.#take(batches, end)
    return 'message'
  }

  #take(batches: readonly Buffer[], end: Offset): void {
    this.#batches = batches
    // Compaction, or retention, left nothing in between.
    if (batches.length === 0 && this.#next < end) this.#next = end
  }

  #load<Value>(loading: Promise<Value>, take: (value: Value) => void): void {
    this.#isLoading = true
    loading.then(
      value => {
        this.#isLoading = false
        take(value)
        this.#owner.loaded()
      },
      (error: unknown) => {
        this.#isLoading = false
        // Retention overtook the read: what is left is read next.
        if (error instanceof OutOfRangeError) this.#owner.loaded()
        else this.#owner.failed(this, error)
      },
    )
  }
}
