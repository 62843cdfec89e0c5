import { LazyMap } from '../../../lib/lazy-map.ts'
import type { Log } from '../../../log/store.ts'
import { Detours } from './detours.ts'
import type { EventWriter } from './event-writer.ts'
import { LaneBytes } from './lane-bytes.ts'
import { LaneChanges, type LaneFacts } from './lane-changes.ts'
import { collectReady, firstReady, lastReady, purgeReady } from './lane-order.ts'
import { forgetRange, type LaneState } from './lane-state.ts'
import { OffsetHeap, WaitingOffsets } from './offset-heap.ts'
import type { OffsetSet } from './offset-set.ts'

/**
 * What became of each offset of a lane, as it holds now; see `Lane`. Knows nothing of what lies in
 * the log.
 */
export class LaneOffsets implements LaneFacts {
  readonly log: Log
  readonly settled: OffsetSet
  cursor: number
  /** Out with somebody. */
  outCount = 0
  readonly ready = new OffsetHeap()
  bytes: LaneBytes | null = null
  detours: Detours | null = null
  readonly #onChanged: () => void
  /** Of those that are out: how often they were handed out before, where that is not never. */
  readonly #counts = new LazyMap<number, number>()
  /** Of those that came back, ready or waiting: how often they were handed out. */
  readonly #back = new LazyMap<number, number>()
  readonly #waiting = new WaitingOffsets()
  readonly #changes = new LaneChanges()
  /** When the log ended at `tailSeenAt`, nothing from `tail` on was ready. */
  tail = 0
  tailSeenAt = -1

  constructor(log: Log, state: LaneState, onChanged: () => void) {
    this.log = log
    this.#onChanged = onChanged
    this.settled = state.settled.copy()
    this.cursor = Math.max(state.handedOutEnd, this.settled.floor)
    if (state.unsettledBytes >= 0) this.bytes = new LaneBytes(state.unsettledBytes)
  }

  restore(state: LaneState): void {
    // A log that is not written anywhere begins anew with the process.
    if (this.cursor > this.log.endOffset) return this.seek(this.log.startOffset)
    const { endOffset } = this.log
    if (state.front !== null || this.settled.countIn(this.cursor, endOffset) > 0) {
      this.detours = new Detours(this.settled, state.front?.copy())
      this.detours.countHoles(this.cursor, endOffset)
    }
    state.eachReturned((offset, count, readyAt) => {
      this.#back.set(offset, count)
      const isPlain = offset < this.cursor && this.detours?.isFront(offset) !== true
      if (readyAt !== undefined) {
        this.#waiting.add(offset, readyAt)
        if (!isPlain) this.#setAside(offset)
      } else if (isPlain) this.ready.push(offset)
    })
  }

  get floor(): number {
    return this.settled.floor
  }

  get handedOutEnd(): number {
    return this.cursor
  }

  get hasChanges(): boolean {
    return this.#changes.isChanged
  }

  get waitingCount(): number {
    return this.#waiting.count
  }

  get readyAtNext(): number | null {
    return this.#waiting.readyAtNext
  }

  get unsettledBytes(): number {
    return this.bytes?.unsettled ?? -1
  }

  /** Ready, of what lies below `end` or came back. */
  readyCountTo(end: number): number {
    const { detours } = this
    if (detours === null) return this.ready.count + (end > this.cursor ? end - this.cursor : 0)
    const ahead = Math.max(0, end - this.cursor - detours.holes)
    return this.ready.count + detours.frontReady + ahead
  }

  isSettled(offset: number): boolean {
    return this.settled.has(offset)
  }

  /** Neither settled, nor out, nor waiting. */
  isReady(offset: number): boolean {
    if (offset >= this.log.endOffset || this.settled.has(offset)) return false
    return !this.isOut(offset) && !this.#waiting.has(offset)
  }

  backCount(offset: number): number | undefined {
    return this.#back.get(offset)
  }

  readyAt(offset: number): number | undefined {
    return this.#waiting.readyAt(offset)
  }

  countOf(offset: number): number {
    return this.#counts.get(offset) ?? 0
  }

  /** How often what is ready was handed out. */
  countOfReady(offset: number): number {
    return this.#back.size === 0 ? 0 : (this.#back.get(offset) ?? 0)
  }

