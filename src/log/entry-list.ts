import { assert } from '../lib/assert.ts'
import type { Offset } from '../lib/brand.ts'
import type { ChainEntries, ChainEntry } from './internals.ts'
import { type BatchSummary, SlotNumber } from './store.ts'

const WIDTH = 6
const LAST = 1
const TIME = 2
const SLOT = 3
const AT = 4
const BYTES = 5
const ROWS_MIN = 4
const ROWS_SMALL = 64
/** An array stays, rather than a smaller one be made, up to so many times what is needed. */
const SPARE_TIMES_MAX = 4

/**
 * One log's batches that lie in the chain, oldest first. A row of numbers each, not an object:
 * a gigabyte of small slots has millions. The batches are in the tail, slot by slot, while they
 * are young; those of a log that is never written hang beside their rows.
 *
 *   rows:  rewritten to segments, in the tail still │ in the chain only │ in the tail
 */
export class EntryList implements ChainEntries {
  #rows: Float64Array = new Float64Array(ROWS_MIN * WIDTH)
  /** Null in the logs of the chain. */
  #batches: (Buffer | null)[] | null = null
  #head = 0
  #end = 0
  #segmentedTo = 0

  get count(): number {
    return this.#end - this.#head
  }

  push(slot: number, batch: BatchSummary, bodyPosition: number, bytes: Buffer | null): void {
    this.#makeRoom()
    const at = this.#end * WIDTH
    const rows = this.#rows
    rows[at] = batch.baseOffset
    rows[at + LAST] = batch.lastOffset
    rows[at + TIME] = batch.maxTimestamp
    rows[at + SLOT] = slot
    rows[at + AT] = bodyPosition
    rows[at + BYTES] = batch.sizeBytes
    if (bytes !== null) {
      if (this.#end === 0) this.#batches = [bytes]
      else {
        assert(this.#batches !== null, 'a log in memory has all its batches here')
        this.#batches.push(bytes)
      }
    }
    this.#end++
  }

  /** The next one takes more memory, unless something can be dropped. */
  get isFull(): boolean {
    return (this.#end + 1) * WIDTH > this.#rows.length
  }

  /** The first entry that ends at or after `offset`; `count` when there is none. */
  find(offset: number): number {
    return this.#firstNotBelow(offset, LAST)
  }

  /** The first entry of `slot` or a later one; `count` when there is none. */
  findSlot(slot: number): number {
    return this.#firstNotBelow(slot, SLOT)
  }

  /** The batches hang here: they are as long as anybody has them. */
  get hasBatches(): boolean {
    return this.#batches !== null
  }

  /** Null in the logs of the chain. */
  batch(index: number): Buffer | null {
    return this.#batches === null ? null : this.#batches[this.#head + index]!
  }

  baseOffset(index: number): Offset {
    return this.#rows[(this.#head + index) * WIDTH] as Offset
  }

  lastOffset(index: number): Offset {
    return this.#rows[(this.#head + index) * WIDTH + LAST] as Offset
  }

  maxTimestamp(index: number): number {
    return this.#rows[(this.#head + index) * WIDTH + TIME]!
  }

  slot(index: number): number {
    return this.#rows[(this.#head + index) * WIDTH + SLOT]!
  }

  bodyPosition(index: number): number {
    return this.#rows[(this.#head + index) * WIDTH + AT]!
  }

  sizeBytes(index: number): number {
    return this.#rows[(this.#head + index) * WIDTH + BYTES]!
  }

  entry(index: number): ChainEntry {
    return {
      slot: SlotNumber(this.slot(index)),
      bodyPosition: this.bodyPosition(index),
      baseOffset: this.baseOffset(index),
      lastOffset: this.lastOffset(index),
      sizeBytes: this.sizeBytes(index),
      maxTimestamp: this.maxTimestamp(index),
    }
  }

  /** Those from `first` to before `end` as they are now, without their batches. */
  slice(first: number, end: number): EntryList {
    const copy = new EntryList()
    copy.#rows = this.#rows.slice((this.#head + first) * WIDTH, (this.#head + end) * WIDTH)
    copy.#end = end - first
    return copy
  }

  /** The first entry that is in the chain only: no segment has it yet. */
  get unsegmented(): number {
    return Math.max(0, this.#segmentedTo - this.#head)
  }

  /** Entries of slots below `slot` are in segments now. Returns their bytes. */
  segmented(slot: number): number {
    let bytes = 0
    let index = this.unsegmented
    for (; index < this.count && this.slot(index) < slot; index++) bytes += this.sizeBytes(index)
    this.#segmentedTo = this.#head + index
    return bytes
  }

  /** Drops entries that are in segments, and of slots below `slot`: not in the tail any more. */
  trim(slot: number): void {
    let to = this.#head
    while (to < this.#segmentedTo && this.#rows[to * WIDTH + SLOT]! < slot) to++
    if (to > this.#head) this.#drop(to)
  }

  /** Drops entries that end below `offset`. Returns the bytes of those not in segments. */
  truncateBefore(offset: number): number {
    const index = this.find(offset)
    let bytes = 0
    for (let dropped = this.unsegmented; dropped < index; dropped++)
      bytes += this.sizeBytes(dropped)
    this.#drop(this.#head + index)
    return bytes
  }

  /** By one column, which does not fall. Written out: each read of a log begins here. */
  #firstNotBelow(wanted: number, column: number): number {
    let low = this.#head
    let high = this.#end
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#rows[middle * WIDTH + column]! < wanted) low = middle + 1
      else high = middle
    }
    return low - this.#head
  }

  #drop(to: number): void {
    if (this.#batches !== null)
      for (let row = this.#head; row < to; row++) this.#batches[row] = null
    this.#head = to
    this.#segmentedTo = Math.max(this.#segmentedTo, to)
    if (this.#head > this.#end / 2 && this.#head > 2 * ROWS_MIN) this.#shrink()
  }

  /** Moves what is left to the front, into a smaller array where much was dropped. */
  #shrink(): void {
    const capacity = Math.max(ROWS_MIN, 2 ** Math.ceil(Math.log2(this.count + 1)))
    if (capacity * WIDTH * SPARE_TIMES_MAX >= this.#rows.length)
      this.#rows.copyWithin(0, this.#head * WIDTH, this.#end * WIDTH)
    else {
      const rows = new Float64Array(capacity * WIDTH)
      rows.set(this.#rows.subarray(this.#head * WIDTH, this.#end * WIDTH))
      this.#rows = rows
    }
    if (this.#batches !== null) this.#batches = this.#batches.slice(this.#head)
    this.#end -= this.#head
    this.#segmentedTo -= this.#head
    this.#head = 0
  }

  #makeRoom(): void {
    if (!this.isFull) return
    // Who has a few has soon more: ten thousand logs that begin to grow should not do so often.
    const isSmall = this.#rows.length < ROWS_SMALL * WIDTH
    const grown = new Float64Array(this.#rows.length * (isSmall ? 4 : 2))
    grown.set(this.#rows)
    this.#rows = grown
  }
}
