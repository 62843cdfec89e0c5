import type { BatchSummary, LogId, StateMachine } from '../../log/store.ts'
import type { Mappings } from '../../message/mapping.ts'
import { BrokerError } from '../errors.ts'
import type { ForeignKeys, Place } from '../keyspace/index.ts'
import type { Packers } from '../publish/index.ts'
import type { Policies } from '../policy/index.ts'
import type { Queues } from '../queue/index.ts'
import type { Runtime } from '../runtime.ts'
import { demandVersion } from '../snapshot.ts'
import type { Partition, Topic, Topics } from '../topic/index.ts'
import type { Turn } from '../turn.ts'
import { adopted } from './adoption.ts'
import { copyStream } from './copy.ts'
import { EventReader, EventWriter } from './event-bytes.ts'
import { evolveStream, kind } from './events.ts'
import { GroupPolicies, Wakes } from './group/index.ts'
import type { EntryStream } from './port.ts'
import { readStream, SNAPSHOT_VERSION, writeStream } from './snapshot.ts'
import { type EntryDeadLetters, Stream, type StreamHost } from './stream.ts'
import { StreamState } from './stream-state.ts'
import { Walks } from './reading/index.ts'

/** Called synchronously, right after it. `name` is the stream's. */
export type EntryListener = (namespace: string, name: string) => void

export type EntryParts = {
  readonly topics: Topics
  readonly queues: Queues
  readonly turn: Turn
  readonly packers: Packers
  readonly mappings: Mappings
  /** What groups are asked to keep to. Absent: nothing. */
  readonly policies?: Policies
}

/** A stream keeps everything, until it is told otherwise. */
const OVERRIDES = { 'retention.ms': '-1', 'retention.bytes': '-1' }
const PARTITION = /^(.+)-(0|[1-9]\d{0,5})$/

/**
 * Topics that no queue owns, seen as streams of entries. A topic becomes one when it is asked for:
 * from then on its log is followed. A topic with several partitions has no one order, and so no one
 * row of ids: each partition is a stream, named as Kafka names it on the disk, `orders-0`.
 */
