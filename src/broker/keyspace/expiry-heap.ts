/**
 * Keys by the time at which something of them expires: a binary heap. Times that hold no more stay
 * in it until they are due; whoever takes a key looks at what holds now.
 */
export class ExpiryHeap {
  #times: number[] = []
  #keys: string[] = []

  get size(): number {
    return this.#times.length
  }

  /** Infinity when there is nothing. */
  get earliest(): number {
    return this.#times[0] ?? Infinity
  }

  add(key: string, time: number): void {
    this.#times.push(time)
    this.#keys.push(key)
    this.#up(this.#times.length - 1)
  }

  /** The key of the earliest time. There is one. */
  take(): string {
    const key = this.#keys[0]!
    const time = this.#times.pop()!
    const last = this.#keys.pop()!
    if (this.#times.length > 0) {
      this.#times[0] = time
      this.#keys[0] = last
      this.#down(0)
    }
    return key
  }

  clear(): void {
    this.#times = []
    this.#keys = []
  }

  #up(from: number): void {
    const [time, key] = [this.#times[from]!, this.#keys[from]!]
    let at = from
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (this.#times[parent]! <= time) break
      this.#move(parent, at)
      at = parent
    }
    this.#times[at] = time
    this.#keys[at] = key
  }

  #down(from: number): void {
    const [time, key] = [this.#times[from]!, this.#keys[from]!]
    const { length } = this.#times
    let at = from
    for (;;) {
      let child = at * 2 + 1
      if (child >= length) break
      if (child + 1 < length && this.#times[child + 1]! < this.#times[child]!) child++
      if (this.#times[child]! >= time) break
      this.#move(child, at)
      at = child
    }
    this.#times[at] = time
    this.#keys[at] = key
  }

  #move(from: number, to: number): void {
    this.#times[to] = this.#times[from]!
    this.#keys[to] = this.#keys[from]!
  }
}
