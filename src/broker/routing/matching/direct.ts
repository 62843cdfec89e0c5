import type { BindingState } from '../state.ts'
import type { Walk } from '../walk.ts'
import type { Matcher } from './matcher.ts'

/** The routing key is the binding's. */
export class DirectMatcher implements Matcher {
  readonly isStatic = true
  readonly #byKey = new Map<string, Set<BindingState>>()

  add(binding: BindingState): void {
    const key = binding.binding.routingKey
    const bindings = this.#byKey.get(key)
    if (bindings === undefined) this.#byKey.set(key, new Set([binding]))
    else bindings.add(binding)
  }

  remove(binding: BindingState): void {
    const key = binding.binding.routingKey
    const bindings = this.#byKey.get(key)
    bindings?.delete(binding)
    if (bindings?.size === 0) this.#byKey.delete(key)
  }

  route(walk: Walk): void {
    for (let index = 0; index < walk.keyCount; index++) {
      const bindings = this.#byKey.get(walk.keys[index]!)
      if (bindings === undefined) continue
      for (const binding of bindings) walk.reach(binding.destination)
    }
  }
}
