import type { StateMachine } from '../../log/store.ts'
import { BrokerError } from '../errors.ts'
import type { Queue } from '../queue/queue.ts'
import type { Runtime } from '../runtime.ts'
import { decodeEvents, encodeEvents } from '../snapshot.ts'
import { freeNameFlaw, type Topic } from '../topic/index.ts'
import { bindingFlaw, exchangeFlaw } from './checks.ts'
import { decodeEvent, encodeEvent, type RoutingEvent } from './events.ts'
import type { Binding, Exchange, ExchangeSettings, ExchangeSpec } from './exchange.ts'
import { Registry } from './registry.ts'
import type { BindingState, Destination, ExchangeState } from './state.ts'

/** What routing has to know of queues. */
export interface QueueDirectory {
  find(namespace: string, name: string): Queue | undefined
  inNamespace(namespace: string): Iterable<Queue>
  onDeclared(listener: (queue: Queue) => void): void
  onDeleted(listener: (queue: Queue) => void): void
}

/** What routing has to know of topics. */
export interface TopicDirectory {
  find(namespace: string, name: string): Topic | undefined
  onDeleted(listener: (topic: Topic) => void): void
}

export type ExchangePorts = {
  readonly queues: QueueDirectory
  readonly topics: TopicDirectory
  /** Absent: nothing but declarations decides. */
  readonly policies?: PolicyDirectory
  /** Absent: no namespace ever goes. */
  readonly namespaces?: { onDeleted(listener: (namespace: { name: string }) => void): void }
}

/** What routing has to know of policies. */
export interface PolicyDirectory {
  effective(exchange: { kind: 'exchange'; namespace: string; name: string }): {
    readonly definition: Readonly<Record<string, unknown>>
  }
  onChanged(listener: () => void): void
}

const ALTERNATE = 'alternate-exchange'

/** All exchanges and bindings. Changes hold at once; whoever made one waits for the disk. */
export class Exchanges implements StateMachine {
  readonly name = 'routing'
  readonly #runtime: Runtime
  readonly #ports: ExchangePorts
  readonly #registry: Registry
  readonly #boundListeners: ((binding: BindingState) => void)[] = []
  readonly #deletedListeners: ((exchange: Exchange) => void)[] = []
  #isLive = false

