import type { Keys } from '../keys.ts'
import type { SnapshotWriter } from './writer.ts'

/**
 * What one database held in a moment, written bit by bit while it goes on changing: places are
 * walked from the last one down, and before a key changes that was not come to yet, it is written.
 *
 * What holds all the time: the keys of that moment that are not written yet are those at places
 * below `#left` without a mark, and they are as they were. New keys are marked, or at places that
 * were walked. And a key that takes the place of one that goes comes from the last place, so from
 * above: if it is not written yet, the walk still comes to it.
 */
export class KeysSnapshot {
  readonly #database: number
  readonly #writer: SnapshotWriter
  #keys: Keys
  #left: number
  /** A bit for each place. */
  readonly #marks: Uint8Array

  constructor(database: number, keys: Keys, writer: SnapshotWriter) {
    this.#database = database
    this.#keys = keys
    this.#writer = writer
    this.#left = keys.count
    this.#marks = new Uint8Array((keys.count + 7) >> 3)
  }

  /** Writes at most so many keys, until a piece is full. Returns how many more it could be. */
  walk(keysMax: number): number {
    let keys = keysMax
    while (keys > 0 && this.#left > 0 && !this.#writer.isFull) {
      const place = --this.#left
      if (this.#isMarked(place)) continue
      this.#writer.key(this.#database, this.#keys, place)
      keys--
    }
    return keys
  }

  /** Written or given up: nothing need be told any more. */
  end(): void {
    this.#keys.endSnapshot(this)
  }

  // What the keys tell.

  /** Before the one at the place changes or goes. */
  changing(place: number): void {
    if (place >= this.#left || this.#isMarked(place)) return
    this.#writer.key(this.#database, this.#keys, place)
    this.#mark(place, true)
  }

  /** After a new one came to the place. */
  added(place: number): void {
    if (place < this.#left) this.#mark(place, true)
  }

  /** After the one at the last place took that of one that went. */
  moved(last: number, place: number): void {
    if (place >= this.#left) return
    this.#mark(place, last >= this.#left || this.#isMarked(last))
    if (last < this.#left) this.#mark(last, true) // Nothing is there any more.
  }

  /** When all went: what was there is in somebody else's hands, and stays as it is. */
  cleared(rest: Keys): void {
    this.#keys = rest
  }

  #isMarked(place: number): boolean {
    return (this.#marks[place >> 3]! & (1 << (place & 7))) !== 0
  }

  #mark(place: number, isMarked: boolean): void {
    const bit = 1 << (place & 7)
    if (isMarked) this.#marks[place >> 3]! |= bit
    else this.#marks[place >> 3]! &= ~bit
  }
}
