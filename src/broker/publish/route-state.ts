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
  /** The one target; null when there are more, or none. */
  only: Target | null = null
  #sharers: string | null = null

  constructor(entry: ExchangeState, routingKey: string) {
    this.namespace = entry.spec.namespace
    this.exchange = entry.spec.name
    this.routingKey = routingKey
    this.entry = entry
  }

  /** Said once, when it is known. */
  leadTo(targets: readonly Target[]): void {
    this.targets = targets
    this.only = targets.length === 1 ? targets[0]! : null
  }

  /**
   * Names the set of queues that may share a body, empty when they may not: the log of a topic that
   * is compacted does not let go of bodies in their order.
   */
  get sharers(): string {
    if (this.#sharers === null) {
      const mayShare = this.targets.every(
        ({ queue }) => queue !== null && !queue.topic.settings.isCompacted,
      )
      const names = this.targets.map(({ namespace, name }) => `${namespace}\0${name}`)
      this.#sharers = mayShare && names.length > 1 ? names.join('\0') : ''
    }
    return this.#sharers
  }
}
