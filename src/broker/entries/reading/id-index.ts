import { firstWhere } from '../../../lib/search.ts'
import type { Whole } from '../../../lib/whole.ts'
import { limits } from '../../../limits/limits.ts'
import { compareParts } from '../entry-id.ts'

/**
 * Offsets of some entries of one log, each with the id of the entry before it: between two of them
 * the log is looked through. Three numbers a point, and a bounded number of points.
 */
export class IdIndex {
  #offsets: number[] = []
  #ms: Whole[] = []
  #seqs: Whole[] = []
  /** Those before it were let go of. */
  #head = 0

  get count(): number {
    return this.#offsets.length - this.#head
  }

  get lastOffset(): number {
    return this.count === 0 ? -1 : this.#offsets.at(-1)!
  }

  offset(index: number): number {
    return this.#offsets[this.#head + index]!
  }

  ms(index: number): Whole {
    return this.#ms[this.#head + index]!
  }

  seq(index: number): Whole {
    return this.#seqs[this.#head + index]!
  }

  /** Offsets only grow; one that is there already gets the new id. */
  push(offset: number, ms: Whole, seq: Whole): void {
    if (this.lastOffset === offset) this.dropFrom(offset)
    if (this.count >= limits.entryPointsMax) this.#thin()
    this.#offsets.push(offset)
    this.#ms.push(ms)
    this.#seqs.push(seq)
  }

  /** The last point not above an offset; -1: there is none. */
  atOrBefore(offset: number): number {
    const offsets = this.#offsets
    return firstWhere(this.#head, offsets.length, at => offsets[at]! > offset) - 1 - this.#head
  }

  /** The last point behind entries that are all below an id; -1: there is none. */
  below(ms: Whole, seq: Whole): number {
    const isReached = (at: number): boolean =>
      compareParts(this.#ms[at]!, this.#seqs[at]!, ms, seq) >= 0
    return firstWhere(this.#head, this.#offsets.length, isReached) - 1 - this.#head
  }

  dropFrom(offset: number): void {
    if (this.lastOffset < offset) return
    const kept = this.#head + this.atOrBefore(offset - 1) + 1
    this.#offsets.length = this.#ms.length = this.#seqs.length = kept
  }

  /** Points are not needed below the last one that is not above `offset`. */
  dropBelow(offset: number): void {
    const first = this.atOrBefore(offset)
    if (first <= 0) return
    this.#head += first
    if (this.#head < 1024 || this.#head * 2 < this.#offsets.length) return
    this.#offsets = this.#offsets.slice(this.#head)
    this.#ms = this.#ms.slice(this.#head)
    this.#seqs = this.#seqs.slice(this.#head)
    this.#head = 0
  }

  clear(): void {
    this.#offsets = []
    this.#ms = []
    this.#seqs = []
    this.#head = 0
  }

  /** Every second one goes: what lies between is twice as much from now on. */
  #thin(): void {
    const isKept = (_: unknown, index: number): boolean =>
      index >= this.#head && (index - this.#head) % 2 === 0
    this.#offsets = this.#offsets.filter(isKept)
    this.#ms = this.#ms.filter(isKept)
    this.#seqs = this.#seqs.filter(isKept)
    this.#head = 0
  }
}
