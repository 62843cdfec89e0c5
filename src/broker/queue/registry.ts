import { assert } from '../../lib/assert.ts'
import { Shared } from '../../lib/shared.ts'
import type { LogId } from '../../log/store.ts'
import { DEFAULT_NAMESPACE, type Topic } from '../topic/index.ts'
import type { Queue, QueueId } from './queue.ts'
import type { QueueState } from './queue-state.ts'
import type { QueueSettings } from './settings.ts'

const NONE: readonly QueueState[] = []

/** The queues there are, and the ways to find one. */
export class Registry {
  /** The id the next queue gets: none is used twice. */
  idNext = 1
  /** Most queues have the same. */
  readonly settings = new Shared<QueueSettings>()
  readonly #byId = new Map<QueueId, QueueState>()
  readonly #byNamespace = new Map<string, Map<string, QueueState>>()
  readonly #byOwner = new Map<number, Set<QueueState>>()
  readonly #byTopic = new Map<Topic, QueueState[]>()
  readonly #byLog = new Map<LogId, QueueState[]>()
  /** Those whose messages somebody may wait for. */
  readonly #pulled = new Set<QueueState>()
  readonly #addedListeners: ((queue: Queue) => void)[] = []
  readonly #removedListeners: ((queue: Queue) => void)[] = []

  get count(): number {
    return this.#byId.size
  }

  all(): Iterable<QueueState> {
    return this.#byId.values()
  }

  byId(id: QueueId): QueueState | undefined {
    return this.#byId.get(id)
  }

  existing(id: QueueId): QueueState {
    const queue = this.#byId.get(id)
    assert(queue !== undefined, 'events are about queues that are there')
    return queue
  }

  find(namespace: string, name: string): QueueState | undefined {
    return this.#byNamespace.get(namespace)?.get(name)
  }

  inNamespace(namespace: string): Iterable<QueueState> {
    return this.#byNamespace.get(namespace)?.values() ?? NONE
  }

  ofOwner(sessionId: number): Iterable<QueueState> {
    return this.#byOwner.get(sessionId) ?? NONE
  }

  onTopic(topic: Topic): readonly QueueState[] {
    return this.#byTopic.get(topic) ?? NONE
  }

  onLog(id: LogId): readonly QueueState[] | undefined {
    return this.#byLog.get(id)
  }

  /** Somebody waits for a message. */
  pulled(queue: QueueState): void {
    this.#pulled.add(queue)
  }

  /** The session waits for none any more. */
  dropPulls(sessionId: number): void {
    for (const queue of this.#pulled) {
      queue.pulls!.dropSession(sessionId)
      if (queue.pulls!.count === 0) this.#pulled.delete(queue)
    }
  }

  onAdded(listener: (queue: Queue) => void): void {
    this.#addedListeners.push(listener)
  }

  onRemoved(listener: (queue: Queue) => void): void {
    this.#removedListeners.push(listener)
  }

  add(queue: QueueState): void {
    const { namespace, name, owner } = queue.spec
    this.idNext = Math.max(this.idNext, queue.id + 1)
    this.#byId.set(queue.id, queue)
    let names = this.#byNamespace.get(namespace)
    if (names === undefined) this.#byNamespace.set(namespace, (names = new Map()))
    names.set(name, queue)
    pushTo(this.#byTopic, queue.topic, queue)
    if (owner === null) return
    const owned = this.#byOwner.get(owner)
    if (owned === undefined) this.#byOwner.set(owner, new Set([queue]))
    else owned.add(queue)
  }

  tellAdded(queue: Queue): void {
    for (const listener of this.#addedListeners) listener(queue)
  }

  addLog(id: LogId, queue: QueueState): void {
    pushTo(this.#byLog, id, queue)
  }

  remove(queue: QueueState): void {
    const { namespace, name, owner } = queue.spec
    this.#byId.delete(queue.id)
    this.#pulled.delete(queue)
    const names = this.#byNamespace.get(namespace)
    names?.delete(name)
    if (names?.size === 0 && namespace !== DEFAULT_NAMESPACE) this.#byNamespace.delete(namespace)
    removeFrom(this.#byTopic, queue.topic, queue)
    for (const { log } of queue.lanes.all) removeFrom(this.#byLog, log.id, queue)
    if (owner !== null) {
      this.#byOwner.get(owner)?.delete(queue)
      if (this.#byOwner.get(owner)?.size === 0) this.#byOwner.delete(owner)
    }
    for (const listener of this.#removedListeners) listener(queue)
  }
}

function pushTo<Key>(map: Map<Key, QueueState[]>, key: Key, queue: QueueState): void {
  const queues = map.get(key)
  if (queues === undefined) map.set(key, [queue])
  else queues.push(queue)
}

function removeFrom<Key>(map: Map<Key, QueueState[]>, key: Key, queue: QueueState): void {
  const queues = map.get(key)?.filter(other => other !== queue) ?? []
  if (queues.length === 0) map.delete(key)
  else map.set(key, queues)
}
