import type { BindingState } from '../state.ts'
import type { Walk } from '../walk.ts'

/** How one type of exchange chooses among its bindings. */
export interface Matcher {
  /** True when it looks at the address alone: then where that leads can be kept. */
  readonly isStatic: boolean
  add(binding: BindingState): void
  remove(binding: BindingState): void
  /** Calls `walk.reach` for each binding that matches; a destination twice does no harm. */
  route(walk: Walk): void
  /** The message was not only led through: it went. */
  passed?(walk: Walk): void
}

/** An exchange's own arguments, as declared. */
export type MatcherOptions = {
  readonly declared: Readonly<Record<string, unknown>>
  /** Uniform in [0, 1). */
  readonly random: () => number
}
