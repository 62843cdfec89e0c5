import type { SnapshotPieces } from '../../../log/store.ts'
import { COPIED_BYTES_MAX } from '../binary.ts'
import type { Database } from '../database.ts'
import { KeysSnapshot } from './keys-snapshot.ts'
import { isBlank } from './format.ts'
import { SnapshotWriter } from './writer.ts'

/** Everything else waits while a piece is written. */
export type SnapshotPace = {
  /** A piece has about so much, unless a value is larger; at most `COPIED_BYTES_MAX`. */
  readonly pieceBytes: number
  /** So many keys are walked for one, however small. */
  readonly pieceKeys: number
}

export const snapshotPaceDefault: SnapshotPace = { pieceBytes: COPIED_BYTES_MAX, pieceKeys: 4096 }

/** What all databases held when it was made. */
export class KeyspaceSnapshot implements SnapshotPieces {
  readonly #pace: SnapshotPace
  readonly #writer: SnapshotWriter
  readonly #parts: readonly KeysSnapshot[]

  constructor(databases: readonly Database[], pace: SnapshotPace) {
    this.#pace = pace
    this.#writer = new SnapshotWriter(pace.pieceBytes)
    const used = databases.filter(({ index, keys }) => !isBlank(index, keys))
    this.#parts = used.map(({ index, keys }) => {
      this.#writer.database(index, keys)
      const part = new KeysSnapshot(index, keys, this.#writer)
      keys.beginSnapshot(part)
      return part
    })
  }

  /** One by walking, or those that changes have filled meanwhile. */
  next(): IteratorResult<readonly Buffer[]> {
    if (!this.#writer.isFull) this.#walk()
    const value = this.#writer.take()
    return value.length === 0 ? this.return() : { value, done: false }
  }

  return(): IteratorResult<readonly Buffer[]> {
    for (const part of this.#parts) part.end()
    return { value: undefined, done: true }
  }

  [Symbol.iterator](): this {
    return this
  }

  /** Until there is a piece, or to the end. */
  #walk(): void {
    let keys = this.#pace.pieceKeys
    for (const part of this.#parts) keys = part.walk(keys)
    this.#writer.close()
  }
}
