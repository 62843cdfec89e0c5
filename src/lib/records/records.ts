import { ByteIndex, hashOfBytes, type Texts } from '../byte-index.ts'
import type { Piece } from '../bytes/index.ts'
import { offsetOf, OWN_WORDS, RecordMemory, SIZE } from './memory.ts'

// Words in a record, behind those of the memory. The key's bytes follow, and the value's.
const KEY_BYTES = OWN_WORDS
const VALUE_BYTES = OWN_WORDS + 1
const MARK = OWN_WORDS + 2
const HEAD_WORDS = OWN_WORDS + 3

const ADDRESSES_MIN = 64
/** Up to here a loop takes less time than a call of native code. */
const LOOP_MAX = 32

/** Keys that will soon be looked for, and what is found out of them beforehand. */
export interface Sought {
  readonly bytes: Buffer
  readonly count: number
  readonly starts: Int32Array
  readonly ends: Int32Array
  readonly hashes: Int32Array
  readonly positions: Int32Array
  /** Means nothing: what is fetched from memory has to be used for something. */
  warmth: number
}

/**
 * Short bytes (values) under other bytes (keys, each once), with positions from 0 to `count` - 1:
 * the last one takes the place of one that goes. A key, its value and a number lie side by side
 * outside of the heap: a look-up by bytes makes no object, and touches little memory.
 */
