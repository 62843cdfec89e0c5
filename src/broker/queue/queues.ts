import { assert, unreachable } from '../../lib/assert.ts'
import type { Log, LogId, StateMachine } from '../../log/store.ts'
import { BrokerError } from '../errors.ts'
import type { Packers } from '../publish/index.ts'
import type { Runtime } from '../runtime.ts'
import type { Topic, Topics } from '../topic/index.ts'
import type { Turn } from '../turn.ts'
import { Agenda } from './agenda.ts'
import { ChangedQueues, DirtyQueues } from './dirty-queues.ts'
import { Dispatch } from './dispatch.ts'
import type { DeadLetterPort } from './fate/dead-letter-port.ts'
import { LaneState, LogLane, ReadAhead, restoredLane } from './lane/index.ts'
import { LaneJournal } from './lane-journal.ts'
import type { Queue, QueueId, QueueSpec } from './queue.ts'
import {
  type DeclaredEvent,
  declaredEvent,
  decodeQueueEvent,
  decodeQueueSnapshot,
  EXPIRING,
  encodeQueueEvent,
  encodeQueueSnapshot,
  laneAddressOf,
  type QueueEvent,
} from './queue-events.ts'
import type { QueueHost } from './queue-host.ts'
import { QueueState } from './queue-state.ts'
import { Registry } from './registry.ts'
import type { QueueSettings } from './settings.ts'
import { changeStream, topicOf } from './topic-of.ts'
import { Truncation } from './truncation.ts'

/** After so long a lane that could not be read is asked again. */
const READ_RETRY_MS = 1000

export type QueuePorts = {
  readonly topics: Topics
  readonly turn: Turn
  readonly packers: Packers
}

export type DeclareOptions = {
  /** Where a queue begins on a topic that is there already; `next`, its end, unless said. */
  readonly from?: 'first' | 'next'
}

/** All queues. What changes holds at once; whoever asked for it waits for the disk. */
export class Queues implements StateMachine, QueueHost {
  readonly name = 'queues'
  readonly runtime: Runtime
  readonly packers: Packers
  readonly agenda: Agenda
  /** Assigned by whoever knows exchanges. Without it what dies is gone. */
  deadLetters: DeadLetterPort | null = null
  /** Assigned by whoever knows policies: what is in force for a queue declared like this. */
  effectiveSettings: ((spec: QueueSpec, declared: QueueSettings) => QueueSettings) | null = null
  readonly #topics: Topics
  readonly #turn: Turn
  readonly #registry = new Registry()
  readonly #dispatch: Dispatch
  readonly #dirty: DirtyQueues
  readonly #changed: ChangedQueues
  readonly #truncation: Truncation
  readonly #readAhead = new ReadAhead()
  readonly #laneJournal: LaneJournal
  #isLive = false
  /** To be told that they are gone. */
  #ended: QueueState[] = []
  /** To be deleted when the disk takes it. */
  #unwanted = new Set<QueueState>()