  /** The cursor goes to what is ready, or to `end`. */
  passHoles(end: number): void {
    const { detours } = this
    if (detours !== null && detours.holes > 0) this.cursor = detours.pass(this.cursor, end)
  }

  /** What is ready goes out. */
  take(offset: number): void {
    const { detours } = this
    if (offset === this.cursor && (detours === null || !detours.isFront(offset))) this.cursor++
    else if (offset > this.cursor || detours?.isFront(offset) === true) {
      this.#setAside(offset)
      this.#changes.moved(offset)
    } else this.#takeBack(offset)
    if (this.#back.size > 0) {
      const count = this.#back.get(offset)
      if (count !== undefined) {
        this.#back.delete(offset)
        if (count > 0) this.#counts.set(offset, count)
        this.#changes.moved(offset)
      }
    }
    this.outCount++
    this.changed()
  }

  /** What is ready is settled. */
  takeSettled(offset: number): void {
    const { detours } = this
    if (detours === null) {
      if (offset === this.cursor) this.cursor++
      else if (offset < this.cursor) this.#takeBack(offset)
      else this.#detoured().holes++
    } else if (detours.isFront(offset)) detours.frontReady--
    else if (offset === this.cursor) this.cursor++
    else if (offset < this.cursor) this.#takeBack(offset)
    else detours.holes++
    if (this.#back.size > 0) this.#back.delete(offset)
    this.settle(offset, offset)
  }

  /** What is out is settled; false when it is not out: forgotten by `seek`. */
  settleOut(offset: number): boolean {
    if (!this.isOut(offset)) return false
    if (this.#counts.size > 0) this.#counts.delete(offset)
    this.detours?.away.delete(offset)
    this.outCount--
    this.bytes?.settled(offset, offset)
    this.settle(offset, offset)
    return true
  }

  settleOutRange(first: number, last: number): void {
    const from = Math.max(first, this.settled.floor)
    const to = Math.min(last, this.cursor - 1)
    if (this.#back.size > 0 || this.detours !== null) {
      for (let offset = from; offset <= last; offset++) this.settleOut(offset)
      return
    }
    if (to < from) return
    if (this.#counts.size > 0) forgetRange(this.#counts, from, to)
    this.bytes?.settled(from, to)
    this.outCount -= this.settled.add(from, to)
    this.#changes.settled(from, to)
    this.changed()
  }

  giveBack(offset: number, count: number, readyAt: number | null): void {
    if (!this.isOut(offset)) return
    this.#counts.delete(offset)
    this.#back.set(offset, count)
    this.outCount--
    if (readyAt === null) this.#becomeReadyAgain(offset)
    else this.#waiting.add(offset, readyAt)
    this.bytes?.back(offset)
    this.#changes.moved(offset)
    this.changed()
  }

  advanceTime(now: number): void {
    for (let due = this.#waiting.takeDue(now); due >= 0; due = this.#waiting.takeDue(now))
      this.#becomeReadyAgain(due)
  }

  /** What waits for its time is out, as if it had been taken; false when it does not wait. */
  recall(offset: number): boolean {
    if (!this.#waiting.remove(offset)) return false
    const count = this.#back.get(offset) ?? 0
    this.#back.delete(offset)
    if (count > 0) this.#counts.set(offset, count)
    this.outCount++
    this.#changes.moved(offset)
    this.changed()
    return true
  }

  /** Settles all that is ready, also what is appended and not confirmed. */
  purge(): number {
    return purgeReady(this, this.#waiting.offsets())
  }

  seek(start: number): void {
    this.settled.reset(start)
    this.cursor = start
    this.outCount = 0
    this.detours = null
    this.#counts.clear()
    this.#back.clear()
    this.ready.clear()
    this.#waiting.clear()
    if (this.bytes !== null) this.bytes = new LaneBytes(this.#estimatedBytes())
    this.#changes.seek(start)
    this.changed()
  }

  /** There is nothing to hand out from the cursor up to `to`: retention, compaction, a purge. */
  skip(to: number): void {
    const from = this.cursor
    const { detours } = this
    if (detours === null || detours.holes === 0) {
      this.cursor = to
      this.settle(from, to - 1)
      return
    }
    while (this.cursor < to) {
      this.cursor = detours.pass(this.cursor, to)
      if (this.cursor >= to) break
      this.settle(this.cursor, this.cursor)
      this.cursor++
    }
  }

  /** What will be appended at `offset` goes before all that is there. */
  pushFront(offset: number): void {
    const detours = this.#detoured()
    detours.pushed(offset)
    detours.holes++
    this.#changes.fronted(offset)
    this.changed()
  }

  /** What was to be appended at the end was not. */
  frontRefused(): void {
    const { detours } = this
    if (detours === null) return
    const { endOffset } = this.log
    this.#changes.unfronted(endOffset)
    const refused = detours.front.cutFrom(endOffset)
    detours.frontReady -= refused
    detours.holes -= refused
    for (const offset of this.#back.keys()) if (offset >= endOffset) this.#back.delete(offset)
    for (const offset of detours.away) if (offset >= endOffset) detours.away.delete(offset)
  }

  /**
   * What will be appended at `offset` was handed out so often before it came here. With a time it
   * is not ready before that.
   */
  carry(offset: number, count: number, readyAt: number | null = null): void {
    if (count <= 0) return
    this.#back.set(offset, count)
    if (readyAt !== null) {
      this.#waiting.add(offset, readyAt)
      this.#setAside(offset)
    }
    this.#changes.moved(offset)
    this.changed()
  }

  /** The first ready one of what was appended; -1 when there is none. */
  first(): number {
    return firstReady(this)
  }

  /** The last ready one of what was appended; -1 when there is none. */
  last(): number {
    return lastReady(this)
  }

  /** Writes the offsets of so many ready ones from an index on, in order, and says how many. */
  collect(index: number, count: number, into: Float64Array): number {
    return collectReady(this, { index, count }, into)
  }

  settle(first: number, last: number): void {
    this.settled.add(first, last)
    this.#changes.settled(first, last)
    this.changed()
  }

  changed(): void {
    if (this.#changes.note()) this.#onChanged()
  }

  trackBytes(): void {
    if (this.bytes !== null) return
    this.bytes = new LaneBytes(this.#estimatedBytes())
    this.changed()
  }

  writeEvent(writer: EventWriter): void {
    this.#correctBytes()
    this.#changes.write(writer, this)
  }

  /** What came back is not in the heap of those any more. */
  #takeBack(offset: number): void {
    if (this.ready.first === offset) this.ready.shift()
    else this.ready.remove(offset)
  }

  #setAside(offset: number): void {
    const detours = this.#detoured()
    if (detours.isFront(offset)) detours.frontReady--
    else detours.holes++
    detours.away.add(offset)
  }

  #becomeReadyAgain(offset: number): void {
    const { detours } = this
    if (detours === null) {
      if (offset < this.cursor) this.ready.push(offset)
      return
    }
    detours.away.delete(offset)
    if (detours.isFront(offset)) detours.frontBack(offset)
    else if (offset < this.cursor) this.ready.push(offset)
    else {
      detours.holes--
      this.tailSeenAt = -1
    }
  }

  /** Whether somebody has it. */
  isOut(offset: number): boolean {
    if (this.settled.has(offset)) return false
    const { detours } = this
    if (detours !== null) {
      if (detours.away.has(offset)) return !this.#waiting.has(offset)
      if (detours.isFront(offset)) return false
    }
    return offset < this.cursor && (this.#back.size === 0 || !this.#back.has(offset))
  }

  #detoured(): Detours {
    this.detours ??= new Detours(this.settled)
    return this.detours
  }

  /** All is settled: whatever was counted wrongly is put right. */
  #correctBytes(): void {
    if (this.bytes === null || this.settled.floor < this.log.endOffset) return
    if (!this.bytes.isZero) this.bytes = new LaneBytes(0)
  }

  #estimatedBytes(): number {
    const { startOffset, endOffset, sizeBytes } = this.log
    const unsettled = endOffset - this.settled.floor - this.settled.aheadCount
    const all = endOffset - startOffset
    return all <= 0 ? 0 : Math.round((sizeBytes * Math.max(0, unsettled)) / all)
  }
}
