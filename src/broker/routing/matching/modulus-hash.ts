import type { BindingState, Destination } from '../state.ts'
import type { Walk } from '../walk.ts'
import { hashText } from './hash.ts'
import type { Matcher } from './matcher.ts'

/** The hash of the routing keys, modulo the number of destinations, in the order of their names. */
export class ModulusHashMatcher implements Matcher {
  readonly isStatic = true
  readonly #bindings = new Set<BindingState>()
  #destinations: Destination[] | null = null

  add(binding: BindingState): void {
    this.#bindings.add(binding)
    this.#destinations = null
  }

  remove(binding: BindingState): void {
    this.#bindings.delete(binding)
    this.#destinations = null
  }

  route(walk: Walk): void {
    this.#destinations ??= this.#destinationsNow()
    if (this.#destinations.length === 0) return
    let hash: number | undefined
    for (let index = 0; index < walk.keyCount; index++) hash = hashText(walk.keys[index]!, hash)
    walk.reach(this.#destinations[hash! % this.#destinations.length]!)
  }

  #destinationsNow(): Destination[] {
    const unique = new Set<Destination>()
    for (const { destination } of this.#bindings) unique.add(destination)
    return [...unique].sort((one, other) => (nameOf(one) < nameOf(other) ? -1 : 1))
  }
}

const nameOf = (destination: Destination): string => `${destination.kind}:${destination.name}`
