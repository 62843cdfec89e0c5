import { limits } from '../../limits/limits.ts'
import type { StoreRefusal } from '../../log/store.ts'
import type { Mappings } from '../../message/mapping.ts'
import type { Publication } from '../../message/publication.ts'
import { enqueued } from '../queue/queue.ts'
import {
  type BindingState,
  type Destination,
  type Exchanges,
  type QueueDirectory,
  RecentHistoryMatcher,
  type Route,
  Router,
  type TopicDirectory,
} from '../routing/index.ts'
import type { Runtime } from '../runtime.ts'
import type { Turn } from '../turn.ts'
import type { Packers } from './packers.ts'
import { partitionFor } from './partition-choice.ts'
import { type Publisher, published } from './publisher.ts'
import type { RouteState } from './route-state.ts'
import { Routes } from './routes.ts'
import { Safety } from './safety.ts'
import { type Target, Targets } from './target.ts'
import { Tracing } from './tracing.ts'

/** Keeps messages until their time has come, and publishes them to the same route then. */
export interface SchedulePort {
  /** `dueAt` is in milliseconds since 1970. Durable with the turn. */
  add(route: Route, publication: Publication, dueAt: number): void
}

export type PublisherPorts = {
  readonly exchanges: Exchanges
  readonly queues: QueueDirectory
  readonly topics: TopicDirectory
  readonly packers: Packers
  readonly turn: Turn
  readonly mappings: Mappings
}

/** Sees what takes a message, before it does. */
export interface Watch {
  /** False: this one shall not. */
  accepts(target: Target): boolean
}