  constructor(runtime: Runtime, ports: QueuePorts) {
    this.runtime = runtime
    this.packers = ports.packers
    this.#topics = ports.topics
    this.#turn = ports.turn
    this.agenda = new Agenda(() => runtime.clock.now(), runtime.timers)
    this.#dispatch = new Dispatch(this)
    this.#dirty = new DirtyQueues(ports.turn, queue => this.#dispatch.run(queue))
    this.#changed = new ChangedQueues(ports.turn)
    this.#laneJournal = new LaneJournal(runtime, ports.turn, this.name)
    this.#truncation = new Truncation(runtime, topic => this.#registry.onTopic(topic))
    ports.topics.onDeleted(topic => {
      for (const queue of [...this.#registry.onTopic(topic)]) this.#remove(queue)
    })
  }

  /** The store has replayed. Queues that are not durable end here. */
  start(): void {
    this.#isLive = true
    const { store } = this.runtime
    for (const queue of [...this.#registry.all()]) {
      this.#bind(queue)
      if (!queue.spec.isDurable || queue.spec.owner !== null) this.delete(queue)
    }
    store.onAdvanced(logs => {
      if (this.#registry.count > 0) for (const log of logs) this.#advanced(log)
    })
    store.onRefusal(refusal => {
      if (refusal !== null) return
      for (const queue of this.#unwanted) this.delete(queue)
      this.#laneJournal.resume()
    })
    this.#truncation.start()
  }

  /** Journals what is settled. Who pulls gets nothing. */
  stop(): void {
    this.#truncation.stop()
    this.agenda.stop()
    this.#turn.flush()
    for (const { pulls } of this.#registry.all()) pulls?.end()
  }

  get count(): number {
    return this.#registry.count
  }

  find(namespace: string, name: string): QueueState | undefined {
    return this.#registry.find(namespace, name)
  }

  byId(id: QueueId): QueueState | undefined {
    return this.#registry.byId(id)
  }

  all(): Iterable<QueueState> {
    return this.#registry.all()
  }

  inNamespace(namespace: string): Iterable<QueueState> {
    return this.#registry.inNamespace(namespace)
  }

  onTopic(topic: Topic): readonly QueueState[] {
    return this.#registry.onTopic(topic)
  }

  /** Exclusive ones of a session. */
  ofOwner(sessionId: number): Iterable<QueueState> {
    return this.#registry.ofOwner(sessionId)
  }

  /** Called once for each turn in which something changed; with bits of `change`. */
  observe(observer: (queue: QueueState, changes: number) => void): void {
    this.#changed.observer = observer
  }

  /** Called, live and while replaying, when a queue is there. Must not change queues. */
  onDeclared(listener: (queue: Queue) => void): void {
    this.#registry.onAdded(listener)
  }

  /** Called, live and while replaying, right after a queue is gone. Must not change queues. */
  onDeleted(listener: (queue: Queue) => void): void {
    this.#registry.onRemoved(listener)
  }

  /**
   * The queue of that name, made if there is none. Whether it is the same as what was asked for is
   * the caller's to compare. Throws `not-found` for a source that is not there.
   */
  declare(spec: QueueSpec, settings: QueueSettings, options: DeclareOptions = {}): QueueState {
    const known = this.find(spec.namespace, spec.name)
    if (known !== undefined) {
      if (spec.isImplicit !== true) known.declared(spec.user, spec.declared)
      return known
    }
    const { refusal } = this.runtime.store
    if (refusal !== null) throw new BrokerError('storage', refusal.message)
    const { topic, isOwn } = topicOf(this.#topics, this.runtime, spec, settings)
    const from = options.from ?? 'next'
    const id = this.#registry.idNext as QueueId
    this.journal({
      kind: 'declared',
      id,
      spec,
      settings,
      topic: topic.id,
      ownsTopic: isOwn,
      floors: topic.partitions.map(({ log }) =>
        from === 'first' || isOwn ? log.startOffset : log.endOffset,
      ),
      levels: isOwn && settings.priorityMax > 0 ? [0] : [],
      ...(this.#registry.onTopic(topic).some(({ isExpiring }) => isExpiring) ? EXPIRING : {}),
    })
    return this.#registry.existing(id)
  }

  /** Takes the topic along that it made. On a disk that takes nothing it goes later. */
  delete(queue: Queue): void {
    const { store } = this.runtime
    const state = this.#registry.existing(queue.id)
    if (queue.isDeleted) return
    if (store.reliefRefusal !== null) {
      this.#unwanted.add(state)
      return
    }
    this.#unwanted.delete(state)
    if (state.ownsTopic) this.#topics.deleteNow(state.topic.id)
    else store.journalRelief(this.name, encodeQueueEvent({ kind: 'deleted', id: queue.id }))
    this.#tellEnded()
  }

  /** Its exclusive queues go, and nobody waits for it any more. */
  sessionClosed(sessionId: number): void {
    for (const queue of [...this.#registry.ofOwner(sessionId)]) this.delete(queue)
    this.#registry.dropPulls(sessionId)
  }

  /** Asks anew what is in force, for all queues. */
  policiesChanged(): void {
    for (const queue of this.#registry.all()) this.#apply(queue)
  }

  evolve(bytes: Buffer): void {
    const address = laneAddressOf(bytes)
    if (address === undefined) return this.#evolve(decodeQueueEvent(bytes))
    const queue = this.#registry.existing(address.queue)
    queue.stateOf(address.lane).evolve(bytes, address.start)
  }

  snapshot(): Buffer {
    const queues = [...this.#registry.all()].map(queue => ({
      declared: declaredEvent(queue),
      lanes: queue.laneStates.map(state => this.#laneJournal.snapshotOf(state)),
    }))
    return encodeQueueSnapshot({ queues, idNext: this.#registry.idNext })
  }

  restore(snapshot: Buffer): void {
    const { queues, idNext } = decodeQueueSnapshot(snapshot)
    for (const { declared, lanes } of queues) {
      this.#add(declared, lanes.map(restoredLane))
    }
    this.#registry.idNext = idNext
  }

  now(): number {
    return this.runtime.clock.now()
  }

  flush(): void {
    this.#turn.flush()
  }

  noteSettled(queue: QueueState): void {
    if (!queue.isNoted) this.#truncation.note(queue)
  }

  markDirty(queue: QueueState): void {
    if (this.#isLive) this.#dirty.add(queue)
  }

  servePulls(queue: QueueState): void {
    if (!this.#dispatch.isRunning) this.#dispatch.servePulls(queue)
    // What comes behind a message that was pulled may have expired, or will.
    if (queue.pulls!.count > 0) this.#registry.pulled(queue)
    if (queue.pulls!.count > 0 || queue.mayExpire) this.markDirty(queue)
  }

  addLevel(queue: QueueState, level: number): boolean {
    if (this.runtime.store.refusal !== null) return false
    const lane = queue.topic.partitions.length
    this.#topics.growNow(queue.topic.id, lane + 1)
    this.journal({ kind: 'levelled', id: queue.id, lane, level })
    return true
  }

  noteChange(queue: QueueState, bits: number): void {
    this.#changed.note(queue, bits)
  }

  noteExpiring({ topic }: QueueState): void {
    if (this.runtime.store.refusal !== null) return
    for (const queue of this.#registry.onTopic(topic)) {
      if (!queue.isExpiring) this.journal({ kind: 'expiring', id: queue.id })
      queue.mayExpire = true
    }
  }

  #evolve(event: QueueEvent): void {
    switch (event.kind) {
      case 'declared':
        this.#add(
          event,
          event.floors.map(floor => new LaneState(floor)),
        )
        break
      case 'deleted':
        this.#remove(this.#registry.existing(event.id))
        break
      case 'expiring':
        this.#registry.existing(event.id).isExpiring = true
        break
      case 'headed':
        this.#registry.existing(event.id).headSet = event.head
        break
      case 'adopted':
        this.#registry.existing(event.id).spec = event.spec
        break
      case 'levelled': {
        const queue = this.#registry.existing(event.id)
        queue.levels[event.lane] = event.level
        if (this.#isLive) this.#addLanes(queue)
        break
      }
      default:
        unreachable(event)
    }
  }

  #add(event: DeclaredEvent, states: LaneState[]): void {
    const topic = this.#topics.byId(event.topic)
    assert(topic !== undefined, 'the topic of a queue is there')
    const shared = { ...event, settings: this.#registry.settings.get(event.settings) }
    const queue = new QueueState(shared, { host: this, topic, states })
    this.#registry.add(queue)
    if (this.#isLive) this.#bind(queue)
    this.#registry.tellAdded(queue)
  }

  #remove(queue: QueueState): void {
    queue.isDeleted = true
    this.agenda.remove(queue)
    this.#unwanted.delete(queue)
    this.#registry.remove(queue)
    if (!this.#isLive) return
    this.#ended.push(queue)
    this.#turn.add('dispatch', this.#tellEnded)
  }

  /** Consumers may ask for anything in return: not while an event is applied. */
  readonly #tellEnded = (): void => {
    for (const queue of this.#ended.splice(0)) queue.end()
  }

  /** There are logs from now on. */
  #bind(queue: QueueState): void {
    this.#addLanes(queue)
    queue.usedAt = this.now()
    queue.mayExpire = queue.isExpiring
    this.#apply(queue)
    queue.plan()
  }

  #addLanes(queue: QueueState): void {
    if (queue.isStream) return
    for (const { index, log } of queue.topic.partitions) {
      if (queue.lanes.all[index] !== undefined) continue
      const lane = new LogLane({
        index,
        log,
        state: queue.stateOf(index),
        readAhead: this.#readAhead,
        bodies: this.packers.bodies ?? undefined,
        onChanged: changed => this.#laneJournal.changed(queue, changed),
        onLoaded: () => this.markDirty(queue),
        onFailed: (_lane, error) => this.#readFailed(queue, error),
      })
      queue.lanes.add(lane, queue.levels.length === 0 ? null : (queue.levels[index] ?? 0))
      if (queue.settings.lengthBytesMax !== null) lane.trackBytes()
      this.#registry.addLog(log.id, queue)
    }
  }

  #apply(queue: QueueState): void {
    const { spec, topic, settingsDeclared } = queue
    const effective = this.effectiveSettings?.(spec, settingsDeclared) ?? settingsDeclared
    const isDeclared = effective === settingsDeclared
    queue.apply(isDeclared ? effective : this.#registry.settings.get(effective))
    if (queue.isStream && queue.ownsTopic)
      changeStream(this.#topics, this.runtime, { topic, spec, settings: queue.settings })
  }

  #advanced(log: Log): void {
    const queues = this.#registry.onLog(log.id) ?? this.#grown(log.id)
    if (queues === undefined) return
    for (const queue of queues) if (queue.isInterested) this.markDirty(queue)
  }

  /** A topic may have got another log since its queues were made. */
  #grown(id: LogId): readonly QueueState[] | undefined {
    const topic = this.#topics.partitionOfLog(id)?.topic
    if (topic === undefined) return undefined
    for (const queue of this.#registry.onTopic(topic)) this.#addLanes(queue)
    return this.#registry.onLog(id)
  }

  #readFailed(queue: QueueState, error: unknown): void {
    const { namespace, name } = queue.spec
    this.runtime.logger.warn({ namespace, queue: name, error }, 'a queue could not be read')
    this.agenda.add(queue, this.now() + READ_RETRY_MS)
  }

  journal(event: QueueEvent): void {
    this.runtime.store.journal(this.name, encodeQueueEvent(event))
  }
}
