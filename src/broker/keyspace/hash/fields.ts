import { IndexedSet } from '../../../lib/indexed-set.ts'

/** Redis' hash-max-listpack-entries and hash-max-listpack-value. */
const SMALL_COUNT_MAX = 512
const SMALL_BYTES_MAX = 64

/**
 * Fields with their values, at positions 0 to count - 1. Few and short ones keep the order in which
 * they came; of many, the last one takes the place of one that goes.
 */
export class Fields {
  readonly #names = new IndexedSet()
  readonly #values: string[] = []
  #isSmall = true

  get count(): number {
    return this.#values.length
  }

  /** False from the time on it was not, as in Redis. */
  get isSmall(): boolean {
    return this.#isSmall
  }

  nameAt(index: number): string {
    return this.#names.at(index)
  }

  valueAt(index: number): string {
    return this.#values[index]!
  }

  get(name: string): string | undefined {
    const index = this.#names.indexOf(name)
    return index < 0 ? undefined : this.#values[index]
  }

  /** The position of the field whose name lies between `start` and `end`; -1: there is none. */
  indexOfBytes(bytes: Uint8Array, start: number, end: number): number {
    return this.#names.indexOfBytes(bytes, start, end)
  }

  /** What it was before. */
  setAt(index: number, value: string): string {
    if (value.length > SMALL_BYTES_MAX) this.#isSmall = false
    const before = this.#values[index]!
    this.#values[index] = value
    return before
  }

  /** What it was before. */
  set(name: string, value: string): string | undefined {
    const index = this.#names.indexOf(name)
    if (index >= 0) return this.setAt(index, value)
    if (name.length > SMALL_BYTES_MAX || value.length > SMALL_BYTES_MAX) this.#isSmall = false
    this.#names.push(name)
    this.#values.push(value)
    if (this.#values.length > SMALL_COUNT_MAX) this.#isSmall = false
    return undefined
  }

  /** What it was. */
  remove(name: string): string | undefined {
    const index = this.#names.indexOf(name)
    if (index < 0) return undefined
    const before = this.#values[index]!
    if (this.#isSmall) {
      this.#names.spliceAt(index)
      this.#values.splice(index, 1)
      return before
    }
    this.#names.removeAt(index)
    const last = this.#values.pop()!
    if (index < this.#values.length) this.#values[index] = last
    return before
  }

  /** From now on they are many. */
  grow(): void {
    this.#isSmall = false
  }
}
