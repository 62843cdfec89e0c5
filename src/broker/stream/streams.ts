import type { Log } from '../../log/store.ts'
import { StoredMessage } from '../../message/stored-message.ts'
import type { SharedBodies } from '../bodies/index.ts'
import { BrokerError } from '../errors.ts'
import type { Queue } from '../queue/index.ts'
import { ReadAhead } from '../queue/lane/index.ts'
import type { Runtime } from '../runtime.ts'
import type { Topic, Topics } from '../topic/index.ts'
import type { Turn } from '../turn.ts'
import {
  type StreamHost,
  type StreamOptions,
  StreamReader,
  type StreamTaker,
} from './stream-reader.ts'

/** Messages one reader looks at before the others have their turn, and then the sockets. */
const MESSAGES_PER_RUN = 1024

/** All readers of topics. One that waits costs nothing but its place in a set. */
export class Streams implements StreamHost {
  readonly readAhead = new ReadAhead()
  readonly bodies: SharedBodies | null
  readonly #runtime: Runtime
  readonly #topics: Topics
  readonly #turn: Turn
  readonly #byTopic = new Map<Topic, Set<StreamReader>>()
  readonly #view = new StoredMessage()
  #due: StreamReader[] = []
  #isDue = false

  constructor(
    runtime: Runtime,
    parts: {
      readonly topics: Topics
      readonly turn: Turn
      /** Where bodies are that are stored once for several logs. Absent: nowhere. */
      readonly bodies?: SharedBodies
    },
  ) {
    this.#runtime = runtime
    this.bodies = parts.bodies ?? null
    this.#topics = parts.topics
    this.#turn = parts.turn
    parts.topics.onDeleted(topic => this.#ended(topic))
  }

  /** Begins to listen. Called once, when the store is open. */
  start(): void {
    this.#runtime.store.onAdvanced(logs => {
      if (this.#byTopic.size > 0) for (const log of logs) this.#advanced(log)
    })
  }

  get count(): number {
    let count = 0
    for (const readers of this.#byTopic.values()) count += readers.size
    return count
  }

  /** Begins to deliver at the end of the turn. */
  open(topic: Topic, taker: StreamTaker, options: StreamOptions): StreamReader {
    if (topic.isDeleted) throw new BrokerError('not-found', `There is no topic '${topic.name}'.`)
    const { partition } = options
    if (partition !== undefined && topic.partitions[partition] === undefined)
      throw new BrokerError('not-found', `Topic '${topic.name}' has no partition ${partition}.`)
    const reader = new StreamReader(this, topic, taker, options)
    const readers = this.#byTopic.get(topic)
    if (readers === undefined) this.#byTopic.set(topic, new Set([reader]))
    else readers.add(reader)
    this.schedule(reader)
    return reader
  }

  schedule(reader: StreamReader): void {
    if (reader.isScheduled) return
    reader.isScheduled = true
    this.#due.push(reader)
    if (this.#isDue) return
    this.#isDue = true
    this.#turn.add('dispatch', this.#run)
  }

  warn(facts: Readonly<Record<string, unknown>>, what: string): void {
    this.#runtime.logger.warn(facts, what)
  }

  left(reader: StreamReader): void {
    const readers = this.#byTopic.get(reader.topic)
    readers?.delete(reader)
    if (readers?.size === 0) this.#byTopic.delete(reader.topic)
  }

  readonly #run = (): void => {
    this.#isDue = false
    const due = this.#due
    this.#due = []
    for (const reader of due) {
      reader.isScheduled = false
      if (reader.isClosed) continue
      if (reader.run(this.#view, MESSAGES_PER_RUN)) this.schedule(reader)
    }
  }

  /** Who looked through a queue that is gone has seen all of it, though its topic may be there. */
  queueDeleted(queue: Queue): void {
    const readers = this.#byTopic.get(queue.topic)
    if (readers === undefined) return
    for (const reader of [...readers]) if (reader.queue === queue) reader.end('deleted')
  }

  #advanced(log: Log): void {
    const topic = this.#topics.partitionOfLog(log.id)?.topic
    const readers = topic === undefined ? undefined : this.#byTopic.get(topic)
    if (readers === undefined) return
    for (const reader of readers) if (reader.taker.isReady) this.schedule(reader)
  }

  #ended(topic: Topic): void {
    const readers = this.#byTopic.get(topic)
    if (readers === undefined) return
    for (const reader of [...readers]) reader.end('deleted')
  }
}
