/** Something that is told of the next change of a key, once. */
export type Watch = { cancel(): void }

/** Who waits for keys to change. */
export class Watches {
  readonly #byKey = new Map<string, Set<() => void>>()

  get isEmpty(): boolean {
    return this.#byKey.size === 0
  }

  add(key: string, changed: () => void): Watch {
    // A function of its own: the same one may watch a key twice.
    const watcher = (): void => changed()
    const watchers = this.#byKey.get(key)
    if (watchers === undefined) this.#byKey.set(key, new Set([watcher]))
    else watchers.add(watcher)
    return { cancel: () => this.#remove(key, watcher) }
  }

  changed(key: string): void {
    const watchers = this.#byKey.get(key)
    if (watchers === undefined) return
    this.#byKey.delete(key)
    for (const watcher of watchers) watcher()
  }

  /** The watched keys, as they are now. */
  keys(): string[] {
    return [...this.#byKey.keys()]
  }

  #remove(key: string, watcher: () => void): void {
    const watchers = this.#byKey.get(key)
    if (watchers === undefined) return
    watchers.delete(watcher)
    if (watchers.size === 0) this.#byKey.delete(key)
  }
}
