import type { Whole } from '../../../lib/whole.ts'
import { compareParts } from '../entry-id.ts'

const CHUNK_MAX = 512

type Named = { readonly ms: Whole; readonly seq: Whole }

/**
 * Things in order of their ids. Adding at the end costs nothing, anywhere else a move of half a
 * chunk. What goes leaves no hole.
 */
export class SortedChunks<Item extends Named> {
  #chunks: Item[][] = []
  #count = 0

  get count(): number {
    return this.#count
  }

  get first(): Item | undefined {
    return this.#chunks[0]?.[0]
  }

  get last(): Item | undefined {
    return this.#chunks.at(-1)?.at(-1)
  }

  find(ms: Whole, seq: Whole): Item | undefined {
    const chunk = this.#chunks[this.#chunkOf(ms, seq)]
    if (chunk === undefined) return undefined
    const item = chunk[positionIn(chunk, ms, seq)]
    return item !== undefined && item.ms === ms && item.seq === seq ? item : undefined
  }

  /** There is none of that id yet. */
  add(item: Item): void {
    this.#count++
    const { ms, seq } = item
    const last = this.#chunks.at(-1)
    if (last === undefined) {
      this.#chunks.push([item])
      return
    }
    const end = last.at(-1)!
    if (compareParts(end.ms, end.seq, ms, seq) < 0) {
      if (last.length < CHUNK_MAX) last.push(item)
      else this.#chunks.push([item])
      return
    }
    const index = this.#chunkOf(ms, seq)
    const chunk = this.#chunks[index]!
    chunk.splice(positionIn(chunk, ms, seq), 0, item)
    if (chunk.length > CHUNK_MAX) this.#chunks.splice(index + 1, 0, chunk.splice(CHUNK_MAX / 2))
  }

  /** It is in there. */
  remove({ ms, seq }: Item): void {
    const index = this.#chunkOf(ms, seq)
    const chunk = this.#chunks[index]!
    const position = positionIn(chunk, ms, seq)
    if (position === 0) chunk.shift()
    else chunk.splice(position, 1)
    if (chunk.length === 0) this.#chunks.splice(index, 1)
    this.#count--
  }

  /** From an id on. Not to be changed meanwhile. */
  *from(ms: Whole, seq: Whole): Generator<Item> {
    let index = this.#chunkOf(ms, seq)
    if (index >= this.#chunks.length) return
    let position = positionIn(this.#chunks[index]!, ms, seq)
    for (; index < this.#chunks.length; index++, position = 0) {
      const chunk = this.#chunks[index]!
      for (; position < chunk.length; position++) yield chunk[position]!
    }
  }

  /** The chunk that has, or would have, the id; their number when all end before it. */
  #chunkOf(ms: Whole, seq: Whole): number {
    let low = 0
    let high = this.#chunks.length
    while (low < high) {
      const middle = (low + high) >>> 1
      const chunk = this.#chunks[middle]!
      const last = chunk[chunk.length - 1]!
      if (compareParts(last.ms, last.seq, ms, seq) < 0) low = middle + 1
      else high = middle
    }
    return low
  }
}

/** The first position whose id is not below. */
function positionIn(chunk: readonly Named[], ms: Whole, seq: Whole): number {
  let low = 0
  let high = chunk.length
  while (low < high) {
    const middle = (low + high) >>> 1
    const item = chunk[middle]!
    if (compareParts(item.ms, item.seq, ms, seq) < 0) low = middle + 1
    else high = middle
  }
  return low
}
