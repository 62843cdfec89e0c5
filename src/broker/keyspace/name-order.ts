import { assert } from '../../lib/assert.ts'

/** A double holds a hash of 30 bits and an index: some eight million names. */
const INDEX_BITS = 23
const INDEX_END = 2 ** INDEX_BITS

/** Names in the order of their hashes: the same order whenever it is made. */
export class NameOrder {
  readonly #names: string[]
  /** The hash, then the index of the name. */
  readonly #sorted: Float64Array

  constructor(names: Iterable<string>) {
    this.#names = [...names]
    assert(this.#names.length <= INDEX_END, 'there are fewer lists and streams than eight million')
    this.#sorted = new Float64Array(this.#names.length)
    for (const [index, name] of this.#names.entries())
      this.#sorted[index] = hashOf(name) * INDEX_END + index
    this.#sorted.sort()
  }

  get count(): number {
    return this.#names.length
  }

  /**
   * Visits about `count` names whose hash is `from` or more; all of one hash are visited together.
   * Returns the hash to go on with, -1 at the end.
   */
  visit(from: number, count: number, visit: (name: string) => void): number {
    let at = this.#firstAtLeast(from)
    let left = count
    let hash = -1
    for (; at < this.#sorted.length; at++, left--) {
      const next = Math.floor(this.#sorted[at]! / INDEX_END)
      if (left <= 0 && next !== hash) return next
      hash = next
      visit(this.#names[this.#sorted[at]! % INDEX_END]!)
    }
    return -1
  }

  #firstAtLeast(hash: number): number {
    let low = 0
    let high = this.#sorted.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.#sorted[middle]! < hash * INDEX_END) low = middle + 1
      else high = middle
    }
    return low
  }
}

/** FNV-1a, 30 bits of it. */
function hashOf(name: string): number {
  let hash = 0x811c9dc5
  for (let at = 0; at < name.length; at++)
    hash = Math.imul(hash ^ name.charCodeAt(at), 0x01000193) >>> 0
  return hash >>> 2
}
