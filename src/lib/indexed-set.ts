/** Up to here a search through the array costs no more than a map, and a map costs memory. */
const SEARCHED_MAX = 64

/**
 * A set of strings whose members have positions, 0 to count - 1: one can be picked at random, and
 * whoever walks from the last position down to the first, with changes in between, meets every
 * member that was there all the time.
 */
export class IndexedSet {
  readonly #members: string[] = []
  #positions: Map<string, number> | null = null

  get count(): number {
    return this.#members.length
  }

  /** Do not change it, nor keep it. */
  get members(): readonly string[] {
    return this.#members
  }

  has(member: string): boolean {
    return this.indexOf(member) >= 0
  }

  /** -1 when it is not in the set. */
  indexOf(member: string): number {
    if (this.#positions === null) return this.#members.indexOf(member)
    return this.#positions.get(member) ?? -1
  }

  at(index: number): string {
    return this.#members[index]!
  }

  /** Adds what is not in the set yet, as the last one. */
  push(member: string): void {
    this.#members.push(member)
    if (this.#positions !== null) this.#positions.set(member, this.#members.length - 1)
    else if (this.#members.length > SEARCHED_MAX) this.#index()
  }

  /** The last one takes its place. */
  removeAt(index: number): void {
    const last = this.#members.pop()!
    const isLast = index === this.#members.length
    this.#positions?.delete(isLast ? last : this.#members[index]!)
    if (isLast) return
    this.#members[index] = last
    this.#positions?.set(last, index)
  }

  /** Those behind it move up: they keep their order, at the cost of their number. */
  spliceAt(index: number): void {
    const [member] = this.#members.splice(index, 1)
    if (this.#positions === null) return
    this.#positions.delete(member!)
    for (let at = index; at < this.#members.length; at++)
      this.#positions.set(this.#members[at]!, at)
  }

  #index(): void {
    this.#positions = new Map()
    for (let at = 0; at < this.#members.length; at++) this.#positions.set(this.#members[at]!, at)
  }
}
