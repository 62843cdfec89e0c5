import { limits } from '../../limits/limits.ts'
import type { Timer } from '../../platform/platform.ts'
import { BrokerError } from '../errors.ts'
import { type Queues, type QueueState, queueSettingsDefault } from '../queue/index.ts'
import type { Runtime } from '../runtime.ts'
import type { Topics } from '../topic/index.ts'
import type { Turn } from '../turn.ts'
import { IdleLists } from './idle-lists.ts'
import { Element, type List } from './list.ts'
import { type ListHost, ListState } from './list-state.ts'

/** Something changed in a list: `name` is the queue's. Must not change lists. */
export type ListListener = (namespace: string, name: string) => void

export type ListPorts = {
  readonly queues: Queues
  readonly topics: Topics
  readonly turn: Turn
}

/** Where a list lies. */
type Place = { readonly namespace: string; readonly name: string }

const SWEEP_PERIOD_MS = 1000

/** Queues, seen as lists. A list without ready elements does not exist. */
export class Lists implements ListHost {
  readonly type = 'list'
  readonly #runtime: Runtime
  readonly #queues: Queues
  readonly #topics: Topics
  readonly #turn: Turn
  readonly #idle: IdleLists
  readonly #ready: ListListener[] = []
  readonly #changed: ListListener[] = []
  /** Others put something in them in this turn. */
  readonly #readySoon = new Set<QueueState>()
  readonly #element = new Element()
  #timer: Timer | null = null

  constructor(runtime: Runtime, ports: ListPorts) {
    this.#runtime = runtime
    this.#queues = ports.queues
    this.#topics = ports.topics
    this.#turn = ports.turn
    this.#idle = new IdleLists(limits.idleListsMax, list => this.#queues.delete(list.queue))
  }

  /** The store has replayed. */
  start(): void {
    for (const queue of this.#queues.all())
      if (queue.spec.isImplicit === true) this.emptied(this.#listOf(queue))
    this.#timer = this.#runtime.timers.every(SWEEP_PERIOD_MS, () => {
      if (this.#runtime.store.reliefRefusal === null) this.#idle.sweep()
    })
  }

  stop(): void {
    this.#timer?.cancel()
  }

  /**
   * The list of that name; undefined when there is nothing in it. Throws `access-refused` for the
   * exclusive queue of a connection.
   */
  find(namespace: string, name: string): List | undefined {
    const queue = this.#queues.find(namespace, name)
    if (queue === undefined || queue.isStream) return undefined
    const list = this.#listOf(queue)
    if (list.length === 0) return undefined
    demandShared(queue)
    return list
  }

  /**
   * The list of that name, though it may be empty: its queue is made when there is none. Throws
   * `wrong-type` for a topic or stream, `storage` when the disk takes nothing.
   */
  open(namespace: string, name: string): List {
    const queue = this.#queues.find(namespace, name) ?? this.#make(namespace, name)
    if (queue.isStream) throw wrongType(name)
    demandShared(queue)
    return this.#listOf(queue)
  }

  has(namespace: string, name: string): boolean {
    const queue = this.#queues.find(namespace, name)
    return queue !== undefined && !queue.isStream && this.#listOf(queue).length > 0
  }

  /** Of lists that are not empty. Lazily: the caller may stop. */
  *names(namespace: string): Generator<string> {
    for (const queue of this.#queues.inNamespace(namespace)) {
      if (queue.isStream || queue.spec.owner !== null) continue
      if (this.#listOf(queue).length > 0) yield queue.spec.name
    }
  }

  /**
   * Empties the list. Its queue goes some time later when only pushes had made it. What consumers
   * hold stays theirs. False: there was nothing.
   */
  delete(namespace: string, name: string): boolean {
    const list = this.find(namespace, name)
    if (list === undefined) return false
    list.trim(1, 0)
    return true
  }

  /** What is in the one goes to the other, which is empty. A queue that was declared stays. */
  rename(from: Place, to: Place): void {
    const source = this.find(from.namespace, from.name)
    if (source === undefined) return
    const target = this.open(to.namespace, to.name)
    asState(source).moveTo(asState(target), this.#element)
  }

  copy(from: Place, to: Place): void {
    const source = this.find(from.namespace, from.name)
    if (source === undefined) return
    asState(source).copyTo(asState(this.open(to.namespace, to.name)))
  }

  /** Something else wants the name: a queue that only pushes had made goes if it is empty. */
  vacate(namespace: string, name: string): void {
    const queue = this.#queues.find(namespace, name)
    if (queue?.spec.isImplicit !== true) return
    const list = this.#listOf(queue)
    if (list.length === 0 && list.isUnused) this.#queues.delete(queue)
  }

  /**
   * There is something in a list that may have been empty: pushed, published by any protocol,
   * returned, or its time came. Called at the end of the turn: listeners may take it.
   */
  onReady(listener: ListListener): void {
    this.#ready.push(listener)
    this.#observe()
  }

  /** Whatever changed a list, by any protocol: for those who watch keys. Called right after it. */
  onChanged(listener: ListListener): void {
    this.#changed.push(listener)
    this.#observe()
  }

  emptied(list: ListState): void {
    this.#idle.add(list)
  }

  #observe(): void {
    this.#queues.observer = (queue, isMore) => this.#observed(queue, isMore)
  }

  #observed(queue: QueueState, isMore: boolean): void {
    const { namespace, name } = queue.spec
    for (const listener of this.#changed) listener(namespace, name)
    if (!isMore || this.#ready.length === 0) return
    if (this.#readySoon.size === 0) this.#turn.add('dispatch', this.#tellReady)
    this.#readySoon.add(queue)
  }

  readonly #tellReady = (): void => {
    const queues = [...this.#readySoon]
    this.#readySoon.clear()
    for (const { spec, isDeleted } of queues) {
      if (isDeleted) continue
      for (const listener of this.#ready) listener(spec.namespace, spec.name)
    }
  }

  #make(namespace: string, name: string): QueueState {
    if (this.#topics.find(namespace, name) !== undefined) throw wrongType(name)
    return this.#queues.declare(
      {
        namespace,
        name,
        isDurable: true,
        isAutoDelete: false,
        owner: null,
        user: '',
        declared: {},
        type: 'classic',
        source: null,
        isImplicit: true,
      },
      queueSettingsDefault,
    )
  }

  #listOf(queue: QueueState): ListState {
    const { view } = queue
    if (view instanceof ListState) return view
    const list = new ListState(queue, this)
    queue.view = list
    return list
  }
}

function asState(list: List): ListState {
  return list as ListState
}

function demandShared({ spec }: QueueState): void {
  if (spec.owner === null) return
  throw new BrokerError('access-refused', `queue '${spec.name}' belongs to a connection`)
}

const wrongType = (name: string): BrokerError =>
  new BrokerError('wrong-type', `'${name}' is a topic, not a queue`)
