import type { Offset } from '../../../lib/brand.ts'
import { VarintCursor } from '../../../lib/bytes/varint.ts'
import { LazyMap } from '../../../lib/lazy-map.ts'
import type { EventWriter } from './event-writer.ts'
import { OffsetRuns } from './offset-runs.ts'
import { OffsetSet } from './offset-set.ts'

/** Bits that say what is in an event. */
export const laneEvent = { seek: 1, bytes: 2, front: 4 } as const

/**
 * What of a lane is durable: changed by its events only, live and while replaying.
 *
 * An event says what became of offsets in one turn; all numbers are zigzag varints:
 *
 *   bits             see `laneEvent`
 *   start            (seek) everything below is settled, and nothing else is known
 *   handed-out end   all from here on was never handed out, but for what is said below
 *   front            (front) goes before all others, the newest first: ranges as of settled
 *   settled          count, then for each range: first - end of the range before, length - 1
 *   out again        count, then: offset - offset before, how often it was handed out before
 *   back             count, then: offset - offset before, how often it was handed out, time
 *                    before which it must not be again (0: none)
 *   bytes            (bytes) bodies of all that is not settled
 *
 * The distances begin at the handed-out end. A snapshot is the event that makes all of it anew.
 */
export class LaneState {
  readonly settled: OffsetSet
  /** All from here on that is not in one of the maps was never handed out. */
  handedOutEnd: number
  /** What goes before all others, the newest first; some of it is settled. Null: nothing does. */
  front: OffsetRuns | null = null
  /**
   * Of those that are out: how often they were handed out before. Where that is never, and nobody
   * could know otherwise that they are out, 0.
   */
  readonly counts = new LazyMap<number, number>()
  /** Of those that came back: how often they were handed out. */
  readonly back = new LazyMap<number, number>()
  /** Of those among them that wait: for what time. */
  readonly readyAt = new LazyMap<number, number>()
  /** Bytes of the bodies of all that is not settled; -1 when nobody asked. */
  unsettledBytes = -1

  /** A new queue on a log that is there begins at `start`. */
  constructor(start: Offset) {
    this.settled = new OffsetSet(start)
    this.handedOutEnd = start
  }

  /** Reads one event, or a snapshot, and returns the position after it. */
  evolve(event: Buffer, position: number): number {
    const cursor = new VarintCursor(event, position, event.length)
    const bits = cursor.int()
    if (bits & laneEvent.seek) this.#seek(cursor.long())
    const base = cursor.long()
    if (base > this.handedOutEnd) this.handedOutEnd = base
    if (bits & laneEvent.front) this.#readFront(cursor, base)
    const ranges = cursor.int()
    let at = base
    for (let range = 0; range < ranges; range++) {
      const first = at + cursor.long()
      at = first + cursor.long() + 1
      this.#settle(first, at - 1)
    }
    at = base
    for (let left = cursor.int(); left > 0; left--) {
      at += cursor.long()
      this.#forget(at)
      const count = cursor.long()
      if (count > 0 || at >= base || this.front?.has(at)) this.counts.set(at, count)
    }
    at = base
    for (let left = cursor.int(); left > 0; left--) {
      at += cursor.long()
      this.#forget(at)
      this.back.set(at, cursor.long())
      const readyAt = cursor.long()
      if (readyAt > 0) this.readyAt.set(at, readyAt)
    }
    if (bits & laneEvent.bytes) this.unsettledBytes = cursor.long()
    if (this.front !== null && ranges > 0) this.#forgetFront()
    return cursor.at
  }

