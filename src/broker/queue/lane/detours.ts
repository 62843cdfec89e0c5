import { OffsetRuns } from './offset-runs.ts'
import type { OffsetSet } from './offset-set.ts'

/**
 * What a lane knows of offsets that are not taken in the order of the log. Made when there are
 * some: most lanes have none.
 */
export class Detours {
  /** What goes before all others, the newest first. What is settled of it counts no more. */
  readonly front: OffsetRuns
  /** Of the front, and from the cursor on: what is out, or waits for its time. */
  readonly away = new Set<number>()
  /** From the cursor on: how many are settled, away, or of the front. */
  holes = 0
  /** Of the front: neither settled nor away. */
  frontReady = 0
  readonly #settled: OffsetSet
  /** From here on nothing of the front is ready. */
  #frontEnd = Number.POSITIVE_INFINITY

  constructor(settled: OffsetSet, front: OffsetRuns | null = null) {
    this.#settled = settled
    this.front = front ?? new OffsetRuns()
    for (let run = 0; run < this.front.count; run++)
      this.frontReady += this.#unsettledIn(this.front.first(run), this.front.last(run) + 1)
  }

  isFront(offset: number): boolean {
    return this.front.count > 0 && this.front.has(offset)
  }

  /** Not to be handed out when the cursor comes by. */
  isHole(offset: number): boolean {
    return this.#settled.has(offset) || this.away.has(offset) || this.isFront(offset)
  }

  /** Counts the holes from `cursor` up to `end`, without what is away. */
  countHoles(cursor: number, end: number): void {
    this.holes = this.#settled.countIn(cursor, end)
    for (let run = this.front.runFrom(cursor); run < this.front.count; run++)
      this.holes += this.#unsettledIn(
        Math.max(this.front.first(run), cursor),
        this.front.last(run) + 1,
      )
  }

  /** Where the cursor stands when it has passed the holes from `cursor` on; `end` at most. */
  pass(cursor: number, end: number): number {
    let at = cursor
    while (this.holes > 0 && at < end) {
      let to = at
      if (this.#settled.has(at)) to = Math.min(this.#settled.nextMissing(at), end)
      else if (this.isFront(at)) to = Math.min(this.front.last(this.front.runFrom(at)) + 1, end)
      else if (this.away.has(at)) to = at + 1
      if (to === at) break
      this.holes -= to - at
      at = to
    }
    return at
  }

  /** The first from `from` on that is no hole; `end` when there is none. */
  nextPlain(from: number, end: number): number {
    let at = from
    while (at < end) {
      at = this.#settled.nextMissing(at)
      if (at >= end) return end
      const run = this.front.runFrom(at)
      if (run < this.front.count && this.front.first(run) <= at) at = this.front.last(run) + 1
      else if (this.away.has(at)) at++
      else return at
    }
    return end
  }

  /** The last below `end` that is no hole; -1 when there is none from `from` on. */
  previousPlain(end: number, from: number): number {
    let at = end
    while (at > from) {
      at = this.#settled.previousMissing(at)
      if (at < from) return -1
      const run = this.front.runFrom(at)
      if (run < this.front.count && this.front.first(run) <= at) at = this.front.first(run)
      else if (!this.away.has(at)) return at
    }
    return -1
  }

  /** The offset from `cursor` on that is no hole and has so many such before it. There is one. */
  plainAt(cursor: number, index: number, end: number): number {
    let left = index
    let from = cursor
    for (let run = this.front.runFrom(cursor); run < this.front.count; run++) {
      const plain = this.#plainIn(from, this.front.first(run))
      if (left < plain) break
      left -= plain
      from = this.front.last(run) + 1
    }
    if (this.#hasAwayFrom(from)) {
      let at = this.nextPlain(from, end)
      for (; left > 0; left--) at = this.nextPlain(at + 1, end)
      return at
    }
    return this.#settled.missingAt(from, left)
  }

  /** What comes next of the front, of what lies below `end`; -1 when there is nothing. */
  topOfFront(end: number): number {
    const below = Math.min(end, this.#frontEnd)
    const { front } = this
    const top = front.count - 1
    const isAll = end >= this.#frontEnd || (top >= 0 && end > front.last(top))
    for (let run = Math.min(front.runFrom(below - 1), top); run >= 0; run--) {
      const found = this.frontBelow(Math.min(below, front.last(run) + 1), front.first(run))
      if (found >= 0) {
        if (isAll) this.#frontEnd = found + 1
        return found
      }
      const isSettled = this.#settled.previousMissing(front.last(run) + 1) < front.first(run)
      if (isSettled && run === front.count - 1) front.pop()
    }
    return -1
  }

  /** The one behind another in the order of the front; -1 when it was the last. */
  afterOfFront(offset: number): number {
    const { front } = this
    for (let run = front.runFrom(offset); run >= 0; run--) {
      if (run === front.count) continue
      const found = this.frontBelow(Math.min(offset, front.last(run) + 1), front.first(run))
      if (found >= 0) return found
    }
    return -1
  }

  /** What comes last of the front; -1 when there is nothing. */
  bottomOfFront(): number {
    const { front } = this
    front.forgetBelow(this.#settled.floor)
    for (let run = front.runFrom(this.#settled.floor); run < front.count; run++) {
      for (let at = front.first(run); ; at++) {
        at = this.#settled.nextMissing(at)
        if (at > front.last(run)) break
        if (!this.away.has(at)) return at
      }
    }
    return -1
  }

  /** One of the front that has so many before it in the order of the front. There is one. */
  frontAt(index: number): number {
    let left = index
    const { front } = this
    for (let run = front.count - 1; run > 0; run--) {
      const ready = this.#plainIn(front.first(run), front.last(run) + 1)
      if (left < ready) return this.#frontIn(run, left)
      left -= ready
    }
    return this.#frontIn(0, left)
  }

  pushed(offset: number): void {
    this.front.add(offset, offset)
    this.frontReady++
    this.#frontEnd = Number.POSITIVE_INFINITY
  }

  /** One of the front that was away is ready again. */
  frontBack(offset: number): void {
    this.frontReady++
    if (offset >= this.#frontEnd) this.#frontEnd = offset + 1
  }

  frontBelow(end: number, from: number): number {
    let at = end
    while (at > from) {
      at = this.#settled.previousMissing(at)
      if (at < from) return -1
      if (!this.away.has(at)) return at
    }
    return -1
  }

  #frontIn(run: number, index: number): number {
    const { front } = this
    let at = this.frontBelow(front.last(run) + 1, front.first(run))
    for (let left = index; left > 0; left--) at = this.frontBelow(at, front.first(run))
    return at
  }

  #unsettledIn(from: number, end: number): number {
    return end <= from ? 0 : end - from - this.#settled.countIn(from, end)
  }

  #plainIn(from: number, end: number): number {
    let count = this.#unsettledIn(from, end)
    for (const offset of this.away) if (offset >= from && offset < end) count--
    return count
  }

  #hasAwayFrom(from: number): boolean {
    for (const offset of this.away) if (offset >= from) return true
    return false
  }
}