  constructor(runtime: Runtime, ports: ExchangePorts) {
    this.#runtime = runtime
    this.#ports = ports
    this.#registry = new Registry({
      settingsOf: spec => this.#settingsOf(spec),
      random: () => runtime.random.next(),
    })
    ports.policies?.onChanged(() => this.#settingsChanged())
    ports.namespaces?.onDeleted(({ name }) => this.dropNamespace(name))
    ports.queues.onDeleted(({ spec }) => this.#abandoned(spec.namespace, spec.name))
    ports.topics.onDeleted(({ namespace, name }) => this.#abandoned(namespace, name))
  }

  /** The store has replayed. */
  start(): void {
    this.#isLive = true
    this.#settingsChanged() // Policies may have been replayed after what they are for.
  }

  /** The state behind the interface, for the router. */
  get registry(): Registry {
    return this.#registry
  }

  find(namespace: string, name: string): Exchange | undefined {
    return this.#registry.find(namespace, name)
  }

  /** The one of that name. Throws `not-found` when there is none. */
  existing(namespace: string, name: string): Exchange {
    return this.#existing(namespace, name)
  }

  inNamespace(namespace: string): Iterable<Exchange> {
    return this.#registry.exchangesOf(namespace).values()
  }

  all(): Iterable<Exchange> {
    return this.#registry.exchanges()
  }

  /** The one that is there, as it is, or a new one. Whether they are alike is for protocols. */
  declare(spec: ExchangeSpec): Exchange {
    const { namespace, name } = spec
    const found = this.#registry.find(namespace, name)
    if (found !== undefined) return found
    const nameFlaw = freeNameFlaw(name)
    if (nameFlaw !== undefined) throw new BrokerError('invalid-name', nameFlaw)
    const flaw = exchangeFlaw(spec)
    if (flaw !== undefined) throw flaw
    this.#apply({ kind: 'declared', exchange: spec }, spec.isDurable)
    return this.#existing(namespace, name)
  }

  /** True while it has bindings to anything, in RabbitMQ's sense of `if-unused`. */
  isUsed(exchange: Exchange): boolean {
    return this.#existing(exchange.spec.namespace, exchange.spec.name).bindings.size > 0
  }

  /** Throws `access-refused` for those every namespace has. */
  delete({ spec }: Exchange): void {
    const exchange = this.#existing(spec.namespace, spec.name)
    if (exchange.isPredeclared) {
      throw new BrokerError(
        'access-refused',
        `deletion of system exchange '${spec.name}' in vhost '${spec.namespace}' not allowed`,
      )
    }
    this.#delete(exchange)
  }

  /** Does nothing when it is bound so already. */
  bind(binding: Binding): void {
    const [source, isDurable] = this.#endsOf(binding)
    const flaw = bindingFlaw(source, binding)
    if (flaw !== undefined) throw flaw
    if (this.#registry.binding(binding) !== undefined) return
    this.#apply({ kind: 'bound', binding }, source.spec.isDurable && isDurable)
    const state = this.#registry.binding(binding)!
    for (const listener of this.#boundListeners) listener(state)
  }

  /** Does nothing when it is not bound. */
  unbind(binding: Binding): void {
    const state = this.#registry.binding(binding)
    if (state === undefined) return
    this.#apply({ kind: 'unbound', binding }, state.isStored)
    this.#deleteUnused([state.source])
  }

  isBound(binding: Binding): boolean {
    return this.#registry.binding(binding) !== undefined
  }

  /** All of a namespace, those of the default exchange first. */
  *bindings(namespace: string): Generator<Binding> {
    for (const { spec } of this.#registry.exchangesOf(namespace).values())
      yield* this.bindingsFrom(namespace, spec.name)
  }

  *bindingsFrom(namespace: string, source: string): Generator<Binding> {
    if (source === '') {
      for (const { spec } of this.#ports.queues.inNamespace(namespace))
        yield implicitBinding(namespace, spec.name)
      return
    }
    const exchange = this.#registry.find(namespace, source)
    for (const { binding } of exchange?.bindings.values() ?? []) yield binding
  }

  *bindingsTo(
    namespace: string,
    kind: Binding['destinationKind'],
    name: string,
  ): Generator<Binding> {
    if (kind === 'queue' && this.#ports.queues.find(namespace, name) !== undefined)
      yield implicitBinding(namespace, name)
    for (const { binding } of this.#destination(namespace, kind, name)?.bindings ?? [])
      yield binding
  }

  /** All exchanges of a namespace, and their bindings. */
  dropNamespace(namespace: string): void {
    const exchanges = [...this.#registry.exchangesOf(namespace).values()]
    this.#apply({ kind: 'dropped', namespace }, true)
    for (const exchange of exchanges)
      for (const listener of this.#deletedListeners) listener(exchange)
  }

  /** Called right after something was bound, not while replaying. */
  onBound(listener: (binding: BindingState) => void): void {
    this.#boundListeners.push(listener)
  }

  /** Called right after an exchange is gone, not while replaying. */
  onDeleted(listener: (exchange: Exchange) => void): void {
    this.#deletedListeners.push(listener)
  }

  evolve(bytes: Buffer): void {
    this.#registry.evolve(decodeEvent(bytes), true)
  }

  snapshot(): Buffer {
    return encodeEvents(this.#registry.events())
  }

  restore(snapshot: Buffer): void {
    for (const event of decodeEvents<RoutingEvent>(this.name, snapshot))
      this.#registry.evolve(event, true)
  }

  /** What an exchange was declared with comes before what a policy says. */
  #settingsOf({ declared, namespace, name }: ExchangeSpec): ExchangeSettings {
    const effective = this.#ports.policies?.effective({ kind: 'exchange', namespace, name })
    const alternate = declared[ALTERNATE] ?? effective?.definition[ALTERNATE]
    return { alternateExchange: typeof alternate === 'string' ? alternate : null }
  }

  #settingsChanged(): void {
    for (const exchange of this.#registry.exchanges()) {
      const settings = this.#settingsOf(exchange.spec)
      if (settings.alternateExchange === exchange.settings.alternateExchange) continue
      exchange.settings = settings
      exchange.changed()
    }
  }

  #existing(namespace: string, name: string): ExchangeState {
    const exchange = this.#registry.find(namespace, name)
    if (exchange !== undefined) return exchange
    throw new BrokerError('not-found', `no exchange '${name}' in vhost '${namespace}'`)
  }

  #destination(
    namespace: string,
    kind: Binding['destinationKind'],
    name: string,
  ): Destination | undefined {
    return kind === 'exchange'
      ? this.#registry.find(namespace, name)?.inbound
      : this.#registry.destination(namespace, name)
  }

  /** The source, and whether the destination survives a restart. */
  #endsOf(binding: Binding): [source: ExchangeState, isDurable: boolean] {
    const { namespace, source: sourceName, destination: name, destinationKind } = binding
    if (sourceName === '' || (destinationKind === 'exchange' && name === ''))
      throw new BrokerError('access-refused', 'operation not permitted on the default exchange')
    const source = this.#existing(namespace, sourceName)
    if (destinationKind === 'exchange')
      return [source, this.#existing(namespace, name).spec.isDurable]
    const queue = this.#ports.queues.find(namespace, name)
    if (queue !== undefined) return [source, queue.spec.isDurable && queue.spec.owner === null]
    if (this.#ports.topics.find(namespace, name) !== undefined) return [source, true]
    throw new BrokerError('not-found', `no queue '${name}' in vhost '${namespace}'`)
  }

  #delete(exchange: ExchangeState): void {
    const sources = sourcesOf(exchange.inbound)
    const { namespace, name, isDurable } = exchange.spec
    this.#apply({ kind: 'deleted', namespace, name }, isDurable)
    for (const listener of this.#deletedListeners) listener(exchange)
    this.#deleteUnused(sources)
  }

  /** While replaying, the event follows. */
  #abandoned(namespace: string, name: string): void {
    if (!this.#isLive) return
    const destination = this.#registry.destination(namespace, name)
    if (destination === undefined) return
    const sources = sourcesOf(destination)
    const isStored = [...destination.bindings].some(binding => binding.isStored)
    this.#apply({ kind: 'abandoned', namespace, name }, isStored)
    this.#deleteUnused(sources)
  }

  #deleteUnused(sources: Iterable<ExchangeState>): void {
    for (const source of sources)
      if (source.spec.isAutoDelete && source.bindings.size === 0 && !source.isDeleted)
        this.#delete(source)
  }

  /** What does not survive a restart is not journaled: then nothing has to remove it, either. */
  #apply(event: RoutingEvent, isStored: boolean): void {
    if (!isStored) return this.#registry.evolve(event, false)
    const { store } = this.#runtime
    const isRelief = event.kind !== 'declared' && event.kind !== 'bound'
    const refusal = isRelief ? store.reliefRefusal : store.refusal
    if (refusal !== null) throw new BrokerError('storage', refusal.message)
    if (isRelief) store.journalRelief(this.name, encodeEvent(event))
    else store.journal(this.name, encodeEvent(event))
  }
}

const sourcesOf = ({ bindings }: Destination): Set<ExchangeState> =>
  new Set([...bindings].map(({ source }) => source))

const implicitBinding = (namespace: string, name: string): Binding => ({
  namespace,
  source: '',
  destination: name,
  destinationKind: 'queue',
  routingKey: name,
  declared: {},
})
