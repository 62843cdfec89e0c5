import type { Target } from '../publish/target.ts'
import type { Binding, Exchange, ExchangeSettings, ExchangeSpec, Route } from './exchange.ts'
import type { Matcher } from './matching/matcher.ts'

/** Where bindings lead: a queue or topic, or another exchange. One object for each name. */
export class Destination {
  readonly kind: Binding['destinationKind']
  readonly namespace: string
  readonly name: string
  /** Null for queues and topics. */
  readonly exchange: ExchangeState | null
  readonly bindings = new Set<BindingState>()
  /** The number of the walk that came here last: each walk comes once. */
  mark = 0
  /** What takes its messages, kept by the publisher. */
  target: Target | null = null

  constructor(namespace: string, name: string, exchange: ExchangeState | null) {
    this.kind = exchange === null ? 'queue' : 'exchange'
    this.namespace = namespace
    this.name = name
    this.exchange = exchange
  }
}

export class BindingState {
  readonly binding: Binding
  readonly source: ExchangeState
  readonly destination: Destination
  /** False: it is forgotten when the broker starts again. */
  readonly isStored: boolean

  constructor(parts: {
    binding: Binding
    source: ExchangeState
    destination: Destination
    isStored: boolean
  }) {
    this.binding = parts.binding
    this.source = parts.source
    this.destination = parts.destination
    this.isStored = parts.isStored
  }
}

/** An exchange as the broker holds it. Only `Registry` changes its bindings. */
export class ExchangeState implements Exchange {
  readonly spec: ExchangeSpec
  readonly matcher: Matcher
  /** True for those that come with their namespace and cannot go. */
  readonly isPredeclared: boolean
  /** By what tells them apart. */
  readonly bindings = new Map<string, BindingState>()
  /** What others bind to it with. */
  readonly inbound: Destination
  settings: ExchangeSettings
  isDeleted = false
  publishedIn = 0
  publishedOut = 0
  mark = 0
  /** Routes that start here, by routing key. */
  readonly routes = new Map<string, Route>()
  /** Routes that start elsewhere and come through here. */
  through: Route[] = []

  constructor(parts: {
    spec: ExchangeSpec
    matcher: Matcher
    settings: ExchangeSettings
    isPredeclared: boolean
  }) {
    this.spec = parts.spec
    this.matcher = parts.matcher
    this.settings = parts.settings
    this.isPredeclared = parts.isPredeclared
    this.inbound = new Destination(parts.spec.namespace, parts.spec.name, this)
  }

  get isDelaying(): boolean {
    return this.spec.type === 'x-delayed-message'
  }

  /** What leads here or through here is not known any more. */
  changed(): void {
    for (const route of this.routes.values()) route.isStale = true
    this.routes.clear()
    if (this.through.length === 0) return
    for (const route of this.through) route.isStale = true
    this.through = []
  }
}
