import type { ListState } from './list-state.ts'

/** Sweeps, a second apart, that an empty list is left alone for. */
const SWEEPS_MIN = 10
/** In one sweep so many go: thousands at once must not stall anybody. */
const DELETED_PER_SWEEP = 2000

/**
 * Empty lists whose queue nobody declared. Those that nobody pushes to for a while go; when there
 * are too many, those that were empty longest go first.
 */
export class IdleLists {
  readonly #countMax: number
  readonly #remove: (list: ListState) => void
  /** The sweep after which each was empty, the oldest first. */
  readonly #emptySince = new Map<ListState, number>()
  #sweeps = 0

  constructor(countMax: number, remove: (list: ListState) => void) {
    this.#countMax = countMax
    this.#remove = remove
  }

  get count(): number {
    return this.#emptySince.size
  }

  add(list: ListState): void {
    if (list.isIdle) return
    list.isIdle = true
    list.isTouched = false
    this.#emptySince.set(list, this.#sweeps)
  }

  sweep(): void {
    this.#sweeps++
    let left = DELETED_PER_SWEEP
    for (const [list, since] of this.#emptySince) {
      const isTooMany = this.#emptySince.size > this.#countMax
      if (left === 0 || (this.#sweeps - since < SWEEPS_MIN && !isTooMany)) return
      left--
      this.#emptySince.delete(list)
      list.isIdle = false
      const { isDeleted, spec } = list.queue
      if (isDeleted || spec.isImplicit !== true || list.length > 0) continue
      if (list.isTouched || !list.isUnused) this.add(list)
      else this.#remove(list)
    }
  }
}
