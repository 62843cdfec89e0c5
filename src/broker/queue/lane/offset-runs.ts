/** Offsets that only ever come in rising order, as ranges: who comes in a row costs nothing. */
export class OffsetRuns {
  readonly #firsts: number[] = []
  readonly #lasts: number[] = []

  get count(): number {
    return this.#firsts.length
  }

  first(run: number): number {
    return this.#firsts[run]!
  }

  /** Included. */
  last(run: number): number {
    return this.#lasts[run]!
  }

  /** A range behind all that are in it; both ends included. */
  add(first: number, last: number): void {
    const count = this.#lasts.length
    if (count > 0 && this.#lasts[count - 1] === first - 1) this.#lasts[count - 1] = last
    else {
      this.#firsts.push(first)
      this.#lasts.push(last)
    }
  }

  has(offset: number): boolean {
    const run = this.runFrom(offset)
    return run < this.#firsts.length && this.#firsts[run]! <= offset
  }

  /** The first run that ends at or behind the offset; `count` when there is none. */
  runFrom(offset: number): number {
    let low = 0
    let high = this.#lasts.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#lasts[middle]! < offset) low = middle + 1
      else high = middle
    }
    return low
  }

  /** Forgets the newest run. */
  pop(): void {
    this.#firsts.pop()
    this.#lasts.pop()
  }

  /** Forgets all from `offset` on, and says how many that were. */
  cutFrom(offset: number): number {
    let cut = 0
    for (let newest = this.count - 1; newest >= 0; newest--) {
      const first = this.first(newest)
      const last = this.last(newest)
      if (last < offset) break
      cut += last - Math.max(first, offset) + 1
      if (first < offset) this.#lasts[newest] = offset - 1
      else this.pop()
    }
    return cut
  }

  /** Forgets runs that lie wholly below `floor`, once that is worth it. */
  forgetBelow(floor: number): void {
    const gone = this.runFrom(floor)
    if (gone < this.count && gone * 2 < this.count) return
    this.#firsts.splice(0, gone)
    this.#lasts.splice(0, gone)
  }

  copy(): OffsetRuns {
    const copy = new OffsetRuns()
    for (let run = 0; run < this.count; run++) copy.add(this.first(run), this.last(run))
    return copy
  }
}
