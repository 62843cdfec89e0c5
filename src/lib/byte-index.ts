import { randomInt } from 'node:crypto'

/** Whoever chooses texts cannot choose such as fall together. Nothing else depends on it. */
const SEED = randomInt(2 ** 31)
const SLOTS_MIN = 64

/** Texts that have a position each; what they are is known to their owner only. */
export interface Texts {
  /** Whether the text at a position is what lies between `start` and `end`. */
  isBytes(position: number, bytes: Uint8Array, start: number, end: number): boolean
  /** Whether it is this binary string. */
  isText(position: number, text: string): boolean
}

/**
 * Positions of texts (each once), found by their bytes, wherever those lie: no string is made for a
 * look-up. A slot holds a text's hash and its position, so that texts are looked at only where they
 * are most likely the ones.
 */
export class ByteIndex {
  /** Two numbers a slot: the hash, and the position plus one; 0: it is empty. */
  #slots = new Int32Array(2 * SLOTS_MIN)
  #mask = SLOTS_MIN - 1
  #count = 0
  readonly #texts: Texts

  constructor(texts: Texts) {
    this.#texts = texts
  }

  /** The position of what lies between `start` and `end`; -1 when it is not there. */
  find(bytes: Uint8Array, start: number, end: number): number {
    const hash = hashOfBytes(bytes, start, end)
    const slots = this.#slots
    const mask = this.#mask
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const position = slots[2 * slot + 1]! - 1
      if (position < 0) return -1
      if (slots[2 * slot] === hash && this.#texts.isBytes(position, bytes, start, end))
        return position
    }
  }

  /** The same for a text that is a string already. */
  findText(text: string): number {
    const hash = hashOfText(text)
    const slots = this.#slots
    const mask = this.#mask
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const position = slots[2 * slot + 1]! - 1
      if (position < 0) return -1
      if (slots[2 * slot] === hash && this.#texts.isText(position, text)) return position
    }
  }

  /** Where texts of these hashes may be; -1: unknown. Looks at none of them. */
  guess(hashes: Int32Array, count: number, positions: Int32Array): void {
    const slots = this.#slots
    const mask = this.#mask
    for (let at = 0; at < count; at++) {
      const slot = hashes[at]! & mask
      positions[at] = slots[2 * slot] === hashes[at] ? slots[2 * slot + 1]! - 1 : -1
    }
  }

  /** By its hash, a text that is not there yet. */
  add(hash: number, position: number): void {
    if (++this.#count * 2 > this.#mask) this.#grow()
    this.#put(hash, position)
  }

  /** The text of that hash, which is there, has another position from now on. */
  move(hash: number, from: number, to: number): void {
    this.#slots[2 * this.#slotOf(hash, from) + 1] = to + 1
  }

  /** What was moved past an empty slot because of it moves back: no marks are left. */
  remove(hash: number, position: number): void {
    const slots = this.#slots
    const mask = this.#mask
    let gap = this.#slotOf(hash, position)
    for (let slot = (gap + 1) & mask; slots[2 * slot + 1] !== 0; slot = (slot + 1) & mask) {
      const wanted = slots[2 * slot]! & mask
      if (((slot - wanted) & mask) < ((slot - gap) & mask)) continue
      slots[2 * gap] = slots[2 * slot]!
      slots[2 * gap + 1] = slots[2 * slot + 1]!
      gap = slot
    }
    slots[2 * gap + 1] = 0
    this.#count--
  }

  clear(): void {
    this.#slots = new Int32Array(2 * SLOTS_MIN)
    this.#mask = SLOTS_MIN - 1
    this.#count = 0
  }

  #slotOf(hash: number, position: number): number {
    const mask = this.#mask
    let slot = hash & mask
    while (this.#slots[2 * slot + 1] !== position + 1) slot = (slot + 1) & mask
    return slot
  }

  #put(hash: number, position: number): void {
    const slots = this.#slots
    const mask = this.#mask
    let slot = hash & mask
    while (slots[2 * slot + 1] !== 0) slot = (slot + 1) & mask
    slots[2 * slot] = hash
    slots[2 * slot + 1] = position + 1
  }

  #grow(): void {
    const old = this.#slots
    this.#slots = new Int32Array(old.length * 2)
    this.#mask = old.length - 1
    for (let at = 0; at < old.length; at += 2)
      if (old[at + 1] !== 0) this.#put(old[at]!, old[at + 1]! - 1)
  }
}

// One byte at a time (Jenkins), as V8 does for its strings; the same for bytes and for texts.

export function hashOfBytes(bytes: Uint8Array, start: number, end: number): number {
  let hash = SEED
  for (let at = start; at < end; at++) hash = mixed(hash, bytes[at]!)
  return finished(hash)
}

export function hashOfText(text: string): number {
  let hash = SEED
  for (let at = 0; at < text.length; at++) hash = mixed(hash, text.charCodeAt(at))
  return finished(hash)
}

function mixed(before: number, byte: number): number {
  let hash = (before + byte) | 0
  hash = (hash + (hash << 10)) | 0
  return hash ^ (hash >>> 6)
}

function finished(before: number): number {
  let hash = (before + (before << 3)) | 0
  hash ^= hash >>> 11
  return (hash + (hash << 15)) | 0
}

/** Whether a binary string is what lies between `start` and `end`. */
export function isSame(text: string, bytes: Uint8Array, start: number, end: number): boolean {
  if (text.length !== end - start) return false
  for (let at = 0; at < text.length; at++)
    if (text.charCodeAt(at) !== bytes[start + at]) return false
  return true
}
