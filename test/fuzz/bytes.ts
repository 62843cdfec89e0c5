/** Numbers that decoders stumble over: signs, ends of ranges, lengths of nothing. */
const EDGES = [0, 1, -1, 127, 128, 255, 256, 32_767, 32_768, 65_535, 2 ** 31 - 1, -(2 ** 31)]

/** Repeatable randomness (mulberry32): the same seed, the same bytes. */
export class Dice {
  #state: number

  constructor(seed: number) {
    this.#state = seed >>> 0
    this.next() // Neighbouring seeds begin alike; one turn parts them.
  }

  /** Uniform in [0, 1). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }

  /** A whole number in [0, end). */
  below(end: number): number {
    return Math.floor(this.next() * end)
  }

  pick<Item>(items: readonly Item[]): Item {
    return items[this.below(items.length)]!
  }

  bytes(count: number): Buffer {
    const bytes = Buffer.alloc(count)
    for (let index = 0; index < count; index++) bytes[index] = this.below(256)
    return bytes
  }
}

type Mutation = (bytes: Buffer, dice: Dice, corpus: readonly Buffer[]) => Buffer

const mutations: readonly Mutation[] = [
  (bytes, dice) => patched(bytes, dice, at => (bytes[at]! ^ (1 << dice.below(8))) & 0xff),
  (bytes, dice) => patched(bytes, dice, () => dice.below(256)),
  (bytes, dice) => patched(bytes, dice, () => dice.pick([0, 1, 0x7f, 0x80, 0xff])),
  (bytes, dice) => withNumber(bytes, dice, 2),
  (bytes, dice) => withNumber(bytes, dice, 4),
  (bytes, dice) => bytes.subarray(0, dice.below(bytes.length + 1)),
  (bytes, dice) => bytes.subarray(dice.below(bytes.length + 1)),
  (bytes, dice) => {
    const at = dice.below(bytes.length + 1)
    return Buffer.concat([bytes.subarray(0, at), dice.bytes(dice.below(9)), bytes.subarray(at)])
  },
  (bytes, dice) => {
    const at = dice.below(bytes.length + 1)
    const end = Math.min(bytes.length, at + dice.below(9))
    return Buffer.concat([bytes.subarray(0, at), bytes.subarray(end)])
  },
  (bytes, dice, corpus) => {
    const other = dice.pick(corpus)
    const at = dice.below(bytes.length + 1)
    return Buffer.concat([bytes.subarray(0, at), other.subarray(dice.below(other.length + 1))])
  },
  (bytes, dice) => {
    const at = dice.below(bytes.length + 1)
    const again = bytes.subarray(at, at + dice.below(65))
    const times = Array.from({ length: dice.below(64) }, () => again)
    return Buffer.concat([bytes.subarray(0, at), ...times, bytes.subarray(at)])
  },
]

function patched(bytes: Buffer, dice: Dice, value: (at: number) => number): Buffer {
  if (bytes.length === 0) return bytes
  const copy = Buffer.from(bytes)
  const at = dice.below(copy.length)
  copy[at] = value(at)
  return copy
}

function withNumber(bytes: Buffer, dice: Dice, sizeBytes: 2 | 4): Buffer {
  if (bytes.length < sizeBytes) return bytes
  const copy = Buffer.from(bytes)
  const value = dice.pick(EDGES)
  const at = dice.below(copy.length - sizeBytes + 1)
  if (sizeBytes === 2) copy.writeUInt16BE(value & 0xffff, at)
  else copy.writeInt32BE(value | 0, at)
  return copy
}

/** Something from the corpus with a few changes; now and then nothing but noise. */
export function mutated(dice: Dice, corpus: readonly Buffer[]): Buffer {
  if (corpus.length === 0 || dice.below(20) === 0) return dice.bytes(dice.below(200))
  let bytes = dice.pick(corpus)
  for (let left = 1 + dice.below(6); left > 0; left--)
    bytes = dice.pick(mutations)(bytes, dice, corpus)
  return Buffer.from(bytes)
}
