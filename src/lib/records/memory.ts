import { assert } from '../assert.ts'
import { givenBack } from '../given-back.ts'

const CHUNK_BITS = 16
/** Of 4 bytes: 256 KiB. Emptying one takes well under a millisecond. */
const CHUNK_WORDS_MAX = 2 ** CHUNK_BITS
/** Of the first; each is twice as large as the one before. */
const CHUNK_WORDS_MIN = 2 ** 10
const OFFSET_MASK = CHUNK_WORDS_MAX - 1
/** What is larger than this part of a chunk has one of its own: half may come from another. */
const SHARED_PART = 1 / 4
/** An address has 31 bits. */
const CHUNKS_MAX = 2 ** (31 - CHUNK_BITS)

// The first two words of every record; the rest is its owner's.
const OWNER = 0
export const SIZE = 1
export const OWN_WORDS = 2
const NOBODY = -1

/** Memory outside of the heap, as bytes and as words. Filled from the front to `used`. */
class Chunk {
  readonly bytes: Buffer
  readonly words: Int32Array
  used = 0
  /** Words of records that were released. */
  dead = 0

  constructor(words: number) {
    this.bytes = Buffer.allocUnsafeSlow(words * 4)
    this.words = new Int32Array(this.bytes.buffer, 0, words)
  }
}

export type { Chunk }

/**
 * Room for records of any size, which are kept outside of the heap: there the collector does not
 * look at them, and many lie on few pages. It is given out in order. What is released leaves a
 * hole; a chunk that is half holes is emptied when the next one is needed, so that the holes never
 * take more than what is used. An address is a number of words: chunk and place in it.
 */
export class RecordMemory {
  readonly #moved: (owner: number, address: number) => void
  readonly #chunks: (Chunk | null)[] = []
  /** Numbers without a chunk. */
  #vacant: number[] = []
  #spare: Chunk | null = null
  /** The chunk that is filled. */
  #current = -1
  /** Of the next chunk. */
  #chunkWords = CHUNK_WORDS_MIN

  /** `moved` is told when an owner's record was copied to another address. */
  constructor(moved: (owner: number, address: number) => void) {
    this.#moved = moved
  }

  get sizeBytes(): number {
    return this.#chunks.reduce((sum, chunk) => sum + (chunk?.bytes.length ?? 0), 0)
  }

  chunkOf(address: number): Chunk {
    return this.#chunks[address >>> CHUNK_BITS]!
  }

  /** For the owner, who is a number of 31 bits; other records may move because of it. */
  allocate(words: number, owner: number): number {
    const current = this.#chunks[this.#current] ?? null
    if (current !== null && current.used + words <= current.words.length)
      return this.#place(this.#current, words, owner)
    if (words > this.#chunkWords * SHARED_PART) {
      this.#growChunks()
      return this.#place(this.#open(new Chunk(words)), words, owner)
    }
    this.#renew()
    return this.#place(this.#current, words, owner)
  }

  release(address: number): void {
    const number = address >>> CHUNK_BITS
    const chunk = this.#chunks[number]!
    const at = offsetOf(address)
    chunk.words[at + OWNER] = NOBODY
    chunk.dead += chunk.words[at + SIZE]!
    if (chunk.dead < chunk.used) return
    if (number === this.#current) empty(chunk)
    else this.#close(number)
  }

  /** The words a record has. */
  wordsAt(address: number): number {
    return this.chunkOf(address).words[offsetOf(address) + SIZE]!
  }

  /** Somebody else's from now on. */
  give(address: number, owner: number): void {
    this.chunkOf(address).words[offsetOf(address) + OWNER] = owner
  }

  /** All records are gone. */
  clear(): void {
    this.#chunks.length = 0
    this.#vacant = []
    this.#spare = null
    this.#current = -1
    this.#chunkWords = CHUNK_WORDS_MIN
  }

  #place(number: number, words: number, owner: number): number {
    const chunk = this.#chunks[number]!
    const at = chunk.used
    chunk.words[at + OWNER] = owner
    chunk.words[at + SIZE] = words
    chunk.used += words
    return number * CHUNK_WORDS_MAX + at
  }

  /** Before another chunk is filled, what is left in one that has holes goes into it. */
  #renew(): void {
    const holey = this.#chunks.findIndex(
      chunk => chunk !== null && chunk.dead * 2 >= chunk.words.length,
    )
    const fresh = this.#spare ?? new Chunk(this.#chunkWords)
    this.#spare = null
    this.#growChunks()
    this.#current = this.#open(fresh)
    if (holey >= 0) this.#evacuate(holey)
  }

  #growChunks(): void {
    this.#chunkWords = Math.min(this.#chunkWords * 2, CHUNK_WORDS_MAX)
  }

  #evacuate(number: number): void {
    const { words, used } = this.#chunks[number]!
    for (let at = 0; at < used; at += words[at + SIZE]!) {
      const owner = words[at + OWNER]!
      if (owner === NOBODY) continue
      const size = words[at + SIZE]!
      const address = this.#place(this.#current, size, owner)
      const target = this.#chunks[this.#current]!.words
      target.set(words.subarray(at + OWN_WORDS, at + size), offsetOf(address) + OWN_WORDS)
      this.#moved(owner, address)
    }
    this.#close(number)
  }

  #open(chunk: Chunk): number {
    const number = this.#vacant.pop() ?? this.#chunks.length
    assert(number < CHUNKS_MAX, 'records take less than a number of 31 bits addresses')
    this.#chunks[number] = chunk
    return number
  }

  #close(number: number): void {
    const chunk = this.#chunks[number]!
    this.#chunks[number] = null
    this.#vacant.push(number)
    if (chunk.words.length !== CHUNK_WORDS_MAX) return
    empty(chunk)
    this.#spare = chunk
  }
}

function empty(chunk: Chunk): void {
  givenBack(chunk.bytes, 0, chunk.used * 4)
  chunk.used = chunk.dead = 0
}

/** In words, in its chunk. */
export const offsetOf = (address: number): number => address & OFFSET_MASK
