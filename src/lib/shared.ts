/** Distinct values beyond this are not shared: they are no longer few. */
const VALUES_MAX = 1000

/** Plain data that many hold, all alike: each gets the first that was equal. */
export class Shared<T extends object> {
  readonly #known = new Map<string, T>()

  /** The value, or one that reads the same as JSON. Neither may be changed any more. */
  get(value: T): T {
    const key = JSON.stringify(value)
    const known = this.#known.get(key)
    if (known !== undefined) return known
    if (this.#known.size >= VALUES_MAX) this.#known.clear()
    this.#known.set(key, value)
    return value
  }
}
