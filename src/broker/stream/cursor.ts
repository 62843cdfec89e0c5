import { Offset } from '../../lib/brand.ts'
import type { StoredMessage } from '../../message/stored-message.ts'
import type { SharedBodies } from '../bodies/index.ts'
import { type LaneAnswer, LogReader, type ReadAhead } from '../queue/lane/index.ts'
import type { Partition } from '../topic/index.ts'
import { type StreamStart, startOffsetOf } from './start.ts'

/** What a cursor tells its reader. */
export interface CursorOwner {
  /** What was loading is there. */
  loaded(): void
  /** The disk could not be read: there is no use in going on. */
  failed(cursor: StreamCursor, error: unknown): void
  /** A producer sent what nobody can unpack; it is passed over. */
  unreadable(cursor: StreamCursor, error: unknown): void
}

export type CursorParts = {
  readonly owner: CursorOwner
  readonly readAhead: ReadAhead
  readonly bodies: SharedBodies | null
}

/** A position in one log. */
export class StreamCursor {
  readonly partition: Partition
  readonly #owner: CursorOwner
  readonly #reader: LogReader
  #next = Offset(0)
  #isStarting = false
  #isFinding = false

  constructor(partition: Partition, { owner, readAhead, bodies }: CursorParts) {
    this.partition = partition
    this.#owner = owner
    this.#reader = new LogReader({
      log: partition.log,
      readAhead,
      bodies,
      room: null,
      onLoaded: () => owner.loaded(),
      // What is wrong with bytes at hand is passed over; what cannot be had ends it.
      onFailed: error =>
        this.#isFinding ? owner.unreadable(this, error) : owner.failed(this, error),
    })
  }

  /** The offset it comes to next. */
  get next(): Offset {
    return this.#next
  }

  begin(start: StreamStart): void {
    const offset = startOffsetOf(this.partition.log, start)
    if (!(offset instanceof Promise)) {
      this.#next = offset
      return
    }
    this.#isStarting = true
    offset.then(
      found => {
        this.#isStarting = false
        this.#next = found
        this.#owner.loaded()
      },
      (error: unknown) => this.#owner.failed(this, error),
    )
  }

  /** Shows the next message. It is shown again until `pass` is called. */
  peek(view: StoredMessage): LaneAnswer {
    if (this.#isStarting) return 'loading'
    const { log } = this.partition
    // What retention took meanwhile is gone for us too.
    if (this.#next < log.startOffset) this.#next = log.startOffset
    const end = log.confirmedEnd
    if (this.#next >= end) return this.#rest()
    this.#isFinding = true
    const answer = this.#reader.find(this.#next, view)
    this.#isFinding = false
    if (answer !== 'empty') return answer
    // Compaction, or a batch that cannot be read, left nothing up to here.
    this.#next = end
    return this.#rest()
  }

  /** Behind the message that was shown. */
  pass(view: StoredMessage): void {
    this.#next = Offset(view.offset + 1)
  }

  /** Lets go of what it holds. */
  close(): void {
    this.#reader.rest()
  }

  #rest(): LaneAnswer {
    this.#reader.rest()
    return 'empty'
  }
}
