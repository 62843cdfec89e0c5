import type { EntryView } from '../../../../broker/entries/index.ts'
import type { ReadOptions } from './read-options.ts'

/** What RESP adds to a string at least, and to an entry. */
const STRING_BYTES = 7
const ENTRY_BYTES = 40

/** How much of one reply is left, over all streams. */
export class Budget {
  readonly #count: number
  #left: number
  #bytesLeft: number
  #isFirst = true

  constructor({ count, countMax, bytesMax }: ReadOptions) {
    this.#count = count
    this.#left = countMax === 0 ? Infinity : countMax
    this.#bytesLeft = bytesMax === 0 ? Infinity : bytesMax
  }

  get isSpent(): boolean {
    return this.#left <= 0 || this.#bytesLeft <= 0
  }

  get hasBytes(): boolean {
    return this.#bytesLeft !== Infinity
  }

  /** Of the next stream; 0: all. */
  get countMax(): number {
    if (this.#left === Infinity) return this.#count
    return this.#count === 0 ? this.#left : Math.min(this.#count, this.#left)
  }

  /** So many entries were read. */
  take(count: number): void {
    this.#left -= count
  }

  /** Whether one more entry fits, the first of the reply whatever its size; then it is counted. */
  takesBytes(entry: EntryView): boolean {
    const bytes = sizeOf(entry)
    if (bytes > this.#bytesLeft && !this.#isFirst) {
      this.#bytesLeft = 0
      return false
    }
    this.#isFirst = false
    this.#bytesLeft -= bytes
    return true
  }
}

function sizeOf(entry: EntryView): number {
  let bytes = ENTRY_BYTES
  for (let index = 0; index < entry.wordCount; index++)
    bytes += entry.end(index) - entry.start(index) + STRING_BYTES
  return bytes
}
