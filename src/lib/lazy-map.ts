/** A map that takes memory once something was put in: for what most of many objects never need. */
export class LazyMap<Key, Value> {
  #map: Map<Key, Value> | null = null

  get size(): number {
    return this.#map === null ? 0 : this.#map.size
  }

  get(key: Key): Value | undefined {
    return this.#map === null ? undefined : this.#map.get(key)
  }

  has(key: Key): boolean {
    return this.#map !== null && this.#map.has(key)
  }

  set(key: Key, value: Value): void {
    this.#map ??= new Map()
    this.#map.set(key, value)
  }

  /** Whether it was there. */
  delete(key: Key): boolean {
    return this.#map !== null && this.#map.delete(key)
  }

  clear(): void {
    this.#map = null
  }

  keys(): Iterable<Key> {
    return this.#map === null ? [] : this.#map.keys()
  }

  [Symbol.iterator](): Iterator<[Key, Value]> {
    return (this.#map ?? new Map<Key, Value>()).entries()
  }
}
