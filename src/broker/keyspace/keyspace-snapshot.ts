import type { SnapshotPieces } from '../../log/store.ts'
import type { Database } from './database.ts'
import { isBlank, SnapshotWriter } from './snapshot.ts'

/** The pieces of all databases. */
export class KeyspaceSnapshot implements SnapshotPieces {
  readonly #writer = new SnapshotWriter()

  constructor(databases: readonly Database[]) {
    for (const { index, keys } of databases) {
      if (isBlank(index, keys)) continue
      this.#writer.database(index, keys)
      for (let place = 0; place < keys.count; place++) this.#writer.key(index, keys, place)
    }
    this.#writer.close()
  }

  next(): IteratorResult<Buffer> {
    const value = this.#writer.take()
    return value === null ? this.return() : { value, done: false }
  }

  return(): IteratorResult<Buffer> {
    return { value: undefined, done: true }
  }

  [Symbol.iterator](): this {
    return this
  }
}
