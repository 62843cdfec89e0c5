import type { StateMachine } from '../../log/store.ts'
import { BrokerError } from '../errors.ts'
import { JsonJournal } from '../json-journal.ts'
import type { Runtime } from '../runtime.ts'
import { DEFAULT_NAMESPACE } from '../topic/topic-names.ts'
import type { NamespaceEvent, NamespaceSpec } from './events.ts'

/** A world of its own: names of queues, topics, exchanges and policies are unique within it. */
export interface Namespace extends NamespaceSpec {
  /** Publishes and deliveries are copied to the trace exchange. Off after a start. */
  readonly isTraced: boolean
  readonly isDeleted: boolean
}

/** What may be said when one is made or changed; what is left out stays as it is. */
export type NamespaceChange = Partial<Omit<NamespaceSpec, 'name'>>

type State = { -readonly [Key in keyof Namespace]: Namespace[Key] }

const NAME_BYTES_MAX = 255
const queueTypes: readonly unknown[] = ['classic', 'quorum', 'stream', null]

/**
 * All namespaces. `/` is always there, since most protocols can see no other. Changes hold at once;
 * whoever answers a client waits for the store to confirm.
 */
export class Namespaces implements StateMachine {
  readonly name = 'namespaces'
  readonly #journal: JsonJournal<NamespaceEvent>
  readonly #byName = new Map<string, State>()
  readonly #created: ((namespace: Namespace) => void)[] = []
  readonly #deleted: ((namespace: Namespace) => void)[] = []
  readonly #traced: ((name: string, isTraced: boolean) => void)[] = []

  constructor(runtime: Runtime) {
    this.#journal = new JsonJournal(runtime, this.name)
    this.#put(blank(DEFAULT_NAMESPACE))
  }

  find(name: string): Namespace | undefined {
    return this.#byName.get(name)
  }

  /** The namespace, or `not-found`. */
  get(name: string): Namespace {
    const namespace = this.#byName.get(name)
    if (namespace !== undefined) return namespace
    throw new BrokerError('not-found', `Virtual host ${name} does not exist`)
  }

  has(name: string): boolean {
    return this.#byName.has(name)
  }

  /** In the order in which they were made. */
  all(): Iterable<Namespace> {
    return this.#byName.values()
  }

  get count(): number {
    return this.#byName.size
  }

  /** Throws `already-exists`. */
  add(name: string, change: NamespaceChange = {}): Namespace {
    if (this.#byName.has(name)) {
      throw new BrokerError('already-exists', `Virtual host "${name}" already exists`)
    }
    return this.put(name, change)
  }

  /** Made, or changed where the change says something else. */
  put(name: string, change: NamespaceChange = {}): Namespace {
    const before = this.#byName.get(name)
    if (before === undefined) checkName(name)
    const spec = { ...(before === undefined ? blank(name) : specOf(before)), ...change }
    checkSpec(spec)
    if (before !== undefined && isSame(specOf(before), spec)) return before
    this.#journal.write({ kind: 'put', spec })
    const namespace = this.#byName.get(name)!
    if (before === undefined) for (const listener of this.#created) listener(namespace)
    return namespace
  }

  /** Its queues, topics, exchanges, policies, permissions and sessions go with it. */
  delete(name: string): void {
    const namespace = this.get(name)
    if (name === DEFAULT_NAMESPACE) {
      throw new BrokerError(
        'access-refused',
        `Virtual host "${name}" cannot be deleted: clients of most protocols see no other`,
      )
    }
    if (namespace.isProtected) {
      throw new BrokerError(
        'precondition-failed',
        `Virtual host "${name}" is protected from deletion`,
      )
    }
    // In one turn, and so in one slot: it is there as a whole, or gone as a whole.
    for (const listener of this.#deleted) listener(namespace)
    if (namespace.isTraced) this.setTraced(name, false)
    this.#journal.writeRelief({ kind: 'deleted', name })
  }

  /** Whether publishes and deliveries are traced; lasts until the broker stops. */
  setTraced(name: string, isTraced: boolean): void {
    this.get(name)
    this.#byName.get(name)!.isTraced = isTraced
    for (const listener of this.#traced) listener(name, isTraced)
  }

  onTraced(listener: (name: string, isTraced: boolean) => void): void {
    this.#traced.push(listener)
  }

  /** After it was made, live. While replaying nobody is told: ask `all()` when started. */
  onCreated(listener: (namespace: Namespace) => void): void {
    this.#created.push(listener)
  }

  /** Right before it is gone, live: each part deletes what is its own, with its own events. */
  onDeleted(listener: (namespace: Namespace) => void): void {
    this.#deleted.push(listener)
  }

  evolve(bytes: Buffer): void {
    this.#apply(this.#journal.read(bytes))
  }

  snapshot(): Buffer {
    const events = [...this.#byName.values()].map(
      (namespace): NamespaceEvent => ({ kind: 'put', spec: specOf(namespace) }),
    )
    return this.#journal.snapshot(events)
  }

  restore(snapshot: Buffer): void {
    for (const event of this.#journal.readSnapshot(snapshot)) this.#apply(event)
  }

  #apply(event: NamespaceEvent): void {
    if (event.kind === 'put') this.#put(event.spec)
    else {
      const namespace = this.#byName.get(event.name)
      if (namespace !== undefined) namespace.isDeleted = true
      this.#byName.delete(event.name)
    }
  }

  #put(spec: NamespaceSpec): void {
    const before = this.#byName.get(spec.name)
    if (before === undefined) {
      this.#byName.set(spec.name, { ...spec, isTraced: false, isDeleted: false })
    } else Object.assign(before, spec)
  }
}

const blank = (name: string): NamespaceSpec => ({
  name,
  description: name === DEFAULT_NAMESPACE ? 'Default virtual host' : '',
  tags: [],
  defaultQueueType: null,
  isProtected: false,
  connectionsMax: null,
  queuesMax: null,
})

function specOf(namespace: Namespace): NamespaceSpec {
  const { isTraced: _isTraced, isDeleted: _isDeleted, ...spec } = namespace
  return spec
}

const isSame = (one: NamespaceSpec, other: NamespaceSpec): boolean =>
  JSON.stringify(one) === JSON.stringify(other)

function checkName(name: string): void {
  const bytes = Buffer.byteLength(name)
  if (bytes > 0 && bytes <= NAME_BYTES_MAX && !name.includes('\0')) return
  throw new BrokerError('invalid-name', 'a virtual host name has 1 to 255 bytes and no NUL')
}

function checkSpec(spec: NamespaceSpec): void {
  const { defaultQueueType, description, tags } = spec
  if (!queueTypes.includes(defaultQueueType)) {
    throw new BrokerError('invalid-setting', `${defaultQueueType} is not a valid queue type`)
  }
  const texts: readonly unknown[] = [description, ...tags]
  if (!texts.every(text => typeof text === 'string')) {
    throw new BrokerError('invalid-setting', 'a description and tags are text')
  }
  for (const max of [spec.connectionsMax, spec.queuesMax]) {
    if (max === null || (Number.isSafeInteger(max) && max >= 0)) continue
    throw new BrokerError('invalid-setting', `a limit is a whole number, zero or more, not ${max}`)
  }
}
