import type { Mappings } from '../../message/mapping.ts'
import type { Publication } from '../../message/publication.ts'
import type { Registry } from './registry.ts'
import { Destination, type ExchangeState } from './state.ts'
import { Walk } from './walk.ts'

/** Leads messages from an exchange, through others, to the queues and topics they are for. */
export class Router {
  readonly #registry: Registry
  readonly #mappings: Mappings
  /** Walks that nobody uses now. One message may set off others before it is done. */
  readonly #idle: Walk[] = []
  #mark = 0

  constructor(registry: Registry, mappings: Mappings) {
    this.#registry = registry
    this.#mappings = mappings
  }

  /**
   * Where an address leads as long as only addresses are looked at: then `isStatic` stays true.
   * To be given back.
   */
  explore(entry: ExchangeState, routingKey: string): Walk {
    const walk = this.#begin(null)
    walk.addKey(routingKey)
    walk.enter(entry)
    this.#go(walk)
    return walk
  }

  /** Where one message goes. To be given back. */
  lead(entry: ExchangeState, routingKey: string, publication: Publication): Walk {
    const walk = this.#begin(publication)
    walk.addKey(routingKey)
    if (publication.copies !== null) for (const key of publication.copies) walk.addKey(key)
    walk.enter(entry)
    this.#go(walk)
    return walk
  }

  giveBack(walk: Walk): void {
    walk.publication = null
    this.#idle.push(walk)
  }

  #begin(publication: Publication | null): Walk {
    const walk = this.#idle.pop() ?? new Walk(this.#mappings)
    walk.begin(++this.#mark, publication)
    return walk
  }

  #go(walk: Walk): void {
    for (let index = 0; index < walk.exchangeCount; index++) {
      const exchange = walk.exchanges[index]!
      const { matcher, spec } = exchange
      if (exchange.isDelaying && this.#isDelayed(walk, exchange)) continue
      if (!matcher.isStatic) walk.isStatic = false
      if (walk.publication === null && !walk.isStatic) return
      walk.matched = 0
      if (spec.name === '') this.#reachByName(walk, spec.namespace)
      else matcher.route(walk)
      if (walk.matched === 0) this.#goElse(walk, exchange)
    }
  }

  /** The default exchange: queues and topics by their names. What is not there is not matched. */
  #reachByName(walk: Walk, namespace: string): void {
    for (let index = 0; index < walk.keyCount; index++) {
      const name = walk.keys[index]!
      const known = this.#registry.destination(namespace, name)
      walk.reach(known ?? new Destination(namespace, name, null))
    }
  }

  #goElse(walk: Walk, { settings, spec }: ExchangeState): void {
    if (settings.alternateExchange === null) return
    const alternate = this.#registry.find(spec.namespace, settings.alternateExchange)
    if (alternate !== undefined) walk.enter(alternate)
  }

  /** A message that is to wait stops here; an address alone says that it may have to. */
  #isDelayed(walk: Walk, exchange: ExchangeState): boolean {
    walk.mayDelay = true
    if (walk.publication === null || walk.publication.delayMs <= 0) return false
    walk.delaying.push(exchange)
    return true
  }
}
