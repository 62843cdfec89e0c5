import { ByteIndex, hashOfText, isSame, type Texts } from './byte-index.ts'

/** Up to here a search through the array costs no more than an index, which costs memory. */
const SEARCHED_MAX = 64

/**
 * A set of binary strings whose members have positions, 0 to count - 1: one can be picked at
 * random, and whoever walks from the last position down to the first, with changes in between,
 * meets every member that was there all the time.
 */
export class IndexedSet implements Texts {
  readonly #members: string[] = []
  #positions: ByteIndex | null = null

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
    return this.#positions.findText(member)
  }

  /** The same for a member whose bytes lie between `start` and `end`. */
  indexOfBytes(bytes: Uint8Array, start: number, end: number): number {
    if (this.#positions !== null) return this.#positions.find(bytes, start, end)
    for (let at = 0; at < this.#members.length; at++)
      if (isSame(this.#members[at]!, bytes, start, end)) return at
    return -1
  }

  at(index: number): string {
    return this.#members[index]!
  }

  isBytes(index: number, bytes: Uint8Array, start: number, end: number): boolean {
    return isSame(this.#members[index]!, bytes, start, end)
  }

  isText(index: number, text: string): boolean {
    return this.#members[index] === text
  }

  /** Adds what is not in the set yet, as the last one. */
  push(member: string): void {
    this.#members.push(member)
    if (this.#positions !== null) this.#positions.add(hashOfText(member), this.#members.length - 1)
    else if (this.#members.length > SEARCHED_MAX) this.#index()
  }

  /** The last one takes its place. */
  removeAt(index: number): void {
    this.#positions?.remove(hashOfText(this.#members[index]!), index)
    const last = this.#members.pop()!
    if (index === this.#members.length) return
    this.#members[index] = last
    this.#positions?.move(hashOfText(last), this.#members.length, index)
  }

  /** Those behind it move up: they keep their order, at the cost of their number. */
  spliceAt(index: number): void {
    this.#positions?.remove(hashOfText(this.#members[index]!), index)
    this.#members.splice(index, 1)
    if (this.#positions === null) return
    for (let at = index; at < this.#members.length; at++)
      this.#positions.move(hashOfText(this.#members[at]!), at + 1, at)
  }

  #index(): void {
    this.#positions = new ByteIndex(this)
    for (let at = 0; at < this.#members.length; at++)
      this.#positions.add(hashOfText(this.#members[at]!), at)
  }
}
