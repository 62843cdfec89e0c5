import { assert } from '../../../../lib/assert.ts'

/** Somebody who was handed messages: a consumer of the channel, or its gets from one queue. */
export type HolderIndex = number

/** Is told, in order of delivery tags, what is settled: runs of one holder, lane and no gaps. */
export interface SettledRuns {
  run(holder: HolderIndex, lane: number, first: number, last: number): void
}

const FREE = 0
/** Of the first ring; a channel that is handed nothing has none. */
const CAPACITY_START = 64
const NO_INTEGERS = new Int32Array(0)
const NO_NUMBERS = new Float64Array(0)
/** An idle channel keeps no more. */
const RESTING_CAPACITY = 4096

type Straggler = { holder: number; lane: number; offset: number }

/**
 * The deliveries of a channel that are not settled yet. Delivery tags rise by one, so they are
 * positions in a ring; what stays out while thousands behind it are settled moves to a map, lest
 * the ring grow with it. In a transaction, settlements are marked first, and undone by a rollback.
 */
export class Unsettled {
  /** Tags below are settled or stragglers. */
  #low = 1
  #next = 1
  #mask = -1
  /** Holder index plus one; 0 when settled; negative when marked by a transaction. */
  #holders = NO_INTEGERS
  #lanes = NO_INTEGERS
  #offsets = NO_NUMBERS
  /** By delivery tag, rising. */
  readonly #stragglers = new Map<number, Straggler>()
  #count = 0
  #markedCount = 0
  /** A run that may grow by the next delivery. */
  #runHolder = -1
  #runLane = 0
  #runFirst = 0
  #runLast = 0

  /** Out and not marked. */
  get count(): number {
    return this.#count
  }

  /** Marked by the transaction that is going on. */
  get markedCount(): number {
    return this.#markedCount
  }

