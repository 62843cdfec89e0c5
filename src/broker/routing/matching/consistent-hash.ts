import type { CommonProperties } from '../../../message/common.ts'
import type { BindingState, Destination } from '../state.ts'
import type { Walk } from '../walk.ts'
import { hashText, mixed } from './hash.ts'
import { headerText } from './header-values.ts'
import type { Matcher, MatcherOptions } from './matcher.ts'

/** What may be hashed instead of the routing key. */
export const hashProperties = ['correlation_id', 'message_id', 'timestamp'] as const

type Bucket = { readonly destination: Destination; readonly weight: number; readonly hash: number }

/**
 * Rendezvous hashing: each destination draws a lot for the value, weighted by its binding key, and
 * the highest wins. So a value moves only when its destination goes, or to one that came, and where
 * it goes depends on the destinations alone, not on the order in which they were bound.
 */
export class ConsistentHashMatcher implements Matcher {
  readonly isStatic: boolean
  readonly #header: string | null
  readonly #property: string | null
  readonly #bindings = new Set<BindingState>()
  #buckets: Bucket[] | null = null
  #isWeighted = false

  constructor({ declared }: MatcherOptions) {
    this.#header = typeof declared['hash-header'] === 'string' ? declared['hash-header'] : null
    this.#property =
      typeof declared['hash-property'] === 'string' ? declared['hash-property'] : null
    this.isStatic = this.#header === null && this.#property === null
  }

  add(binding: BindingState): void {
    this.#bindings.add(binding)
    this.#buckets = null
  }

  remove(binding: BindingState): void {
    this.#bindings.delete(binding)
    this.#buckets = null
  }

  route(walk: Walk): void {
    this.#buckets ??= this.#bucketsNow()
    const buckets = this.#buckets
    if (buckets.length === 0) return
    const hash = hashText(this.#valueOf(walk))
    const winner = this.#isWeighted ? winnerByWeight(buckets, hash) : winnerOf(buckets, hash)
    walk.reach(winner.destination)
  }

  #valueOf(walk: Walk): string {
    if (this.#header !== null) {
      const value = walk.headers.get(this.#header)
      return value === undefined ? '' : headerText(value)
    }
    if (this.#property !== null) return propertyText(walk.common, this.#property)
    return walk.keys[0]!
  }

  /** Of several bindings with one destination the first one counts. */
  #bucketsNow(): Bucket[] {
    const byDestination = new Map<Destination, Bucket>()
    for (const { binding, destination } of this.#bindings) {
      if (byDestination.has(destination)) continue
      const hash = hashText(`${destination.kind}:${destination.name}`)
      byDestination.set(destination, { destination, weight: Number(binding.routingKey), hash })
    }
    const buckets = [...byDestination.values()]
    this.#isWeighted = buckets.some(({ weight }) => weight !== buckets[0]!.weight)
    return buckets
  }
}

function winnerOf(buckets: readonly Bucket[], hash: number): Bucket {
  let winner = buckets[0]!
  let highest = -1
  for (const bucket of buckets) {
    const lot = mixed(hash ^ bucket.hash)
    if (lot <= highest) continue
    highest = lot
    winner = bucket
  }
  return winner
}

/** With lots u in (0, 1), the highest of `-weight / ln u` wins in proportion to the weights. */
function winnerByWeight(buckets: readonly Bucket[], hash: number): Bucket {
  let winner = buckets[0]!
  let highest = -1
  for (const bucket of buckets) {
    const lot = (mixed(hash ^ bucket.hash) + 0.5) / 2 ** 32
    const score = -bucket.weight / Math.log(lot)
    if (score <= highest) continue
    highest = score
    winner = bucket
  }
  return winner
}

function propertyText(common: CommonProperties, property: string): string {
  switch (property) {
    case 'correlation_id':
      return common.correlationId ?? ''
    case 'message_id':
      return common.messageId ?? ''
    default:
      return common.timestamp === null ? '' : String(Math.floor(common.timestamp / 1000))
  }
}
