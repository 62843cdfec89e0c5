import { assert } from '../../lib/assert.ts'
import { BLOCK_BYTES } from './slot-format.ts'

const BLOCKS_PER_FILE_MAX = 2 ** 22
const ROWS_MIN = 64
const WIDTH = 3

/** Which file, position and size each slot of the chain has: 24 bytes a slot. */
export class SlotTable {
  /** File number and block in one safe integer, bytes in front of the body, and of the body. */
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
    if ((this.#end + 1) * WIDTH > this.#rows.length) this.#grow()
    this.#rows[this.#end * WIDTH] = file * BLOCKS_PER_FILE_MAX + position / BLOCK_BYTES
    this.#rows[this.#end * WIDTH + 1] = frontBytes
    this.#rows[this.#end * WIDTH + 2] = bodyBytes
    this.#end++
  }

  file(slot: number): number {
    return Math.floor(this.#rows[this.#row(slot) * WIDTH]! / BLOCKS_PER_FILE_MAX)
  }

  position(slot: number): number {
    return (this.#rows[this.#row(slot) * WIDTH]! % BLOCKS_PER_FILE_MAX) * BLOCK_BYTES
  }

  frontBytes(slot: number): number {
    return this.#rows[this.#row(slot) * WIDTH + 1]!
  }

  bodyBytes(slot: number): number {
    return this.#rows[this.#row(slot) * WIDTH + 2]!
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

  #row(slot: number): number {
    assert(slot >= this.#base && slot < this.next, 'the slot is in the chain')
    return this.#head + slot - this.#base
  }

  #grow(): void {
    const count = this.#end - this.#head
    const rows = new Float64Array(Math.max(ROWS_MIN, count * 2) * WIDTH)
    rows.set(this.#rows.subarray(this.#head * WIDTH, this.#end * WIDTH))
    this.#rows = rows
    this.#head = 0
    this.#end = count
  }
}
