import type { Piece } from '../bytes/index.ts'

const WORDS_FIRST = 8
/** What a command of many words needed is given back. */
const WORDS_KEPT = 1024
/** Keys up to this size are remembered, so many of them: most commands are about the same few. */
const KEY_BYTES_MAX = 48
const KEYS_KEPT = 4096
const keysKept = new Array<string>(KEYS_KEPT).fill('')

/**
 * One command as it was sent: its words, seen in the bytes they lie in. One object is filled again
 * and again; nothing of it is valid longer than the call it was given to.
 */
export class Arguments {
  bytes: Buffer = Buffer.alloc(0)
  count = 0
  /** Where each word begins in `bytes`, and where it ends. Longer than `count`. */
  starts = new Float64Array(WORDS_FIRST)
  ends = new Float64Array(WORDS_FIRST)

  add(start: number, end: number): void {
    if (this.count === this.starts.length) this.#grow()
    this.starts[this.count] = start
    this.ends[this.count] = end
    this.count++
  }

  clear(): void {
    this.count = 0
    if (this.starts.length > WORDS_KEPT) this.#make(WORDS_FIRST)
  }

  /** Whether a word is this one, which is given in lower case: options, without making a string. */
  is(index: number, lower: string): boolean {
    const start = this.starts[index]!
    if (index >= this.count || this.ends[index]! - start !== lower.length) return false
    for (let at = 0; at < lower.length; at++) {
      const byte = this.bytes[start + at]!
      if ((byte >= 65 && byte <= 90 ? byte + 32 : byte) !== lower.charCodeAt(at)) return false
    }
    return true
  }

  sizeBytes(index: number): number {
    return this.ends[index]! - this.starts[index]!
  }

  /** A view, not a copy. */
  view(index: number): Buffer {
    return this.bytes.subarray(this.starts[index], this.ends[index])
  }

  /** The word where it lies. */
  lend(index: number, piece: Piece): Piece {
    piece.bytes = this.bytes
    piece.start = this.starts[index]!
    piece.end = this.ends[index]!
    return piece
  }

  /** One character for each byte: how keys, members and values are kept in memory. */
  binary(index: number): string {
    return this.bytes.toString('latin1', this.starts[index], this.ends[index])
  }

  /** The same for a key: one that was seen lately is not made again. */
  key(index: number): string {
    const start = this.starts[index]!
    const size = this.ends[index]! - start
    if (size > KEY_BYTES_MAX) return this.binary(index)
    const { bytes } = this
    let hash = size
    for (let at = 0; at < size; at++) hash = (Math.imul(hash, 31) + bytes[start + at]!) | 0
    const slot = (hash ^ (hash >>> 12)) & (KEYS_KEPT - 1)
    const kept = keysKept[slot]!
    if (kept.length === size && isSame(kept, bytes, start)) return kept
    const key = bytes.toString('latin1', start, start + size)
    keysKept[slot] = key
    return key
  }

  text(index: number): string {
    return this.bytes.toString('utf8', this.starts[index], this.ends[index])
  }

  /** For names of commands and options. */
  lower(index: number): string {
    return this.binary(index).toLowerCase()
  }

  upper(index: number): string {
    return this.binary(index).toUpperCase()
  }

  /** A copy that may be kept: for commands that wait. */
  copy(): Arguments {
    const made = new Arguments()
    const from = this.count === 0 ? 0 : this.starts[0]!
    const to = this.count === 0 ? 0 : this.ends[this.count - 1]!
    made.bytes = Buffer.from(this.bytes.subarray(from, to))
    for (let index = 0; index < this.count; index++)
      made.add(this.starts[index]! - from, this.ends[index]! - from)
    return made
  }

  /** Made of words that lie anywhere: for commands that no client sent. */
  static of(words: readonly (string | Buffer)[]): Arguments {
    const made = new Arguments()
    const parts = words.map(word => (typeof word === 'string' ? Buffer.from(word, 'latin1') : word))
    made.bytes = Buffer.concat(parts)
    let at = 0
    for (const { length } of parts) made.add(at, (at += length))
    return made
  }

  #grow(): void {
    const { starts, ends } = this
    this.#make(starts.length * 2)
    this.starts.set(starts)
    this.ends.set(ends)
  }

  #make(count: number): void {
    this.starts = new Float64Array(count)
    this.ends = new Float64Array(count)
  }
}

function isSame(text: string, bytes: Uint8Array, start: number): boolean {
  for (let at = 0; at < text.length; at++)
    if (text.charCodeAt(at) !== bytes[start + at]) return false
  return true
}