  /** A delivery that nobody will settle: it uses up a tag. */
  skip(): number {
    const tag = this.#next
    if (this.#low === tag) this.#low++
    else this.#place(FREE, 0, 0)
    this.#next = tag + 1
    return tag
  }

  /** Its delivery tag. */
  add(holder: HolderIndex, lane: number, offset: number): number {
    const tag = this.#next
    this.#place(holder + 1, lane, offset)
    this.#count++
    this.#next = tag + 1
    return tag
  }

  /** Settles one. False when there is no such delivery, or it is settled. */
  settleOne(tag: number, runs: SettledRuns): boolean {
    if (tag < this.#low || tag >= this.#next) return this.#settleStraggler(tag, runs)
    const index = tag & this.#mask
    const holder = this.#holders[index]!
    if (holder <= FREE) return false
    this.#holders[index] = FREE
    this.#count--
    if (tag === this.#low) this.#advance()
    const offset = this.#offsets[index]!
    runs.run(holder - 1, this.#lanes[index]!, offset, offset)
    return true
  }

  /** Settles all up to `tag`, which must be out itself. */
  settleUpTo(tag: number, runs: SettledRuns): boolean {
    if (!this.has(tag)) return false
    for (const [other, straggler] of this.#stragglers) {
      if (other > tag) break
      if (straggler.holder > FREE) this.#dropStraggler(other, straggler, runs)
    }
    const end = Math.min(tag + 1, this.#next)
    for (let at = this.#low; at < end; at++) {
      const index = at & this.#mask
      const holder = this.#holders[index]!
      if (holder <= FREE) continue
      this.#holders[index] = FREE
      this.#count--
      this.#extend(holder - 1, this.#lanes[index]!, this.#offsets[index]!, runs)
    }
    this.#endRun(runs)
    this.#advance()
    return true
  }

  /** Settles all that is not marked. */
  settleAll(runs: SettledRuns): void {
    const last = this.last()
    if (last > 0) this.settleUpTo(last, runs)
  }

  has(tag: number): boolean {
    if (tag >= this.#low && tag < this.#next) return this.#holders[tag & this.#mask]! > FREE
    const straggler = this.#stragglers.get(tag)
    return straggler !== undefined && straggler.holder > FREE
  }

  /** The newest tag that is out, or 0. */
  last(): number {
    for (let tag = this.#next - 1; tag >= this.#low; tag--)
      if (this.#holders[tag & this.#mask]! > FREE) return tag
    let last = 0
    for (const [tag, { holder }] of this.#stragglers) if (holder > FREE) last = tag
    return last
  }

  /** Tells of what a holder has out, marked or not, which stays so. */
  each(holder: HolderIndex, runs: SettledRuns): void {
    for (const one of this.#stragglers.values())
      if (Math.abs(one.holder) === holder + 1) this.#extend(holder, one.lane, one.offset, runs)
    for (let tag = this.#low; tag < this.#next; tag++) {
      const index = tag & this.#mask
      if (Math.abs(this.#holders[index]!) !== holder + 1) continue
      this.#extend(holder, this.#lanes[index]!, this.#offsets[index]!, runs)
    }
    this.#endRun(runs)
  }

  /** Marks one, or all up to it; the tags that were marked are added to `tags`. */
  mark(tag: number, isMultiple: boolean, tags: number[]): boolean {
    if (!this.has(tag)) return false
    if (isMultiple) {
      for (const other of this.#stragglers.keys()) if (other < tag) this.#markOne(other, tags)
      for (let other = this.#low; other < tag; other++) this.#markOne(other, tags)
    }
    this.#markOne(tag, tags)
    return true
  }

  /** Takes the marks back. */
  unmark(tags: readonly number[]): void {
    for (const tag of tags) this.#negate(tag)
    this.#count += tags.length
    this.#markedCount -= tags.length
  }

  /** Gives back what a burst made it grow to. Called about once a second. */
  rest(): void {
    if (this.#low !== this.#next || this.#mask < RESTING_CAPACITY) return
    this.#mask = -1
    this.#holders = this.#lanes = NO_INTEGERS
    this.#offsets = NO_NUMBERS
  }

  #markOne(tag: number, tags: number[]): void {
    if (!this.has(tag)) return
    this.#negate(tag)
    this.#count--
    this.#markedCount++
    tags.push(tag)
  }

  #negate(tag: number): void {
    const straggler = this.#stragglers.get(tag)
    if (straggler !== undefined) straggler.holder = -straggler.holder
    else this.#holders[tag & this.#mask] = -this.#holders[tag & this.#mask]!
  }

  #place(holder: number, lane: number, offset: number): void {
    if (this.#next - this.#low > this.#mask) this.#makeRoom()
    const index = this.#next & this.#mask
    this.#holders[index] = holder
    this.#lanes[index] = lane
    this.#offsets[index] = offset
  }

  #settleStraggler(tag: number, runs: SettledRuns): boolean {
    const straggler = this.#stragglers.get(tag)
    if (straggler === undefined || straggler.holder <= FREE) return false
    this.#dropStraggler(tag, straggler, runs)
    this.#endRun(runs)
    return true
  }

  #dropStraggler(tag: number, { holder, lane, offset }: Straggler, runs: SettledRuns): void {
    this.#stragglers.delete(tag)
    this.#count--
    this.#extend(holder - 1, lane, offset, runs)
  }

  #extend(holder: number, lane: number, offset: number, runs: SettledRuns): void {
    if (holder === this.#runHolder && lane === this.#runLane && offset === this.#runLast + 1) {
      this.#runLast = offset
      return
    }
    this.#endRun(runs)
    this.#runHolder = holder
    this.#runLane = lane
    this.#runFirst = this.#runLast = offset
  }

  #endRun(runs: SettledRuns): void {
    if (this.#runHolder === -1) return
    const holder = this.#runHolder
    this.#runHolder = -1
    runs.run(holder, this.#runLane, this.#runFirst, this.#runLast)
  }

  #advance(): void {
    let low = this.#low
    while (low < this.#next && this.#holders[low & this.#mask] === FREE) low++
    this.#low = low
  }

  /** A ring that is mostly settled keeps its size: the few at its lower half become stragglers. */
  #makeRoom(): void {
    this.#advance()
    const capacity = this.#mask + 1
    const span = this.#next - this.#low
    if (span < capacity) return
    const inRing = this.#count + this.#markedCount - this.#stragglers.size
    if (inRing * 4 >= capacity) return this.#grow()
    const end = this.#low + capacity / 2
    for (let tag = this.#low; tag < end; tag++) {
      const index = tag & this.#mask
      const holder = this.#holders[index]!
      if (holder === FREE) continue
      const [lane, offset] = [this.#lanes[index]!, this.#offsets[index]!]
      this.#stragglers.set(tag, { holder, lane, offset })
      this.#holders[index] = FREE
    }
    this.#low = end
  }

  #grow(): void {
    const capacity = Math.max(CAPACITY_START, (this.#mask + 1) * 2)
    assert(capacity <= 2 ** 30, 'a channel has a bound of unsettled deliveries')
    const holders = new Int32Array(capacity)
    const lanes = new Int32Array(capacity)
    const offsets = new Float64Array(capacity)
    for (let tag = this.#low; tag < this.#next; tag++) {
      const [from, to] = [tag & this.#mask, tag & (capacity - 1)]
      holders[to] = this.#holders[from]!
      lanes[to] = this.#lanes[from]!
      offsets[to] = this.#offsets[from]!
    }
    this.#holders = holders
    this.#lanes = lanes
    this.#offsets = offsets
    this.#mask = capacity - 1
  }
}
