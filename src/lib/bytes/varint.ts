import { MalformedError } from './reader.ts'

const TWO_31 = 2 ** 31

/** Bytes that a whole number takes as a zigzag varint (Kafka's varint and varlong). */
export function varintBytes(value: number): number {
  if (value >= -TWO_31 && value < TWO_31) {
    const zigzag = ((value << 1) ^ (value >> 31)) >>> 0
    if (zigzag < 0x80) return 1
    if (zigzag < 0x4000) return 2
    if (zigzag < 0x200000) return 3
    return zigzag < 0x10000000 ? 4 : 5
  }
  let rest = value < 0 ? -value * 2 - 1 : value * 2
  let count = 1
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) count++
  return count
}

/** Writes a zigzag varint and returns the position after it. The caller made room. */
export function writeVarint(target: Uint8Array, at: number, value: number): number {
  if (value >= -TWO_31 && value < TWO_31) {
    let zigzag = ((value << 1) ^ (value >> 31)) >>> 0
    for (; zigzag >= 0x80; zigzag >>>= 7) target[at++] = (zigzag & 0x7f) | 0x80
    target[at++] = zigzag
    return at
  }
  let rest = value < 0 ? -value * 2 - 1 : value * 2
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) target[at++] = (rest % 0x80) | 0x80
  target[at++] = rest
  return at
}

/** Reads zigzag varints one after the other, without an object or a bigint per number. */
export class VarintCursor {
  readonly #source: Uint8Array
  readonly end: number
  at: number

  constructor(source: Uint8Array, start: number, end: number) {
    this.#source = source
    this.at = start
    this.end = end
  }

  /** A 32-bit number. */
  int(): number {
    const { at } = this
    if (at + 1 < this.end) {
      // Nearly all numbers of records have one byte or two.
      const first = this.#source[at]!
      if (first < 0x80) {
        this.at = at + 1
        return (first >>> 1) ^ -(first & 1)
      }
      const second = this.#source[at + 1]!
      if (second < 0x80) {
        this.at = at + 2
        return ((second << 6) | ((first & 0x7f) >>> 1)) ^ -(first & 1)
      }
    }
    const value = this.long()
    if (value < -TWO_31 || value >= TWO_31) throw new MalformedError('a varint exceeds 32 bits')
    return value
  }

  /** A 64-bit number; one that a double cannot hold exactly is refused. */
  long(): number {
    const first = this.#source[this.at]!
    if (this.at < this.end && first < 0x80) {
      this.at++
      return (first >>> 1) ^ -(first & 1)
    }
    let low = 0
    let high = 0
    for (let shift = 0; shift < 70; shift += 7) {
      if (this.at >= this.end) throw new MalformedError('the bytes end inside a varint')
      const byte = this.#source[this.at++]!
      if (shift < 28) low |= (byte & 0x7f) << shift
      else high += (byte & 0x7f) * 2 ** (shift - 28)
      if (byte < 0x80) return unzigzag(low >>> 0, high)
    }
    throw new MalformedError('a varint is longer than ten bytes')
  }
}

function unzigzag(low28: number, high: number): number {
  const halved = Math.floor(high / 2) * 2 ** 28 + (((high % 2) * 2 ** 28 + low28) >>> 1)
  const value = low28 & 1 ? -halved - 1 : halved
  if (!Number.isSafeInteger(value)) throw new MalformedError('a varint exceeds 53 bits')
  return value
}