/** Leads messages from their address to queues and topics. */
export class MessagePublisher implements Publisher {
  /** Where messages wait that are to be delayed. Null: none are. */
  schedule: SchedulePort | null = null
  /** What operators watch messages with. */
  readonly tracing: Tracing
  readonly #runtime: Runtime
  readonly #packers: Packers
  readonly #turn: Turn
  readonly #router: Router
  readonly #targets: Targets
  readonly #routes: Routes
  readonly #safety: Safety
  #isHurried = false
  readonly #hurry = (): void => {
    this.#isHurried = false
    this.#runtime.store.hurry()
  }

  constructor(runtime: Runtime, ports: PublisherPorts) {
    const { exchanges, packers, turn } = ports
    this.#runtime = runtime
    this.#packers = packers
    this.#turn = turn
    this.#router = new Router(exchanges.registry, ports.mappings)
    this.#targets = new Targets(ports)
    this.#routes = new Routes({ exchanges, router: this.#router, targets: this.#targets })
    this.#safety = new Safety(runtime, { turn, packers })
    this.tracing = new Tracing(runtime, { publisher: this, mappings: ports.mappings })
    exchanges.onBound(binding => this.#bound(binding))
  }

  route(namespace: string, exchange: string, routingKey: string): Route {
    return this.#routes.find(namespace, exchange, routingKey)
  }

  /** For the broker itself: internal exchanges are open, missing ones undefined. */
  innerRoute(namespace: string, exchange: string, routingKey: string): Route | undefined {
    const entry = this.#routes.entry(namespace, exchange)
    return entry === undefined ? undefined : this.#routes.from(entry, routingKey)
  }

  publish(asked: Route, publication: Publication): number {
    let route = asked as RouteState // There is no other class of routes.
    if (this.#runtime.store.refusal !== null) return published.rejected
    if (this.tracing.isActive) return this.tracing.publish(route, publication)
    if (!this.#isHurried) this.#hurryLater()
    this.#packers.relieve()
    if (route.isStale && !route.isPassing) {
      const { namespace, exchange, routingKey } = route
      route = this.#routes.find(namespace, exchange, routingKey)
    }
    route.entry.publishedIn++
    if (!isKnown(route, publication)) return this.#lead(route, publication, null)
    const { only } = route
    if (only !== null) {
      route.entry.publishedOut++
      return this.#send(only, publication)
    }
    const { targets } = route
    route.entry.publishedOut += targets.length
    let bits = 0
    const isShared = this.#share(route, publication)
    for (let index = 0; index < targets.length; index++)
      bits |= this.#send(targets[index]!, publication)
    if (isShared) this.#packers.unshare()
    return bits
  }

  /** The same under somebody's eyes, and never seen by traces. */
  forward(asked: Route, publication: Publication, watch: Watch): number {
    const route = asked as RouteState // As above.
    if (this.#runtime.store.refusal !== null) return published.rejected
    route.entry.publishedIn++
    if (!isKnown(route, publication)) return this.#lead(route, publication, watch)
    let bits = 0
    for (const target of route.targets) {
      if (!watch.accepts(target)) continue
      route.entry.publishedOut++
      bits |= this.#send(target, publication)
    }
    return bits
  }

  /** Only shows what would take it. True: it, or a part of it, would wait for its time. */
  probe(asked: Route, publication: Publication, watch: Watch): boolean {
    const route = asked as RouteState // As above.
    if (isKnown(route, publication)) {
      for (const target of route.targets) watch.accepts(target)
      return false
    }
    const walk = this.#router.lead(route.entry, route.routingKey, publication)
    for (let index = 0; index < walk.count; index++) {
      const target = this.#targetOf(walk.destinations[index]!)
      if (target !== undefined) watch.accepts(target)
    }
    const isDelayed = walk.delaying.length > 0
    this.#router.giveBack(walk)
    return isDelayed
  }

  whenSafe(done: (refusal: StoreRefusal | null) => void): void {
    this.#safety.when(done)
  }

  /** All that `work` publishes and settles is durable together, or none of it. */
  atomically(work: () => void): void {
    work()
    this.#turn.flush()
  }

  /** Consumers wait for it, though the publisher may not. */
  #hurryLater(): void {
    this.#isHurried = true
    this.#turn.add('confirm', this.#hurry)
  }

  /** Large bodies are stored once for all queues: until `unshare`. */
  #share(route: RouteState, publication: Publication): boolean {
    if (publication.bodyBytes < limits.sharedBodyBytesMin || route.sharers === '') return false
    return this.#packers.share(route.sharers, publication)
  }

  #send(target: Target, publication: Publication): number {
    const { queue, topic } = target
    const safety = publication.isPersistent && target.isDurable ? published.sync : 0
    if (queue !== null) {
      const bits = queue.enqueue(publication)
      return published.routed | safety | ((bits & enqueued.rejected) === 0 ? 0 : published.rejected)
    }
    if (topic === null) return 0 // Deleted while this message was on its way.
    this.#packers.add(partitionFor(target, topic, publication, this.#packers), publication)
    return published.routed | safety
  }

  /** Where this message goes depends on more than its address. */
  #lead(route: RouteState, publication: Publication, watch: Watch | null): number {
    const { entry, routingKey } = route
    const walk = this.#router.lead(entry, routingKey, publication)
    let bits = 0
    for (const { spec } of walk.delaying) {
      if (this.schedule === null) break
      const waiting = this.#routes.from(this.#routes.entry(spec.namespace, spec.name)!, routingKey)
      this.schedule.add(waiting, publication, this.#runtime.clock.now() + publication.delayMs)
      bits |= published.routed | (publication.isPersistent ? published.sync : 0)
    }
    entry.publishedOut += walk.count
    for (let index = 0; index < walk.exchangeCount; index++)
      walk.exchanges[index]!.matcher.passed?.(walk)
    for (let index = 0; index < walk.count; index++) {
      const target = this.#targetOf(walk.destinations[index]!)
      if (target === undefined || watch?.accepts(target) === false) continue
      bits |= this.#send(target, publication)
    }
    this.#router.giveBack(walk)
    return bits
  }

  #targetOf(destination: Destination): Target | undefined {
    if (destination.target?.isGone === false) return destination.target
    const target = this.#targets.find(destination.namespace, destination.name)
    destination.target = target ?? null
    return target
  }

  /** Who is bound to an exchange with a history gets it. */
  #bound({ source, destination }: BindingState): void {
    if (!(source.matcher instanceof RecentHistoryMatcher)) return
    for (const publication of source.matcher.history) {
      if (destination.exchange === null) {
        const target = this.#targetOf(destination)
        if (target !== undefined) this.#send(target, publication)
      } else {
        this.publish(this.#routes.from(destination.exchange, publication.routingKey), publication)
      }
    }
  }
}

/** Whether its address says where this message goes. */
const isKnown = (route: RouteState, publication: Publication): boolean =>
  route.isStatic && publication.copies === null && !(route.mayDelay && publication.delayMs > 0)
