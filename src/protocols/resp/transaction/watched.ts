import type { Database } from '../../../broker/keyspace/index.ts'

type Watch = {
  readonly database: Database
  readonly key: string
  readonly handle: { cancel(): void }
}

/** The keys a client watches, and whether one of them changed since. */
export class Watched {
  readonly #watches: Watch[] = []
  readonly #names = new Set<string>()
  #isTouched = false

  get count(): number {
    return this.#watches.length
  }

  add(database: Database, key: string): void {
    const name = `${database.index} ${key}`
    if (this.#names.has(name)) return
    this.#names.add(name)
    const handle = database.watch(key, () => {
      this.#isTouched = true
    })
    this.#watches.push({ database, key, handle })
  }

  /** As far as it is known without looking. */
  get wasTouched(): boolean {
    return this.#isTouched
  }

  get isTouched(): boolean {
    // What has expired meanwhile goes when it is looked at, and that is a change.
    for (const { database, key } of this.#watches) {
      if (this.#isTouched) return true
      database.has(key)
    }
    return this.#isTouched
  }

  end(): void {
    for (const { handle } of this.#watches) handle.cancel()
    this.#watches.length = 0
    this.#names.clear()
  }
}
