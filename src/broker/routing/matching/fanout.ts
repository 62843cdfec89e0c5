import type { BindingState } from '../state.ts'
import type { Walk } from '../walk.ts'
import type { Matcher } from './matcher.ts'

/** All bindings match. */
export class FanoutMatcher implements Matcher {
  readonly isStatic = true
  readonly #bindings = new Set<BindingState>()

  add(binding: BindingState): void {
    this.#bindings.add(binding)
  }

  remove(binding: BindingState): void {
    this.#bindings.delete(binding)
  }

  route(walk: Walk): void {
    for (const binding of this.#bindings) walk.reach(binding.destination)
  }
}
