const NONE = new Int32Array(1)

/** Sums over the first of many counts, each of which may change (a Fenwick tree): O(log n). */
export class Fenwick {
  /** From 1: the sum of the counts that its lowest bit spans. */
  #sums = NONE
  #length = 0

  /** Starts afresh with `length` counts. */
  reset(length: number, countAt: (index: number) => number): void {
    if (this.#sums.length <= length || this.#sums.length > 4 * length + 16) {
      this.#sums = new Int32Array(length + (length >> 1) + 8)
    }
    const sums = this.#sums
    this.#length = length
    sums.fill(0, 0, length + 1)
    for (let at = 1; at <= length; at++) {
      sums[at]! += countAt(at - 1)
      const above = at + (at & -at)
      if (above <= length) sums[above]! += sums[at]!
    }
  }

  /** False when there is no room: then `reset`. */
  push(count: number): boolean {
    const at = this.#length + 1
    if (at >= this.#sums.length) return false
    this.#length = at
    this.#sums[at] = count + this.before(at - 1) - this.before(at - (at & -at))
    return true
  }

  add(index: number, change: number): void {
    for (let at = index + 1; at <= this.#length; at += at & -at) this.#sums[at]! += change
  }

  /** The sum of the counts before `index`. */
  before(index: number): number {
    let sum = 0
    for (let at = index; at > 0; at -= at & -at) sum += this.#sums[at]!
    return sum
  }

  /** The index in whose count a rank lies, when ranks are dealt out in order. */
  find(rank: number): number {
    let at = 0
    let left = rank
    for (let step = 1 << (31 - Math.clz32(this.#length)); step > 0; step >>= 1) {
      const next = at + step
      if (next > this.#length || this.#sums[next]! > left) continue
      at = next
      left -= this.#sums[next]!
    }
    return at
  }
}