export class Records implements Texts {
  readonly #memory = new RecordMemory((position, address) => {
    this.#addresses[position] = address
  })
  readonly #index = new ByteIndex(this)
  #addresses = new Int32Array(ADDRESSES_MIN)
  #count = 0

  get count(): number {
    return this.#count
  }

  /** What the records take, holes and room for more included; not what finds them. */
  get memoryBytes(): number {
    return this.#memory.sizeBytes
  }

  /**
   * Fetches what is sought into the processor's caches. One look-up after another would wait for
   * memory each time; so it is waited for once. Says at which positions it may be; -1: unknown.
   */
  warm(sought: Sought): void {
    const { bytes, starts, ends, count, hashes, positions } = sought
    for (let at = 0; at < count; at++) hashes[at] = hashOfBytes(bytes, starts[at]!, ends[at]!)
    this.#index.guess(hashes, count, positions)
    for (let at = 0; at < count; at++) {
      if (positions[at]! < 0) continue
      const address = this.#addresses[positions[at]!]!
      const { words } = this.#memory.chunkOf(address)
      const head = offsetOf(address)
      sought.warmth ^= words[head + words[head + SIZE]! - 1]!
    }
  }

  /** -1: it is not there. */
  find(bytes: Uint8Array, start: number, end: number): number {
    return this.#index.find(bytes, start, end)
  }

  /** The same for a binary string. */
  findText(key: string): number {
    return this.#index.findText(key)
  }

  keyAt(position: number): string {
    const address = this.#addresses[position]!
    const { bytes, words } = this.#memory.chunkOf(address)
    const head = offsetOf(address)
    const start = (head + HEAD_WORDS) * 4
    return bytes.toString('latin1', start, start + words[head + KEY_BYTES]!)
  }

  keyBytes(position: number): number {
    return this.#wordAt(position, KEY_BYTES)
  }

  valueAt(position: number): string {
    const { bytes, start, end } = this.lendValue(position, lent)
    return bytes.toString('latin1', start, end)
  }

  valueBytes(position: number): number {
    return this.#wordAt(position, VALUE_BYTES)
  }

  /** Until anything is added, set or removed. */
  lendKey(position: number, piece: Piece): Piece {
    const address = this.#addresses[position]!
    const { bytes, words } = this.#memory.chunkOf(address)
    const head = offsetOf(address)
    piece.bytes = bytes
    piece.start = (head + HEAD_WORDS) * 4
    piece.end = piece.start + words[head + KEY_BYTES]!
    return piece
  }

  /** Until anything is added, set or removed. */
  lendValue(position: number, piece: Piece): Piece {
    const address = this.#addresses[position]!
    const { bytes, words } = this.#memory.chunkOf(address)
    const head = offsetOf(address)
    piece.bytes = bytes
    piece.start = (head + HEAD_WORDS) * 4 + words[head + KEY_BYTES]!
    piece.end = piece.start + words[head + VALUE_BYTES]!
    return piece
  }

  /** A number of 32 bits, its owner's. */
  markAt(position: number): number {
    return this.#wordAt(position, MARK)
  }

  setMark(position: number, mark: number): void {
    const address = this.#addresses[position]!
    this.#memory.chunkOf(address).words[offsetOf(address) + MARK] = mark
  }

  /** A key that is not there yet, with no value and 0 for a mark. Its position. */
  add(bytes: Buffer, start: number, end: number): number {
    const position = this.#count++
    if (position === this.#addresses.length) this.#growAddresses()
    const address = this.#memory.allocate(wordsFor(end - start), position)
    this.#addresses[position] = address
    const chunk = this.#memory.chunkOf(address)
    const head = offsetOf(address)
    chunk.words[head + KEY_BYTES] = end - start
    chunk.words[head + VALUE_BYTES] = 0
    chunk.words[head + MARK] = 0
    copy(bytes, start, end, chunk.bytes, (head + HEAD_WORDS) * 4)
    this.#index.add(hashOfBytes(bytes, start, end), position)
    return position
  }

  /** What it is worth from now on. The bytes are not those of a record. */
  setValue(position: number, bytes: Buffer, start: number, end: number): void {
    const before = this.#addresses[position]!
    const words = wordsFor(this.keyBytes(position) + end - start)
    const room = this.#memory.wordsAt(before)
    // What became much shorter gives its room back.
    const address = words > room || words * 2 < room ? this.#move(position, words) : before
    const chunk = this.#memory.chunkOf(address)
    const head = offsetOf(address)
    chunk.words[head + VALUE_BYTES] = end - start
    const at = (head + HEAD_WORDS) * 4 + chunk.words[head + KEY_BYTES]!
    copy(bytes, start, end, chunk.bytes, at)
  }

  removeAt(position: number): void {
    const { bytes, start, end } = this.lendKey(position, lent)
    this.#index.remove(hashOfBytes(bytes, start, end), position)
    this.#memory.release(this.#addresses[position]!)
    const last = --this.#count
    if (position === last) return
    const moving = this.lendKey(last, lent)
    this.#index.move(hashOfBytes(moving.bytes, moving.start, moving.end), last, position)
    this.#addresses[position] = this.#addresses[last]!
    this.#memory.give(this.#addresses[position], position)
  }

  clear(): void {
    this.#index.clear()
    this.#memory.clear()
    this.#addresses = new Int32Array(ADDRESSES_MIN)
    this.#count = 0
  }

  // For the index.

  isBytes(position: number, bytes: Uint8Array, start: number, end: number): boolean {
    const address = this.#addresses[position]!
    const chunk = this.#memory.chunkOf(address)
    const head = offsetOf(address)
    if (chunk.words[head + KEY_BYTES] !== end - start) return false
    const key = chunk.bytes
    for (let at = (head + HEAD_WORDS) * 4, from = start; from < end; at++, from++)
      if (key[at] !== bytes[from]) return false
    return true
  }

  isText(position: number, text: string): boolean {
    const { bytes, start, end } = this.lendKey(position, lent)
    if (text.length !== end - start) return false
    for (let at = 0; at < text.length; at++)
      if (text.charCodeAt(at) !== bytes[start + at]) return false
    return true
  }

  /** To a room of that many words, with its key; other records may move, too. */
  #move(position: number, words: number): number {
    const address = this.#memory.allocate(words, position)
    const before = this.#addresses[position]! // Not earlier: it may just have moved.
    const from = this.#memory.chunkOf(before)
    const to = this.#memory.chunkOf(address)
    const [start, target] = [offsetOf(before), offsetOf(address)]
    for (let word = OWN_WORDS; word < HEAD_WORDS; word++)
      to.words[target + word] = from.words[start + word]!
    const key = (start + HEAD_WORDS) * 4
    const keyEnd = key + from.words[start + KEY_BYTES]!
    copy(from.bytes, key, keyEnd, to.bytes, (target + HEAD_WORDS) * 4)
    this.#addresses[position] = address
    this.#memory.release(before)
    return address
  }

  #wordAt(position: number, word: number): number {
    const address = this.#addresses[position]!
    return this.#memory.chunkOf(address).words[offsetOf(address) + word]!
  }

  #growAddresses(): void {
    const grown = new Int32Array(this.#addresses.length * 2)
    grown.set(this.#addresses)
    this.#addresses = grown
  }
}

/** Of a look that is over before the next one. */
const lent: Piece = { bytes: Buffer.alloc(0), start: 0, end: 0 }

const wordsFor = (bytes: number): number => HEAD_WORDS + ((bytes + 3) >> 2)

function copy(from: Buffer, start: number, end: number, to: Buffer, at: number): void {
  if (end - start > LOOP_MAX) from.copy(to, at, start, end)
  else for (let next = at, byte = start; byte < end; byte++) to[next++] = from[byte]!
}
