import type { Arguments } from './arguments.ts'

type Entry<Value> = { readonly word: Uint8Array; readonly value: Value }

/**
 * Finds what belongs to a word in a client's bytes, in any case, without making a string of it:
 * names of commands.
 */
export class WordTable<Value> {
  #slots: (Entry<Value> | undefined)[] = new Array<undefined>(64)
  #count = 0
  #sizeMax = 0

  /** The word in lower case. One that is there is replaced. */
  set(word: string, value: Value): void {
    if (++this.#count * 3 > this.#slots.length) this.#grow()
    this.#sizeMax = Math.max(this.#sizeMax, word.length)
    this.#put({ word: Buffer.from(word, 'latin1'), value })
  }

  find(args: Arguments, index: number): Value | undefined {
    const { bytes } = args
    const start = args.starts[index]!
    const size = args.ends[index]! - start
    if (index >= args.count || size > this.#sizeMax) return undefined
    const slots = this.#slots
    const mask = slots.length - 1
    for (let slot = hashOf(bytes, start, size) & mask; ; slot = (slot + 1) & mask) {
      const entry = slots[slot]
      if (entry === undefined) return undefined
      if (isWord(entry.word, bytes, start, size)) return entry.value
    }
  }

  #put(entry: Entry<Value>): void {
    const { word } = entry
    const mask = this.#slots.length - 1
    let slot = hashOf(word, 0, word.length) & mask
    for (; this.#slots[slot] !== undefined; slot = (slot + 1) & mask) {
      if (!isWord(this.#slots[slot]!.word, word, 0, word.length)) continue
      this.#count--
      break
    }
    this.#slots[slot] = entry
  }

  #grow(): void {
    const entries = this.#slots
    this.#slots = new Array<undefined>(entries.length * 2)
    for (const entry of entries) if (entry !== undefined) this.#put(entry)
  }
}

/** Of letters, the case does not count; what else may fall together does no harm. */
function hashOf(bytes: Uint8Array, start: number, size: number): number {
  let hash = size
  for (let at = start; at < start + size; at++)
    hash = (Math.imul(hash, 31) + (bytes[at]! | 0x20)) | 0
  return hash ^ (hash >>> 7)
}

function isWord(word: Uint8Array, bytes: Uint8Array, start: number, size: number): boolean {
  if (word.length !== size) return false
  for (let index = 0; index < size; index++) {
    const byte = bytes[start + index]!
    if (byte !== word[index] && (byte < 65 || byte > 90 || byte + 32 !== word[index])) return false
  }
  return true
}
