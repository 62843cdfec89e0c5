import type { Sought } from '../records/index.ts'

const STAR = 0x2a
const DOLLAR = 0x24
const CR = 0x0d
const ZERO = 0x30

/** So many commands are looked at, and none of more words. */
export const AHEAD_MAX = 32
const WORDS_MAX = 8

const EMPTY: Buffer = Buffer.alloc(0)

/** Where some words lie. */
class Words implements Sought {
  bytes: Buffer = EMPTY
  count = 0
  readonly starts = new Int32Array(AHEAD_MAX)
  readonly ends = new Int32Array(AHEAD_MAX)
  readonly hashes = new Int32Array(AHEAD_MAX)
  readonly positions = new Int32Array(AHEAD_MAX)
  warmth = 0

  clear(bytes: Buffer): void {
    this.bytes = bytes
    this.count = 0
  }

  add(start: number, end: number): void {
    this.starts[this.count] = start
    this.ends[this.count++] = end
  }
}

/**
 * The second and third words of the commands that come next, which are mostly keys and what is in
 * them: where they lie in the bytes of a read. A guess, that stops at whatever is not plain; only
 * speed may depend on it.
 */
export class Ahead {
  readonly keys = new Words()
  readonly elements = new Words()
  /** Of the word that was looked at last. */
  #value = 0

  /** Looks at the commands from `at` on. */
  look(bytes: Buffer, at: number): void {
    this.keys.clear(bytes)
    this.elements.clear(bytes)
    let next = at
    while (next >= 0 && next < bytes.length && this.keys.count < AHEAD_MAX)
      next = this.#lookAtOne(bytes, next)
  }

  /** Nothing is kept of the read. */
  forget(): void {
    this.keys.clear(EMPTY)
    this.elements.clear(EMPTY)
  }

  /** Behind it; -1: nothing can be said of what comes then. */
  #lookAtOne(bytes: Buffer, start: number): number {
    let at = this.#length(bytes, start, STAR)
    const words = this.#value
    if (at < 0 || words > WORDS_MAX) return -1
    for (let word = 0; word < words; word++) {
      at = this.#length(bytes, at, DOLLAR)
      if (at < 0) return -1
      const end = at + this.#value
      if (end > bytes.length) return -1
      if (word === 1) this.keys.add(at, end)
      else if (word === 2) this.elements.add(at, end)
      at = end + 2
    }
    return at
  }

  /** Reads a line such as `$11`; behind it, or -1. */
  #length(bytes: Buffer, start: number, type: number): number {
    if (bytes[start] !== type) return -1
    let value = 0
    for (let at = start + 1; at < bytes.length; at++) {
      const digit = bytes[at]! - ZERO
      if (digit >= 0 && digit <= 9) value = value * 10 + digit
      else {
        this.#value = value
        return bytes[at] === CR ? at + 2 : -1
      }
    }
    return -1
  }
}
