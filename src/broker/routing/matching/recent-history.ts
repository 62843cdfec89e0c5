import { limits } from '../../../limits/limits.ts'
import type { Publication } from '../../../message/publication.ts'
import type { BindingState } from '../state.ts'
import type { Walk } from '../walk.ts'
import type { Matcher, MatcherOptions } from './matcher.ts'

const LENGTH_DEFAULT = 20

/**
 * All bindings match, and what comes in is kept for those that are bound later: the last messages,
 * in memory, until the broker stops.
 */
export class RecentHistoryMatcher implements Matcher {
  readonly isStatic = false
  readonly #bindings = new Set<BindingState>()
  readonly #lengthMax: number
  readonly #history: Publication[] = []
  #bytes = 0

  constructor({ declared }: MatcherOptions) {
    const length = declared['x-recent-history-length']
    this.#lengthMax = Math.min(
      typeof length === 'number' ? length : LENGTH_DEFAULT,
      limits.recentHistoryMax,
    )
  }

  /** The oldest first. */
  get history(): readonly Publication[] {
    return this.#history
  }

  add(binding: BindingState): void {
    this.#bindings.add(binding)
  }

  remove(binding: BindingState): void {
    this.#bindings.delete(binding)
  }

  route(walk: Walk): void {
    for (const binding of this.#bindings) walk.reach(binding.destination)
  }

  passed(walk: Walk): void {
    if (walk.publication === null) return
    if (walk.headers.get('x-recent-history-no-store') !== true) this.#keep(walk.publication)
  }

  #keep(publication: Publication): void {
    const kept = publication.copy()
    this.#history.push(kept)
    this.#bytes += kept.body.length
    while (
      this.#history.length > this.#lengthMax ||
      (this.#bytes > limits.recentHistoryBytesMax && this.#history.length > 0)
    )
      this.#bytes -= this.#history.shift()!.body.length
  }
}
