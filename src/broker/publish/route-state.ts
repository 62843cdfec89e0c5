import type { ExchangeState, Route } from '../routing/index.ts'
import type { Target } from './target.ts'

/** An address, and where it leads if that can be said without looking at the message. */
export class RouteState implements Route {
  readonly namespace: string
  readonly exchange: string
  readonly routingKey: string
  readonly entry: ExchangeState
  isStale = false
  /** Not kept for others: it leads to a name that nothing has yet. Such a one is born stale. */
  isPassing = false
  /** False: where messages go depends on more than their address. Then there are no targets. */
  isStatic = true
  /** Messages that want to wait may have to, so each is led anew. */
  mayDelay = false
  targets: readonly Target[] = []

  constructor(entry: ExchangeState, routingKey: string) {
    this.namespace = entry.spec.namespace
    this.exchange = entry.spec.name
    this.routingKey = routingKey
    this.entry = entry
  }
}
