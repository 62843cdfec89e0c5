import { Fenwick } from './fenwick.ts'

/** A chunk with more is split in two; two neighbours with less than half of it become one. */
const CHUNK_MAX = 256

/** Neighbours in order, in two arrays that go together. */
type Chunk = { readonly scores: number[]; readonly members: string[] }

const chunkOf = (scores: number[], members: string[]): Chunk => ({ scores, members })

/**
 * Members ordered by score, then by bytes, in sorted chunks; how many are before a chunk is summed
 * in a tree. Everything is O(log n), with a chunk's length to move and, once in a hundred changes,
 * the number of chunks.
 */
export class OrderedMembers {
  #chunks: Chunk[] = []
  /** Kept while there are several chunks. */
  readonly #counts = new Fenwick()
  #count = 0

  get count(): number {
    return this.#count
  }

  insert(score: number, member: string): void {
    const index = this.#chunkOf(score, member)
    if (index < 0) {
      this.#chunks.push(chunkOf([score], [member]))
      this.#count = 1
      return
    }
    const chunk = this.#chunks[index]!
    const at = positionIn(chunk, score, member)
    this.#count++
    if (chunk.members.length >= CHUNK_MAX) {
      this.#insertIntoFull(index, at, score, member)
      return
    }
    chunk.scores.splice(at, 0, score)
    chunk.members.splice(at, 0, member)
    if (this.#chunks.length > 1) this.#counts.add(index, 1)
  }

  /** It is there. */
  remove(score: number, member: string): void {
    const index = this.#chunkOf(score, member)
    const chunk = this.#chunks[index]!
    const at = positionIn(chunk, score, member)
    chunk.scores.splice(at, 1)
    chunk.members.splice(at, 1)
    this.#count--
    if (this.#chunks.length > 1 && !this.#merge(index)) this.#counts.add(index, -1)
    else if (this.#count === 0) this.#chunks = []
  }

  /** The places `from` to `to` (exclusive). */
  removeRange(from: number, to: number): void {
    let left = to - from
    let index = this.#indexAt(from)
    let at = from - this.#before(index)
    while (left > 0) {
      const { scores, members } = this.#chunks[index]!
      const count = Math.min(left, members.length - at)
      scores.splice(at, count)
      members.splice(at, count)
      left -= count
      at = 0
      index++
    }
    this.#count -= to - from
    this.#chunks = this.#chunks.filter(({ members }) => members.length > 0)
    this.#recount()
  }

  /** How many are before it, whether it is there or not. */
  rankOf(score: number, member: string): number {
    const index = this.#chunkOf(score, member)
    return index < 0 ? 0 : this.#before(index) + positionIn(this.#chunks[index]!, score, member)
  }

  /** How many satisfy a condition that those in front satisfy and those behind do not. */
  countWhile(holds: (score: number, member: string) => boolean): number {
    const chunks = this.#chunks
    let [low, high] = [0, chunks.length]
    while (low < high) {
      const middle = (low + high) >>> 1
      const { scores, members } = chunks[middle]!
      if (holds(scores[0]!, members[0]!)) low = middle + 1
      else high = middle
    }
    if (low === 0) return 0
    const { scores, members } = chunks[low - 1]!
    let [first, last] = [1, members.length]
    while (first < last) {
      const middle = (first + last) >>> 1
      if (holds(scores[middle]!, members[middle]!)) first = middle + 1
      else last = middle
    }
    return this.#before(low - 1) + first
  }

  memberAt(rank: number): string {
    const index = this.#indexAt(rank)
    return this.#chunks[index]!.members[rank - this.#before(index)]!
  }

  scoreAt(rank: number): number {
    const index = this.#indexAt(rank)
    return this.#chunks[index]!.scores[rank - this.#before(index)]!
  }

  /** The places `from` to `to` (exclusive), upwards. It must not change meanwhile. */
  forEach(from: number, to: number, visit: (member: string, score: number) => void): void {
    if (from >= to) return
    let index = this.#indexAt(from)
    let at = from - this.#before(index)
    for (let left = to - from; left > 0; left--) {
      if (at === this.#chunks[index]!.members.length) {
        index++
        at = 0
      }
      const { scores, members } = this.#chunks[index]!
      visit(members[at]!, scores[at]!)
      at++
    }
  }

  /** The same places downwards. */
  forEachDown(from: number, to: number, visit: (member: string, score: number) => void): void {
    if (from >= to) return
    let index = this.#indexAt(to - 1)
    let at = to - 1 - this.#before(index)
    for (let left = to - from; left > 0; left--) {
      if (at < 0) {
        index--
        at = this.#chunks[index]!.members.length - 1
      }
      const { scores, members } = this.#chunks[index]!
      visit(members[at]!, scores[at]!)
      at--
    }
  }

  /** The last chunk that begins at or before it, else the first; -1 when there is none. */
  #chunkOf(score: number, member: string): number {
    const chunks = this.#chunks
    let [low, high] = [0, chunks.length - 1]
    while (low < high) {
      const middle = (low + high + 1) >>> 1
      const { scores, members } = chunks[middle]!
      const first = scores[0]!
      if (first < score || (first === score && members[0]! <= member)) low = middle
      else high = middle - 1
    }
    return high < 0 ? -1 : low
  }

  #insertIntoFull(index: number, at: number, score: number, member: string): void {
    const chunk = this.#chunks[index]!
    const isLast = index === this.#chunks.length - 1
    if (isLast && at === chunk.members.length) {
      // What comes in order fills the chunks.
      this.#chunks.push(chunkOf([score], [member]))
      if (index === 0 || !this.#counts.push(1)) this.#recount()
      return
    }
    chunk.scores.splice(at, 0, score)
    chunk.members.splice(at, 0, member)
    const half = CHUNK_MAX >> 1
    const upper = chunkOf(chunk.scores.splice(half), chunk.members.splice(half))
    this.#chunks.splice(index + 1, 0, upper)
    this.#recount()
  }

  /** With a neighbour, if both are small; false when all is as it was. */
  #merge(index: number): boolean {
    const size = this.#chunks[index]!.members.length
    if (size > CHUNK_MAX >> 2) return false
    const isLast = index === this.#chunks.length - 1
    const lower = isLast ? index - 1 : index
    const into = this.#chunks[lower]!
    const from = this.#chunks[lower + 1]!
    if (size > 0 && into.members.length + from.members.length > CHUNK_MAX >> 1) return false
    if (into.members.length + from.members.length > CHUNK_MAX) return false
    into.scores.push(...from.scores)
    into.members.push(...from.members)
    this.#chunks.splice(lower + 1, 1)
    this.#recount()
    return true
  }

  #recount(): void {
    if (this.#chunks.length < 2) return
    this.#counts.reset(this.#chunks.length, index => this.#chunks[index]!.members.length)
  }

  #before(index: number): number {
    return index <= 0 || this.#chunks.length < 2 ? 0 : this.#counts.before(index)
  }

  #indexAt(rank: number): number {
    return this.#chunks.length < 2 ? 0 : this.#counts.find(rank)
  }
}

/** Where it is in the chunk, or would be. */
function positionIn({ scores, members }: Chunk, score: number, member: string): number {
  let [low, high] = [0, members.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    const other = scores[middle]!
    if (other < score || (other === score && members[middle]! < member)) low = middle + 1
    else high = middle
  }
  return low
}
