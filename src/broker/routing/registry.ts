import { assert, unreachable } from '../../lib/assert.ts'
import { DEFAULT_NAMESPACE } from '../topic/index.ts'
import type { RoutingEvent } from './events.ts'
import type { Binding, ExchangeSettings, ExchangeSpec, ExchangeType } from './exchange.ts'
import { matcherFor } from './matching/index.ts'
import { BindingState, Destination, ExchangeState } from './state.ts'

/** Every namespace has these. They are not stored. */
const predeclared: readonly (readonly [name: string, type: ExchangeType, isInternal: boolean])[] = [
  ['', 'direct', false],
  ['amq.direct', 'direct', false],
  ['amq.fanout', 'fanout', false],
  ['amq.headers', 'headers', false],
  ['amq.match', 'headers', false],
  ['amq.rabbitmq.trace', 'topic', true],
  ['amq.topic', 'topic', false],
]

export type RegistryPorts = {
  readonly settingsOf: (spec: ExchangeSpec) => ExchangeSettings
  readonly random: () => number
}

/** All exchanges and bindings, as the events so far made them. It decides nothing. */
export class Registry {
  readonly #ports: RegistryPorts
  readonly #namespaces = new Map<string, Map<string, ExchangeState>>()
  /** Queues and topics that something is bound to. */
  readonly #destinations = new Map<string, Destination>()

  constructor(ports: RegistryPorts) {
    this.#ports = ports
    this.exchangesOf(DEFAULT_NAMESPACE)
  }

  /** By name. Whether there is such a namespace is for others to know. */
  exchangesOf(namespace: string): ReadonlyMap<string, ExchangeState> {
    return this.#space(namespace)
  }

  *exchanges(): Generator<ExchangeState> {
    for (const space of this.#namespaces.values()) yield* space.values()
  }

  find(namespace: string, name: string): ExchangeState | undefined {
    return this.#space(namespace).get(name)
  }

  destination(namespace: string, name: string): Destination | undefined {
    return this.#destinations.get(destinationKey(namespace, name))
  }

  binding(binding: Binding): BindingState | undefined {
    return this.find(binding.namespace, binding.source)?.bindings.get(identityOf(binding))
  }

  evolve(event: RoutingEvent, isStored: boolean): void {
    switch (event.kind) {
      case 'declared':
        this.#declare(event.exchange, false)
        break
      case 'deleted':
        this.#delete(this.#existing(event.namespace, event.name))
        break
      case 'bound':
        this.#bind(event.binding, isStored)
        break
      case 'unbound': {
        const state = this.binding(event.binding)
        assert(state !== undefined, 'only what is bound is unbound')
        this.#unbind(state)
        break
      }
      case 'abandoned':
        for (const binding of this.destination(event.namespace, event.name)?.bindings ?? [])
          this.#unbind(binding)
        break
      case 'dropped':
        for (const exchange of this.#space(event.namespace).values()) this.#delete(exchange)
        this.#namespaces.delete(event.namespace)
        break
      default:
        unreachable(event)
    }
  }

  /** The events that would make all this anew. */
  *events(): Generator<RoutingEvent> {
    for (const { spec, isPredeclared } of this.exchanges())
      if (spec.isDurable && !isPredeclared) yield { kind: 'declared', exchange: spec }
    for (const { bindings } of this.exchanges())
      for (const { binding, isStored } of bindings.values())
        if (isStored) yield { kind: 'bound', binding }
  }

  #space(namespace: string): Map<string, ExchangeState> {
    const space = this.#namespaces.get(namespace)
    if (space !== undefined) return space
    const made = new Map<string, ExchangeState>()
    this.#namespaces.set(namespace, made)
    for (const [name, type, isInternal] of predeclared) {
      const flags = { isDurable: true, isAutoDelete: false, isInternal }
      this.#declare({ namespace, name, type, ...flags, declared: {}, user: 'rmq-internal' }, true)
    }
    return made
  }

  #existing(namespace: string, name: string): ExchangeState {
    const exchange = this.find(namespace, name)
    assert(exchange !== undefined, 'events are about exchanges that are there')
    return exchange
  }

  #declare(spec: ExchangeSpec, isPredeclared: boolean): void {
    const { declared, type } = spec
    const matcher = matcherFor(type, { declared, random: this.#ports.random })
    const settings = this.#ports.settingsOf(spec)
    const space = this.#space(spec.namespace)
    space.set(spec.name, new ExchangeState({ spec, matcher, settings, isPredeclared }))
    for (const other of space.values())
      if (other.settings.alternateExchange === spec.name) other.changed()
  }

  #delete(exchange: ExchangeState): void {
    for (const binding of exchange.bindings.values()) this.#unbind(binding)
    for (const binding of exchange.inbound.bindings) this.#unbind(binding)
    exchange.isDeleted = true
    exchange.changed()
    this.#space(exchange.spec.namespace).delete(exchange.spec.name)
  }

  #bind(binding: Binding, isStored: boolean): void {
    const source = this.#existing(binding.namespace, binding.source)
    const destination = this.#destinationFor(binding)
    const state = new BindingState({ binding, source, destination, isStored })
    source.bindings.set(identityOf(binding), state)
    source.matcher.add(state)
    source.changed()
    destination.bindings.add(state)
  }

  #unbind(state: BindingState): void {
    const { source, destination } = state
    source.bindings.delete(identityOf(state.binding))
    source.matcher.remove(state)
    source.changed()
    destination.bindings.delete(state)
    if (destination.exchange !== null || destination.bindings.size > 0) return
    this.#destinations.delete(destinationKey(destination.namespace, destination.name))
  }

  #destinationFor({ namespace, destination: name, destinationKind }: Binding): Destination {
    if (destinationKind === 'exchange') return this.#existing(namespace, name).inbound
    const key = destinationKey(namespace, name)
    let destination = this.#destinations.get(key)
    if (destination === undefined) {
      destination = new Destination(namespace, name, null)
      this.#destinations.set(key, destination)
    }
    return destination
  }
}

const destinationKey = (namespace: string, name: string): string => `${namespace}\0${name}`

/** What tells the bindings of one exchange apart. The order of arguments does not matter. */
function identityOf({ destinationKind, destination, routingKey, declared }: Binding): string {
  const names = Object.keys(declared)
  const text =
    names.length === 0 ? '' : JSON.stringify(names.sort().map(name => [name, declared[name]]))
  return `${destinationKind}\0${destination}\0${routingKey}\0${text}`
}
