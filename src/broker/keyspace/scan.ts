import { NameOrder } from './name-order.ts'
import type { Keys } from './keys.ts'

/** From here on a cursor stands among the keys that are not in memory. */
const FOREIGN = 2 ** 40

/**
 * Cursors over all keys of a database; nothing is kept for one that is open. Keys in memory are
 * walked from the last place down (new ones come behind the cursor, so the walk ends), the others
 * by the hash of their names.
 */
export class Scan {
  readonly #foreignKeys: () => Iterable<string>
  /** Made when a cursor comes to the other keys: it holds all that are there from then on. */
  #order: NameOrder | null = null

  constructor(foreignKeys: () => Iterable<string>) {
    this.#foreignKeys = foreignKeys
  }

  from(inMemory: Keys, cursor: number, count: number, visit: (key: string) => void): number {
    let left = count
    if (cursor < FOREIGN) {
      let at = cursor === 0 ? inMemory.count : Math.min(cursor, inMemory.count)
      const keys: string[] = []
      for (; at > 0 && left > 0; left--) keys.push(inMemory.keyAt(--at))
      // Looking at a key may be what makes it expire, and so change places.
      for (const key of keys) visit(key)
      if (at > 0) return at
      this.#order = new NameOrder(this.#foreignKeys())
      if (this.#order.count === 0) return this.#end()
      if (left === 0) return FOREIGN
    }
    this.#order ??= new NameOrder(this.#foreignKeys())
    const next = this.#order.visit(cursor < FOREIGN ? 0 : cursor - FOREIGN, left, visit)
    return next < 0 ? this.#end() : FOREIGN + next
  }

  #end(): number {
    this.#order = null
    return 0
  }
}
