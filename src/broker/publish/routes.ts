import { limits } from '../../limits/limits.ts'
import { BrokerError } from '../errors.ts'
import type { Exchanges, ExchangeState, Router, Walk } from '../routing/index.ts'
import { RouteState } from './route-state.ts'
import type { Target, Targets } from './target.ts'

/** Finds routes, and keeps them in the exchange they start from until something changes. */
export class Routes {
  readonly #exchanges: Exchanges
  readonly #router: Router
  readonly #targets: Targets

  constructor(parts: { exchanges: Exchanges; router: Router; targets: Targets }) {
    this.#exchanges = parts.exchanges
    this.#router = parts.router
    this.#targets = parts.targets
  }

  /** For clients. Throws when there is no such exchange, or when it is not for them. */
  find(namespace: string, exchange: string, routingKey: string): RouteState {
    const entry = this.entry(namespace, exchange)
    if (entry === undefined)
      throw new BrokerError('not-found', `no exchange '${exchange}' in vhost '${namespace}'`)
    if (entry.spec.isInternal) {
      throw new BrokerError(
        'access-refused',
        `cannot publish to internal exchange '${exchange}' in vhost '${namespace}'`,
      )
    }
    return this.from(entry, routingKey)
  }

  entry(namespace: string, exchange: string): ExchangeState | undefined {
    return this.#exchanges.registry.find(namespace, exchange)
  }

  /** For the broker itself, internal exchanges included. */
  from(entry: ExchangeState, routingKey: string): RouteState {
    // Only this class puts routes there.
    const known = entry.routes.get(routingKey) as RouteState | undefined
    return known?.isStale === false ? known : this.#explore(entry, routingKey)
  }

  #explore(entry: ExchangeState, routingKey: string): RouteState {
    const route = new RouteState(entry, routingKey)
    const walk = this.#router.explore(entry, routingKey)
    route.isStatic = walk.isStatic
    route.mayDelay = walk.mayDelay
    if (walk.isStatic) route.leadTo(this.#targetsOf(walk, route))
    if (!route.isPassing) keep(route, walk)
    this.#router.giveBack(walk)
    return route
  }

  #targetsOf(walk: Walk, route: RouteState): Target[] {
    const targets: Target[] = []
    const isByName = comesByName(walk)
    for (let index = 0; index < walk.count; index++) {
      const destination = walk.destinations[index]!
      const target = this.#targets.find(destination.namespace, destination.name)
      if (target === undefined) {
        // A queue or topic of that name may come at any time, and nobody would tell.
        route.isPassing = true
        route.isStale = true
        continue
      }
      targets.push(target)
      if (isByName) target.tell(route)
    }
    return targets
  }
}

function keep(route: RouteState, walk: Walk): void {
  const { entry } = route
  if (entry.routes.size >= limits.routesPerExchangeMax) entry.changed()
  entry.routes.set(route.routingKey, route)
  for (let index = 0; index < walk.exchangeCount; index++) {
    const exchange = walk.exchanges[index]!
    if (exchange === entry) continue
    if (exchange.through.length >= limits.routesPerExchangeMax) exchange.changed()
    exchange.through.push(route)
  }
}

/** Bindings end with their queues, and tell exchanges so. The default exchange has none. */
function comesByName(walk: Walk): boolean {
  for (let index = 0; index < walk.exchangeCount; index++)
    if (walk.exchanges[index]!.spec.name === '') return true
  return false
}
