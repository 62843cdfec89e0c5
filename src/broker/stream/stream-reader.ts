import { Offset } from '../../lib/brand.ts'
import type { StoredMessage } from '../../message/stored-message.ts'
import type { SharedBodies } from '../bodies/index.ts'
import type { Queue } from '../queue/index.ts'
import type { ReadAhead } from '../queue/lane/index.ts'
import type { Partition, Topic } from '../topic/index.ts'
import { type CursorOwner, StreamCursor } from './cursor.ts'
import type { StreamStart } from './start.ts'

/** Who is given messages: a protocol's consumer. Called synchronously, at the end of turns. */
export interface StreamTaker {
  /** False while it has no credit or its peer reads too slowly; then `reader.wake` goes on. */
  readonly isReady: boolean
  /** The message is a view, valid during the call only. */
  deliver(message: StoredMessage, partition: Partition): void
  /** Nothing more will come: the topic is gone, or could not be read. */
  ended(reason: 'deleted' | 'failed'): void
}

export type StreamOptions = {
  readonly start: StreamStart
  /** One partition only. Absent: all, and those that are added later. */
  readonly partition?: number
  /** Messages for which it is false are passed over. */
  readonly filter?: StreamFilter
  /** The queue that is looked through: without what it has settled, and as long as it is there. */
  readonly queue?: Queue
}

export type StreamFilter = (message: StoredMessage) => boolean

/** What a reader needs of the one who keeps them all. */
export interface StreamHost {
  /** Runs the reader in the dispatch phase of a turn, once. */
  schedule(reader: StreamReader): void
  /** What its cursors read with. */
  readonly readAhead: ReadAhead
  readonly bodies: SharedBodies | null
  /** For the operator. */
  warn(facts: Readonly<Record<string, unknown>>, what: string): void
  left(reader: StreamReader): void
}

/** Looked at, of one log, before the next log has its turn. */
const RUN_LENGTH_MAX = 64

/** A reader of a topic: a cursor on each of its logs, and a taker who is given what they pass. */
export class StreamReader implements CursorOwner {
  readonly topic: Topic
  readonly #host: StreamHost
  readonly #taker: StreamTaker
  readonly #options: StreamOptions
  readonly #cursors: StreamCursor[] = []
  #turnOf = 0
  #isClosed = false
  /** Set by `Streams`: it is in the list of those that will run. */
  isScheduled = false

  constructor(host: StreamHost, topic: Topic, taker: StreamTaker, options: StreamOptions) {
    this.topic = topic
    this.#host = host
    this.#taker = taker
    this.#options = options
    this.#follow(options.start)
  }

  get isClosed(): boolean {
    return this.#isClosed
  }

  /** The queue it looks through, if it does. */
  get queue(): Queue | undefined {
    return this.#options.queue
  }

  get taker(): StreamTaker {
    return this.#taker
  }

  /** Where it stands in each partition it reads. */
  *positions(): Generator<{ readonly partition: number; readonly next: number }> {
    for (const { partition, next } of this.#cursors) yield { partition: partition.index, next }
  }

  /** The taker was not ready and is now. */
  wake(): void {
    if (!this.#isClosed) this.#host.schedule(this)
  }

  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    for (const cursor of this.#cursors) cursor.close()
    this.#host.left(this)
  }

  /** The topic is gone. */
  end(reason: 'deleted' | 'failed'): void {
    if (this.#isClosed) return
    this.close()
    this.#taker.ended(reason)
  }

  loaded(): void {
    this.wake()
  }

  failed({ partition }: StreamCursor, error: unknown): void {
    const facts = { topic: this.topic.name, partition: partition.index, error: String(error) }
    this.#host.warn(facts, 'a stream could not be read')
    this.end('failed')
  }

  unreadable({ partition, next }: StreamCursor, error: unknown): void {
    const facts = { topic: this.topic.name, partition: partition.index, offset: next }
    this.#host.warn({ ...facts, error: String(error) }, 'what cannot be read was passed over')
  }

  /**
   * Delivers what is there while the taker is ready, up to a number of messages looked at. True
   * when it stopped for that number only.
   */
  run(view: StoredMessage, messagesMax: number): boolean {
    if (this.#cursors.length !== this.topic.partitions.length) this.#follow({ kind: 'first' })
    const count = this.#cursors.length
    let left = messagesMax
    // Each log in turn, until all of them in a row had nothing.
    for (let idle = 0; idle < count && left > 0; ) {
      if (this.#isClosed || !this.#taker.isReady) return false
      const cursor = this.#cursors[this.#turnOf % count]!
      const seen = this.#runCursor(cursor, view, count === 1 ? left : RUN_LENGTH_MAX)
      left -= seen
      idle = seen === 0 ? idle + 1 : 0
      this.#turnOf = (this.#turnOf + 1) % count
    }
    return left <= 0 && !this.#isClosed && this.#taker.isReady
  }

  /** How many messages it looked at. */
  #runCursor(cursor: StreamCursor, view: StoredMessage, messagesMax: number): number {
    const taker = this.#taker
    let seen = 0
    while (seen < messagesMax && taker.isReady && !this.#isClosed) {
      if (cursor.peek(view) !== 'message') break
      if (this.#isWanted(view, cursor.partition)) {
        cursor.pass(view)
        taker.deliver(view, cursor.partition)
      } else cursor.pass(view)
      seen++
    }
    return seen
  }

  #isWanted(view: StoredMessage, { index }: Partition): boolean {
    const { filter, queue } = this.#options
    if (queue !== undefined && !queue.isVisible(index, Offset(view.offset))) return false
    return filter === undefined || filter(view)
  }

  /** Cursors for partitions that have none yet. */
  #follow(start: StreamStart): void {
    const { partition: only } = this.#options
    if (only !== undefined && this.#cursors.length > 0) return
    const { partitions } = this.topic
    const wanted = only === undefined ? partitions.slice(this.#cursors.length) : [partitions[only]]
    for (const partition of wanted) {
      if (partition === undefined) continue
      const { readAhead, bodies } = this.#host
      const cursor = new StreamCursor(partition, { owner: this, readAhead, bodies })
      this.#cursors.push(cursor)
      cursor.begin(start)
    }
  }
}
