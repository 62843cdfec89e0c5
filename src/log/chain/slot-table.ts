import { assert } from '../../lib/assert.ts'
import { BLOCK_BYTES, paddedBytes } from './slot-format.ts'

const BLOCKS_PER_FILE_MAX = 2 ** 22
const ROWS_MIN = 64
const WIDTH = 3

/**
 * Which file, position and size each slot of the chain has: 24 bytes a slot. Sizes are kept as sums
 * over all slots before, so that those of a run are there at once, however long it is.
 */
export class SlotTable {
  /**
   * File number and block in one safe integer, and of the slots before: bytes in their files, and
   * in front of their bodies. A row more than there are slots has the sums over all.
   */
  #rows = new Float64Array(ROWS_MIN * WIDTH)
  #base: number
  #head = 0
  #end = 0

  constructor(first: number) {
    this.#base = first
  }

  /** The first slot of the table, and the slot after its last. */
  get first(): number {
    return this.#base
  }

  get next(): number {
    return this.#base + this.#end - this.#head
  }

  push(slot: number, file: number, position: number, frontBytes: number, bodyBytes: number): void {
    assert(slot === this.next, 'slots follow each other')
    assert(position % BLOCK_BYTES === 0, 'slots begin at whole blocks')
    assert(position / BLOCK_BYTES < BLOCKS_PER_FILE_MAX, 'a chain file is not that large')
    if ((this.#end + 2) * WIDTH > this.#rows.length) this.#grow()
    const rows = this.#rows
    const at = this.#end * WIDTH
    rows[at] = file * BLOCKS_PER_FILE_MAX + position / BLOCK_BYTES
    rows[at + WIDTH + 1] = rows[at + 1]! + paddedBytes(frontBytes + bodyBytes)
    rows[at + WIDTH + 2] = rows[at + 2]! + frontBytes
    this.#end++
  }

  file(slot: number): number {
    return Math.floor(this.#rows[this.#row(slot) * WIDTH]! / BLOCKS_PER_FILE_MAX)
  }

  position(slot: number): number {
    return (this.#rows[this.#row(slot) * WIDTH]! % BLOCKS_PER_FILE_MAX) * BLOCK_BYTES
  }

  frontBytes(slot: number): number {
    const at = this.#row(slot) * WIDTH + 2
    return this.#rows[at + WIDTH]! - this.#rows[at]!
  }

  /** Of slots `from <= slot < to`, as far as they are there: what they take in their files. */
  footprintBytes(from: number, to: number): number {
    return this.#sumBefore(to, 1) - this.#sumBefore(from, 1)
  }

  /** Of the same slots: what is in front of their bodies. */
  frontsBytes(from: number, to: number): number {
    return this.#sumBefore(to, 2) - this.#sumBefore(from, 2)
  }

  /** Forgets slots from `slot` on: they will be written elsewhere. */
  cutFrom(slot: number): void {
    if (slot >= this.next) return
    this.#end = this.#row(slot)
  }

  forgetBelow(slot: number): void {
    if (slot <= this.#base) return
    const count = Math.min(slot, this.next) - this.#base
    this.#head += count
    this.#base += count
  }

  #sumBefore(slot: number, column: number): number {
    const within = Math.min(Math.max(slot, this.#base), this.next)
    return this.#rows[(this.#head + within - this.#base) * WIDTH + column]!
  }

  #row(slot: number): number {
    assert(slot >= this.#base && slot < this.next, 'the slot is in the chain')
    return this.#head + slot - this.#base
  }

  #grow(): void {
    const count = this.#end - this.#head
    const rows = new Float64Array(Math.max(ROWS_MIN, count * 2) * WIDTH)
    rows.set(this.#rows.subarray(this.#head * WIDTH, (this.#end + 1) * WIDTH))
    this.#rows = rows
    this.#head = 0
    this.#end = count
  }
}
