import { ExpiryHeap } from '../expiry-heap.ts'

const STALE_MIN = 64

/** Which fields expire, and when: milliseconds since 1970. */
export class FieldExpiry {
  readonly #times = new Map<string, number>()
  readonly #heap = new ExpiryHeap()

  get count(): number {
    return this.#times.size
  }

  /** Never later than the first of them. */
  get earliest(): number {
    return this.#heap.earliest
  }

  of(field: string): number | undefined {
    return this.#times.get(field)
  }

  set(field: string, time: number): void {
    this.#times.set(field, time)
    this.#heap.add(field, time)
    if (this.#heap.size > 2 * this.#times.size + STALE_MIN) this.#rebuild()
  }

  remove(field: string): void {
    this.#times.delete(field)
  }

  /** The fields whose time has come; they stay until they are removed. */
  takeDue(now: number): string[] {
    const due = new Set<string>()
    while (this.#heap.earliest <= now) {
      const field = this.#heap.take()
      if ((this.#times.get(field) ?? Infinity) <= now) due.add(field)
    }
    return [...due]
  }

  /** By their names: the same for equal ones. */
  sorted(): [field: string, time: number][] {
    return [...this.#times].sort(([one], [other]) => (one < other ? -1 : 1))
  }

  #rebuild(): void {
    this.#heap.clear()
    for (const [field, time] of this.#times) this.#heap.add(field, time)
  }
}