  /**
   * What is ready again after a start, or waits for its time, in order: what came back, and what
   * was out when the process ended, which was handed out once more than it was before.
   */
  eachReturned(visit: (offset: number, count: number, readyAt: number | undefined) => void): void {
    let from: number = this.settled.floor
    const visitTo = (to: number) => {
      const end = Math.min(to, this.handedOutEnd)
      for (let offset = from; offset < end; offset++) {
        if (this.front?.has(offset)) continue
        const count = this.back.get(offset) ?? (this.counts.get(offset) ?? 0) + 1
        visit(offset, count, this.readyAt.get(offset))
      }
    }
    this.settled.eachRange((first, last) => {
      visitTo(first)
      from = last + 1
    })
    visitTo(this.handedOutEnd)
    for (const [offset, count] of this.counts)
      if (this.#isByItself(offset)) visit(offset, count + 1, undefined)
    for (const [offset, count] of this.back)
      if (this.#isByItself(offset)) visit(offset, count, this.readyAt.get(offset))
  }

  writeSnapshot(writer: EventWriter): void {
    const base = this.handedOutEnd
    const { front } = this
    writer.int(
      laneEvent.seek |
        (this.unsettledBytes < 0 ? 0 : laneEvent.bytes) |
        (front === null ? 0 : laneEvent.front),
    )
    writer.int(this.settled.floor)
    writer.int(base)
    if (front !== null) writeFront(writer, front, base)
    let ranges = 0
    this.settled.eachRange(() => ranges++)
    writer.int(ranges)
    let at = base
    this.settled.eachRange((first, last) => {
      writer.int(first - at)
      writer.int(last - first)
      at = last + 1
    })
    at = base
    writer.int(this.counts.size)
    for (const [offset, count] of this.counts) {
      writer.int(offset - at)
      writer.int(count)
      at = offset
    }
    at = base
    writer.int(this.back.size)
    for (const [offset, count] of this.back) {
      writer.int(offset - at)
      writer.int(count)
      writer.int(this.readyAt.get(offset) ?? 0)
      at = offset
    }
    if (this.unsettledBytes >= 0) writer.int(this.unsettledBytes)
  }

  #seek(start: number): void {
    this.settled.reset(start)
    this.handedOutEnd = start
    this.front = null
    this.counts.clear()
    this.back.clear()
    this.readyAt.clear()
  }

  #settle(first: number, last: number): void {
    this.settled.add(first, last)
    if (this.counts.size > 0) forgetRange(this.counts, first, last)
    if (this.back.size === 0) return
    forgetRange(this.back, first, last)
    forgetRange(this.readyAt, first, last)
  }

  /** Not in the order of the log. */
  #isByItself(offset: number): boolean {
    return offset >= this.handedOutEnd || this.front?.has(offset) === true
  }

  #readFront(cursor: VarintCursor, base: number): void {
    this.front ??= new OffsetRuns()
    let at = base
    for (let left = cursor.int(); left > 0; left--) {
      const first = at + cursor.long()
      at = first + cursor.long() + 1
      this.front.add(first, at - 1)
    }
  }

  /** What is settled needs no place. */
  #forgetFront(): void {
    const front = this.front!
    front.forgetBelow(this.settled.floor)
    for (let run = front.count - 1; run >= 0; run--) {
      if (this.settled.previousMissing(front.last(run) + 1) >= front.first(run)) break
      front.pop()
    }
    if (front.count === 0) this.front = null
  }

  #forget(offset: number): void {
    this.counts.delete(offset)
    this.back.delete(offset)
    this.readyAt.delete(offset)
  }
}

export function restoredLane(snapshot: Buffer): LaneState {
  const state = new LaneState(0 as Offset)
  state.evolve(snapshot, 0)
  return state
}

function writeFront(writer: EventWriter, front: OffsetRuns, base: number): void {
  writer.int(front.count)
  let at = base
  for (let run = 0; run < front.count; run++) {
    writer.int(front.first(run) - at)
    writer.int(front.last(run) - front.first(run))
    at = front.last(run) + 1
  }
}

/** Deletes what the map says of a range, both ends included. */
export function forgetRange(map: LazyMap<number, number>, first: number, last: number): void {
  if (last - first < map.size) {
    for (let offset = first; offset <= last; offset++) map.delete(offset)
    return
  }
  for (const offset of map.keys()) if (offset >= first && offset <= last) map.delete(offset)
}