export class EntryStreams implements StateMachine, ForeignKeys {
  readonly name = 'entries'
  readonly type = 'stream'
  readonly #runtime: Runtime
  readonly #parts: EntryParts
  readonly #byLog = new Map<LogId, Stream>()
  readonly #host: { -readonly [Key in keyof StreamHost]: StreamHost[Key] }
  readonly #writer = new EventWriter()
  readonly #appended: EntryListener[] = []
  readonly #changed: EntryListener[] = []
  /** Others wrote into them. */
  readonly #grown = new Set<Stream>()
  /** Topics that somebody made, this turn. */
  readonly #born = new Set<Topic>()
  readonly #tellGrown = (): void => {
    const grown = [...this.#grown]
    this.#grown.clear()
    for (const stream of grown) {
      tell(this.#changed, stream)
      tell(this.#appended, stream)
    }
    const born = [...this.#born]
    this.#born.clear()
    for (const topic of born) {
      if (!this.#isStream(topic)) continue // The topic of a queue.
      for (const name of namesOf(topic)) tell(this.#changed, { namespace: topic.namespace, name })
    }
  }
  #isLive = false

  constructor(runtime: Runtime, parts: EntryParts) {
    this.#runtime = runtime
    this.#parts = parts
    const wakes = new Wakes<Stream>(runtime, stream => tell(this.#appended, stream))
    this.#host = {
      deadLetters: null,
      policies: parts.policies === undefined ? null : new GroupPolicies(parts.policies),
      wakes,
      untruncated: new Set(),
      entryWriter: new EventWriter(),
      runtime,
      turn: parts.turn,
      packers: parts.packers,
      writer: this.#writer,
      walks: new Walks(parts.mappings, parts.packers.bodies),
      journal: (writer, isRelief) => this.#journal(writer, isRelief === true),
      journalApplied: writer => this.#journalApplied(writer),
      appended: stream => tell(this.#appended, stream),
      changed: stream => tell(this.#changed, stream),
    }
    parts.policies?.onChanged(() => this.#plan())
    parts.topics.onCreated(topic => {
      if (!this.#isLive) return
      this.#tellLater()
      this.#born.add(topic)
    })
    parts.topics.onDeleted(topic => {
      this.#born.delete(topic)
      for (const { logId } of topic.partitions) this.#drop(logId)
    })
  }

  /** There are logs from now on. */
  start(): void {
    this.#isLive = true
    for (const { state } of this.#byLog.values()) {
      if (state.log.endOffset >= state.end) continue
      // It was in memory.
      this.#writer.begin().int(kind.emptied).int(state.logId)
      this.#journal(this.#writer, true)
    }
    this.#plan()
    this.#runtime.store.onAdvanced(() => {
      if (this.#host.untruncated.size === 0) return
      const streams = [...this.#host.untruncated]
      this.#host.untruncated.clear()
      for (const stream of streams) if (!stream.isDeleted) stream.truncate()
    })
  }

  /** Nobody is called any more. */
  stop(): void {
    this.#host.wakes.stop()
  }

  /** Assigned by whoever knows exchanges. Without it what dies is gone. */
  set deadLetters(deadLetters: EntryDeadLetters) {
    this.#host.deadLetters = deadLetters
  }

  /** Calls those who listen for what is new when the time has come, in milliseconds since 1970. */
  wakeAt(namespace: string, name: string, time: number): void {
    const stream = this.#stream(namespace, name)
    if (stream !== undefined) this.#host.wakes.at(stream, time)
  }

  /** Undefined when there is no topic of that name, or it is a queue's. */
  find(namespace: string, name: string): EntryStream | undefined {
    return this.#stream(namespace, name)
  }

  /** A topic of several partitions is watched by their names only. */
  follow(namespace: string, name: string): void {
    if ((this.#parts.topics.find(namespace, name)?.partitions.length ?? 1) === 1)
      this.#stream(namespace, name)
  }

  /** Whether there is one; cheaper than `find`, and true for a topic of several partitions, too. */
  has(namespace: string, name: string): boolean {
    const topic = this.#parts.topics.find(namespace, name)
    if (topic !== undefined) return this.#isStream(topic)
    return this.#partOf(namespace, name) !== undefined
  }

  /**
   * The stream of that name; its topic is made when there is none: it keeps everything. Throws
   * `wrong-type` for the name of a queue, `storage` when the disk takes nothing.
   */
  open(namespace: string, name: string): EntryStream {
    const known = this.find(namespace, name)
    if (known !== undefined) return known
    const { topics } = this.#parts
    if (topics.find(namespace, name) !== undefined || this.#queueOf(namespace, name) !== undefined)
      throw new BrokerError('wrong-type', `'${name}' is not a stream.`)
    const topic = topics.createNow({
      ...(namespace === '/' ? {} : { namespace }),
      name,
      naming: 'free',
      partitionCount: 1,
      overrides: OVERRIDES,
    })
    this.#born.delete(topic) // Whoever listens is told now.
    const stream = this.#streamOf(topic.partitions[0]!)
    tell(this.#changed, stream)
    return stream
  }

  /** Made here, not by a client of another kind: it keeps everything. */
  isOwn({ overrides }: Topic): boolean {
    const wanted = Object.entries(OVERRIDES)
    if (overrides.size !== wanted.length) return false
    return wanted.every(([name, value]) => overrides.get(name) === value)
  }

  isOthers(namespace: string, name: string): boolean {
    const topic = this.#parts.topics.find(namespace, name)
    return topic === undefined || !this.isOwn(topic)
  }

  /** Lazily: the caller may stop. */
  *names(namespace: string): Generator<string> {
    for (const topic of this.#parts.topics.all()) {
      if (topic.namespace !== namespace || !this.#isStream(topic)) continue
      yield* namesOf(topic)
    }
  }

  /**
   * Deletes the topic, whoever made it. False: there was none. One of several partitions cannot go:
   * it loses its entries and groups.
   */
  delete(namespace: string, name: string): boolean {
    const { topics, queues, turn } = this.#parts
    const topic = topics.find(namespace, name)
    if (topic === undefined || !this.#isStream(topic)) return this.#emptyPart(namespace, name)
    turn.flush()
    const queue = this.#queueOf(namespace, name)
    if (queue !== undefined) queues.delete(queue)
    else topics.deleteNow(topic.id)
    for (const listener of this.#changed) listener(namespace, name)
    return true
  }

  /** Entries keep their ids, and groups what they have; other protocols see a new topic. */
  rename(from: Place, to: Place): void {
    this.copy(from, to)
    this.delete(from.namespace, from.name)
  }

  copy(from: Place, to: Place): void {
    const source = this.#stream(from.namespace, from.name)
    if (source === undefined) throw new BrokerError('not-found', `There is no '${from.name}'.`)
    this.open(to.namespace, to.name)
    copyStream(source, this.#stream(to.namespace, to.name)!)
    this.#parts.turn.flush()
  }

  /** There are entries that were not there before, or a group has something to hand out again. */
  onAppended(listener: EntryListener): void {
    this.#appended.push(listener)
  }

  /** Whatever changed a stream, by any protocol: for those who watch keys. */
  onChanged(listener: EntryListener): void {
    this.#changed.push(listener)
  }

  appended(log: LogId, batch: BatchSummary): void {
    if (this.#byLog.size === 0) return
    const stream = this.#byLog.get(log)
    if (stream === undefined) return
    const isOwn = stream.state.appended(batch)
    if (!this.#isLive || isOwn) return
    this.#tellLater()
    this.#grown.add(stream)
  }

  evolve(event: Buffer): void {
    const reader = new EventReader(event)
    const what = reader.int()
    const log = reader.int() as LogId
    if (what === kind.opened) {
      const state = this.#add(log, reader.int())
      if (state !== undefined) readStream(reader, state)
      return
    }
    const stream = this.#byLog.get(log)
    // Its topic was deleted in the same turn.
    if (stream !== undefined) evolveStream(stream.state, what, reader)
  }

  snapshot(): Buffer {
    const writer = new EventWriter().begin().int(SNAPSHOT_VERSION).int(this.#byLog.size)
    for (const { state } of this.#byLog.values()) {
      writer.int(state.logId).int(state.bornAt)
      writeStream(writer, state)
    }
    return Buffer.from(writer.bytes())
  }

  restore(snapshot: Buffer): void {
    const reader = new EventReader(snapshot)
    demandVersion(this.name, reader.int(), SNAPSHOT_VERSION)
    for (let left = reader.int(); left > 0; left--) {
      const state = this.#add(reader.int() as LogId, reader.int())
      if (state === undefined) throw new Error('a stream has a topic')
      readStream(reader, state)
    }
  }

  /** What comes back by itself does so after a start, too, and with new policies. */
  #plan(): void {
    for (const stream of this.#byLog.values()) {
      const time = stream.wakeAt()
      if (time < Number.POSITIVE_INFINITY) this.#host.wakes.at(stream, time)
    }
  }

  #add(log: LogId, bornAt: number): StreamState | undefined {
    const partition = this.#parts.topics.partitionOfLog(log)
    if (partition === undefined) return undefined
    const state = new StreamState(partition, bornAt)
    this.#byLog.set(log, new Stream(state, this.#host))
    return state
  }

  #drop(log: LogId): void {
    const stream = this.#byLog.get(log)
    if (stream === undefined) return
    this.#byLog.delete(log)
    this.#host.walks.drop(stream.state)
    this.#host.wakes.drop(stream)
    if (this.#isLive) for (const listener of this.#changed) listener(stream.namespace, stream.name)
  }

  #stream(namespace: string, name: string): Stream | undefined {
    const partition = this.#partition(namespace, name)
    return partition === undefined ? undefined : this.#streamOf(partition)
  }

  #emptyPart(namespace: string, name: string): boolean {
    const partition = this.#partOf(namespace, name)
    if (partition === undefined) return false
    const stream = this.#streamOf(partition)
    stream.trim({ keep: { count: 0 }, isApproximate: false, countMax: 0, references: 'keep' })
    for (const group of [...stream.groups.values()]) stream.destroyGroup(group)
    return true
  }

  #streamOf(partition: Partition): Stream {
    const known = this.#byLog.get(partition.logId)
    if (known !== undefined) return known
    const state = adopted(partition)
    // While the disk takes nothing it is looked at as it is.
    if (this.#runtime.store.refusal !== null) return new Stream(state, this.#host)
    this.#writer.begin().int(kind.opened).int(state.logId).int(state.bornAt)
    writeStream(this.#writer, state)
    this.#journal(this.#writer, false)
    return this.#byLog.get(partition.logId)!
  }

  /** Throws `precondition-failed` for a topic that has several. */
  #partition(namespace: string, name: string): Partition | undefined {
    const topic = this.#parts.topics.find(namespace, name)
    if (topic === undefined) return this.#partOf(namespace, name)
    if (!this.#isStream(topic)) return undefined
    const { partitions } = topic
    if (partitions.length === 1) return partitions[0]
    const last = partitions.length - 1
    const why = `'${name}' has ${partitions.length} partitions: read ${name}-0 to ${name}-${last}.`
    throw new BrokerError('precondition-failed', why)
  }

  /** One of several partitions, by its own name. */
  #partOf(namespace: string, name: string): Partition | undefined {
    const found = PARTITION.exec(name)
    if (found === null) return undefined
    const topic = this.#parts.topics.find(namespace, found[1]!)
    if (topic === undefined || topic.partitions.length === 1 || !this.#isStream(topic))
      return undefined
    return topic.partitions[Number(found[2])]
  }

  #isStream(topic: Topic): boolean {
    if (topic.isHidden || topic.isInternal) return false
    const queue = this.#queueOf(topic.namespace, topic.name)
    return queue === undefined || queue.spec.type === 'stream'
  }

  #queueOf(namespace: string, name: string) {
    return this.#parts.queues.find(namespace, name)
  }

  /** Not at once: whoever hears of it reads, and writes. */
  #tellLater(): void {
    if (this.#grown.size + this.#born.size === 0) this.#parts.turn.add('dispatch', this.#tellGrown)
  }

  #journalApplied({ buffer, sizeBytes }: EventWriter): void {
    const { store } = this.#runtime
    if (store.refusal !== null) throw new BrokerError('storage', store.refusal.message)
    store.journalApplied(this.name, buffer, 0, sizeBytes)
  }

  #journal(writer: EventWriter, isRelief: boolean): void {
    const { store } = this.#runtime
    const refusal = isRelief ? store.reliefRefusal : store.refusal
    if (refusal !== null) throw new BrokerError('storage', refusal.message)
    if (isRelief) store.journalRelief(this.name, writer.bytes())
    else store.journal(this.name, writer.bytes())
  }
}

/** Of the streams that a topic is. */
function namesOf({ name, partitions }: Topic): readonly string[] {
  return partitions.length === 1 ? [name] : partitions.map(({ index }) => `${name}-${index}`)
}

function tell(listeners: readonly EntryListener[], { namespace, name }: Place): void {
  for (let index = 0; index < listeners.length; index++) listeners[index]!(namespace, name)
}
