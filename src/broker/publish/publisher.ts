import type { Publication } from '../../message/publication.ts'
import type { StoreRefusal } from '../../log/store.ts'
import type { Route } from '../routing/exchange.ts'

/** Bits of what `publish` says. */
export const published = {
  /** It went to at least one queue or topic (or waits for its time). */
  routed: 1,
  /** At least one queue refused it: a publisher that wants confirms is told no. */
  rejected: 2,
  /** Something of it has to be synced before it may be confirmed. */
  sync: 4,
} as const

/** The way in for every message of every protocol. All of it is synchronous. */
export interface Publisher {
  /**
   * Where an address leads. Cached; the same object until something changes. Throws `not-found`
   * for an exchange that is not there, `access-refused` for an internal one.
   */
  route(namespace: string, exchange: string, routingKey: string): Route
  /** To all of a route's targets, in one atomic step of the log. Bits of `published`. */
  publish(route: Route, publication: Publication): number
  /** All that `work` publishes and settles is durable together, or none of it. */
  atomically(work: () => void): void
  /**
   * Calls `done` once all that was published and settled in this turn is as safe as its queues
   * promise. One call for each channel and turn, not for each message.
   */
  whenSafe(done: (refusal: StoreRefusal | null) => void): void
}
