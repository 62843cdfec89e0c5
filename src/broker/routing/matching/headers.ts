import type { CommonValue } from '../../../message/common.ts'
import type { BindingState } from '../state.ts'
import type { Walk } from '../walk.ts'
import { headerText } from './header-values.ts'
import type { Matcher } from './matcher.ts'

/** What `x-match` may say. With `-with-x`, headers that begin with `x-` count, too. */
export const headerModes = ['all', 'any', 'all-with-x', 'any-with-x'] as const

type Condition = {
  readonly name: string /** Null: it only has to be there. */
  text: string | null
}

class HeaderBinding {
  readonly state: BindingState
  readonly isAny: boolean
  readonly conditions: readonly Condition[]

  constructor(state: BindingState) {
    const { declared } = state.binding
    const mode = declared['x-match']
    const countsX = mode === 'all-with-x' || mode === 'any-with-x'
    this.state = state
    this.isAny = mode === 'any' || mode === 'any-with-x'
    this.conditions = Object.entries(declared)
      .filter(([name]) => name !== 'x-match' && (countsX || !name.startsWith('x-')))
      // JSON values are common values: `declared` holds nothing else.
      .map(([name, value]) => ({
        name,
        text: value === null ? null : headerText(value as CommonValue),
      }))
  }

  /** Where it is looked for: at every condition if one is enough, else at the first. */
  get indexed(): readonly Condition[] {
    return this.isAny ? this.conditions : this.conditions.slice(0, 1)
  }

  matches(headers: ReadonlyMap<string, CommonValue>): boolean {
    for (const { name, text } of this.conditions) {
      const value = headers.get(name)
      const holds = value !== undefined && (text === null || headerText(value) === text)
      if (holds === this.isAny) return holds
    }
    return !this.isAny
  }
}

/** Bindings that want one header, by the value they want. */
class HeaderIndex {
  readonly byText = new Map<string, Set<HeaderBinding>>()
  readonly present = new Set<HeaderBinding>()

  get isEmpty(): boolean {
    return this.byText.size === 0 && this.present.size === 0
  }

  add(text: string | null, binding: HeaderBinding): void {
    if (text === null) {
      this.present.add(binding)
      return
    }
    const bindings = this.byText.get(text)
    if (bindings === undefined) this.byText.set(text, new Set([binding]))
    else bindings.add(binding)
  }

  remove(text: string | null, binding: HeaderBinding): void {
    if (text === null) {
      this.present.delete(binding)
      return
    }
    const bindings = this.byText.get(text)
    bindings?.delete(binding)
    if (bindings?.size === 0) this.byText.delete(text)
  }
}

/** The message's headers are compared with the binding's arguments; the key says nothing. */
export class HeadersMatcher implements Matcher {
  readonly isStatic = false
  readonly #byState = new Map<BindingState, HeaderBinding>()
  readonly #byName = new Map<string, HeaderIndex>()
  /** All of no conditions hold; any of none does not. */
  readonly #unconditional = new Set<BindingState>()

  add(state: BindingState): void {
    const binding = new HeaderBinding(state)
    this.#byState.set(state, binding)
    if (binding.conditions.length === 0 && !binding.isAny) this.#unconditional.add(state)
    for (const { name, text } of binding.indexed) {
      let index = this.#byName.get(name)
      if (index === undefined) this.#byName.set(name, (index = new HeaderIndex()))
      index.add(text, binding)
    }
  }

  remove(state: BindingState): void {
    const binding = this.#byState.get(state)
    if (binding === undefined) return
    this.#byState.delete(state)
    this.#unconditional.delete(state)
    for (const { name, text } of binding.indexed) {
      const index = this.#byName.get(name)
      index?.remove(text, binding)
      if (index?.isEmpty === true) this.#byName.delete(name)
    }
  }

  route(walk: Walk): void {
    for (const state of this.#unconditional) walk.reach(state.destination)
    if (this.#byName.size === 0) return
    const { headers } = walk
    for (const [name, value] of headers) {
      const index = this.#byName.get(name)
      if (index === undefined) continue
      for (const binding of index.present) reachIf(binding, headers, walk)
      const bindings = index.byText.size > 0 ? index.byText.get(headerText(value)) : undefined
      if (bindings === undefined) continue
      for (const binding of bindings) reachIf(binding, headers, walk)
    }
  }
}

function reachIf(
  binding: HeaderBinding,
  headers: ReadonlyMap<string, CommonValue>,
  walk: Walk,
): void {
  // Of those who want any, the one that was found is enough; so is it of those who want just one.
  if (binding.isAny || binding.conditions.length === 1 || binding.matches(headers))
    walk.reach(binding.state.destination)
}
