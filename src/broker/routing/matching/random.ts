import type { BindingState } from '../state.ts'
import type { Walk } from '../walk.ts'
import type { Matcher, MatcherOptions } from './matcher.ts'

/** One of the bindings, each as likely as the others. */
export class RandomMatcher implements Matcher {
  readonly isStatic = false
  readonly #random: () => number
  readonly #bindings = new Set<BindingState>()
  #list: BindingState[] | null = null

  constructor({ random }: MatcherOptions) {
    this.#random = random
  }

  add(binding: BindingState): void {
    this.#bindings.add(binding)
    this.#list = null
  }

  remove(binding: BindingState): void {
    this.#bindings.delete(binding)
    this.#list = null
  }

  route(walk: Walk): void {
    this.#list ??= [...this.#bindings]
    if (this.#list.length === 0) return
    walk.reach(this.#list[Math.floor(this.#random() * this.#list.length)]!.destination)
  }
}
