import type { Offset } from '../../../lib/brand.ts'
import { LazyMap } from '../../../lib/lazy-map.ts'

const CAPACITY_MIN = 16
/** Shared by all heaps that hold nothing. */
const NONE = new Float64Array(0)

/** Offsets, the lowest first. Each is in it once at most. */
export class OffsetHeap {
  #items = NONE
  #count = 0

  get count(): number {
    return this.#count
  }

  /** The lowest. There is one. */
  get first(): Offset {
    return this.#items[0] as Offset
  }

  /** The highest; -1 when there is none. Looks at half of them. */
  get last(): number {
    let last = -1
    for (let at = this.#count >>> 1; at < this.#count; at++)
      if (this.#items[at]! > last) last = this.#items[at]!
    return last
  }

  /** All, the lowest first. */
  sorted(): Float64Array {
    return this.#items.slice(0, this.#count).sort()
  }

  /** Removes one that is in it, wherever it is. */
  remove(offset: number): void {
    let at = this.#items.indexOf(offset)
    // To the top, as if it were the lowest.
    for (; at > 0; at = (at - 1) >>> 1) this.#items[at] = this.#items[(at - 1) >>> 1]!
    this.shift()
  }

  push(offset: number): void {
    if (this.#count === this.#items.length) this.#items = resized(this.#items, this.#count)
    const items = this.#items
    let at = this.#count++
    while (at > 0) {
      const parent = (at - 1) >>> 1
      if (items[parent]! <= offset) break
      items[at] = items[parent]!
      at = parent
    }
    items[at] = offset
  }

  /** Removes the lowest. */
  shift(): void {
    const items = this.#items
    const count = --this.#count
    const moved = items[count]!
    let at = 0
    for (let child = 1; child < count; child = 2 * at + 1) {
      if (child + 1 < count && items[child + 1]! < items[child]!) child++
      if (items[child]! >= moved) break
      items[at] = items[child]!
      at = child
    }
    items[at] = moved
    if (count === 0) this.clear()
  }

  clear(): void {
    this.#count = 0
    if (this.#items.length > CAPACITY_MIN) this.#items = NONE
  }
}

/** Offsets that wait for a time, the earliest first; of the same time the lowest first. */
export class TimedHeap {
  #times = NONE
  #offsets = NONE
  #count = 0

  get count(): number {
    return this.#count
  }

  /** Of the first. There is one. */
  get time(): number {
    return this.#times[0]!
  }

  get first(): Offset {
    return this.#offsets[0] as Offset
  }

  push(time: number, offset: number): void {
    if (this.#count === this.#times.length) {
      this.#times = resized(this.#times, this.#count)
      this.#offsets = resized(this.#offsets, this.#count)
    }
    let at = this.#count++
    while (at > 0) {
      const parent = (at - 1) >>> 1
      if (!this.#isBefore(time, offset, parent)) break
      this.#put(at, this.#times[parent]!, this.#offsets[parent]!)
      at = parent
    }
    this.#put(at, time, offset)
  }

  /** Removes the first. */
  shift(): void {
    const count = --this.#count
    const time = this.#times[count]!
    const offset = this.#offsets[count]!
    let at = 0
    for (let child = 1; child < count; child = 2 * at + 1) {
      const next = child + 1
      if (next < count && this.#isBefore(this.#times[next]!, this.#offsets[next]!, child)) child++
      if (this.#isBefore(time, offset, child)) break
      this.#put(at, this.#times[child]!, this.#offsets[child]!)
      at = child
    }
    this.#put(at, time, offset)
    if (count === 0) this.clear()
  }

  clear(): void {
    this.#count = 0
    if (this.#times.length === 0) return
    this.#times = NONE
    this.#offsets = NONE
  }

  #isBefore(time: number, offset: number, index: number): boolean {
    const other = this.#times[index]!
    return time < other || (time === other && offset < this.#offsets[index]!)
  }

  #put(index: number, time: number, offset: number): void {
    this.#times[index] = time
    this.#offsets[index] = offset
  }
}

function resized(items: Float64Array, count: number): Float64Array<ArrayBuffer> {
  const grown = new Float64Array(Math.max(CAPACITY_MIN, count * 2))
  grown.set(items)
  return grown
}

/** So few are not worth a look at all that wait. */
const REMOVED_KEPT = 64

/** Offsets that came back, and wait until they are ready again. */
export class WaitingOffsets {
  readonly #readyAt = new LazyMap<number, number>()
  /** Holds some that were removed, too. */
  readonly #heap = new TimedHeap()

  get count(): number {
    return this.#readyAt.size
  }

  /** Nothing is ready earlier; null when nothing waits. */
  get readyAtNext(): number | null {
    return this.#heap.count === 0 ? null : this.#heap.time
  }

  has(offset: number): boolean {
    return this.#readyAt.has(offset)
  }

  readyAt(offset: number): number | undefined {
    return this.#readyAt.get(offset)
  }

  offsets(): Iterable<number> {
    return this.#readyAt.keys()
  }

  add(offset: number, readyAt: number): void {
    this.#heap.push(readyAt, offset)
    this.#readyAt.set(offset, readyAt)
  }

  /** Removes one that is ready now, and returns it; -1 when there is none. */
  takeDue(now: number): number {
    while (this.#heap.count > 0 && this.#heap.time <= now) {
      const { first, time } = this.#heap
      this.#heap.shift()
      if (this.#readyAt.get(first) !== time) continue // It was removed.
      this.#readyAt.delete(first)
      return first
    }
    return -1
  }

  /** False when it does not wait. */
  remove(offset: number): boolean {
    if (!this.#readyAt.delete(offset)) return false
    if (this.#heap.count > 2 * this.#readyAt.size + REMOVED_KEPT) {
      this.#heap.clear()
      for (const [other, time] of this.#readyAt) this.#heap.push(time, other)
    }
    return true
  }

  clear(): void {
    this.#heap.clear()
    this.#readyAt.clear()
  }
}
