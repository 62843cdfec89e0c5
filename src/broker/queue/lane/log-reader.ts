import type { Offset } from '../../../lib/brand.ts'
import { limits } from '../../../limits/limits.ts'
import { lastOffsetOf } from '../../../log/batch/index.ts'
import { type Log, OutOfRangeError } from '../../../log/store.ts'
import { MessageReader } from '../../../message/message-reader.ts'
import type { StoredMessage } from '../../../message/stored-message.ts'
import type { BodyReader, SharedBodies } from '../../bodies/index.ts'
import type { BatchRoom } from './batch-room.ts'
import type { LaneAnswer } from './lane.ts'
import type { Holder, ReadAhead } from './read-ahead.ts'

const NONE: readonly Buffer[] = []

export type LogReaderParts = {
  readonly log: Log
  readonly readAhead: ReadAhead
  /** Finds bodies that lie elsewhere; null in the logs of bodies themselves. */
  readonly bodies: SharedBodies | null
  /**
   * Its own: batches are read into it, and what is shown ends with the next call. Null: what is
   * shown stays as it is.
   */
  readonly room: BatchRoom | null
  /** What was waited for is there, or it is not but may be asked for again. */
  readonly onLoaded: () => void
  /** The disk failed, or a batch holds what nobody can read: that batch is passed over. */
  readonly onFailed: (error: unknown) => void
}

/** Shows records of one log, mostly in order, with whole batches held in between. */
export class LogReader implements Holder {
  readonly #parts: LogReaderParts
  readonly #reader = new MessageReader()
  /** Made when a body lies elsewhere. */
  #bodies: BodyReader | null = null
  #batches: readonly Buffer[] = NONE
  /** The batch that comes next, and the one the reader stands in. */
  #index = 0
  #opened = -1
  /** What the batches hold is all there is from here on. */
  #from = 0
  /** The offset it was asked for last: before it, batches have to be opened again. */
  #asked = 0
  /** The disk said that nothing is there from `#emptyFrom` to `#emptyTo`. */
  #emptyFrom = 0
  #emptyTo = -1
  #isLoading = false
  #bytesNext: number = limits.laneReadBytesMin

  constructor(parts: LogReaderParts) {
    this.#parts = parts
  }

  /**
   * Shows the first record that is not below `from`, which is between the log's start and its
   * confirmed end. `empty`: there is none, though there are offsets.
   */
  find(from: number, view: StoredMessage): LaneAnswer {
    if (from < this.#asked || from < this.#from) this.#rewind(from)
    this.#asked = from
    for (let at = from; at < this.#parts.log.confirmedEnd; ) {
      if (!this.#isAt(at)) {
        const answer = this.#load(from, at)
        if (answer !== 'message') return answer
      }
      if (this.#show(at, view)) {
        const answer = view.isBodyElsewhere ? this.#resolve(view) : 'message'
        if (answer !== 'empty') return answer
        at = view.offset + 1
        continue
      }
      at = lastOffsetOf(this.#batches[this.#index++]!) + 1 // It ends with offsets without records.
    }
    return 'empty'
  }

  #resolve(view: StoredMessage): LaneAnswer {
    const { bodies } = this.#parts
    this.#bodies ??= bodies?.reader(this.#parts) ?? null
    const answer = this.#bodies?.resolve(view) ?? 'empty'
    if (answer === 'empty')
      this.#parts.onFailed(new Error(`the body of message ${view.offset} is gone`))
    return answer
  }

  /** While others read, so what was shown last may be looked at still: it stays as it is. */
  drop(): void {
    if (this.#batches.length === 0) return
    this.#parts.room?.abandon()
    this.#letGo()
  }

  /** Nothing is left to read for now. */
  rest(): void {
    this.#bytesNext = limits.laneReadBytesMin
    this.#bodies?.rest()
    this.#letGo()
  }

  /** Of everything; what is being read is not waited for any more. */
  #letGo(): void {
    if (this.#batches.length === 0) return
    this.#parts.readAhead.release(this)
    this.#batches = NONE
    this.#reader.close()
    this.#parts.room?.empty()
  }

  /** Passes over batches that end below `from`; false when none is left. */
  #isAt(from: number): boolean {
    for (; this.#index < this.#batches.length; this.#index++)
      if (lastOffsetOf(this.#batches[this.#index]!) >= from) return true
    return false
  }

  /** What a producer wrote may be beyond reading: the broker lives on, and so does the queue. */
  #show(from: number, view: StoredMessage): boolean {
    try {
      if (this.#opened !== this.#index) {
        this.#opened = this.#index
        this.#reader.open(this.#batches[this.#index]!)
      }
      return this.#reader.find(from, view)
    } catch (error) {
      this.#reader.close()
      this.#parts.onFailed(error)
      return false
    }
  }

  #rewind(from: number): void {
    if (from < this.#from) this.#letGo()
    this.#index = 0
    this.#opened = -1
  }

  #load(from: number, at: number): LaneAnswer {
    if (this.#isLoading) return 'loading'
    const { log, room } = this.#parts
    if (at >= this.#emptyFrom && this.#emptyTo === log.confirmedEnd) return 'empty'
    this.#letGo() // What it holds ends before.
    const read = log.read(at as Offset, this.#bytesNext, room ?? undefined)
    if (isDirect(read)) return this.#loaded(read, from)
    this.#isLoading = true
    const confirmedEnd = log.confirmedEnd
    read.then(
      batches => {
        this.#isLoading = false
        if (this.#loaded(batches, from) === 'empty') {
          this.#emptyFrom = at
          this.#emptyTo = confirmedEnd
        }
        this.#parts.onLoaded()
      },
      (error: unknown) => {
        this.#isLoading = false
        room?.abandon()
        // What was to be read is gone: the lane looks where the log begins now.
        if (error instanceof OutOfRangeError) this.#parts.onLoaded()
        else this.#parts.onFailed(error)
      },
    )
    return 'loading'
  }

  #loaded(batches: readonly Buffer[], from: number): LaneAnswer {
    if (batches.length === 0) {
      this.#parts.room?.empty()
      return 'empty'
    }
    let bytes = 0
    for (const batch of batches) bytes += batch.length
    this.#batches = batches
    this.#from = from
    this.#index = 0
    this.#opened = -1
    this.#parts.readAhead.hold(this, bytes)
    this.#bytesNext = Math.min(this.#bytesNext * 2, limits.laneReadBytesMax)
    return 'message'
  }
}

const isDirect = (
  read: readonly Buffer[] | Promise<readonly Buffer[]>,
): read is readonly Buffer[] => Array.isArray(read)
