import { murmur } from './murmur.ts'

/**
 * A HyperLogLog as Redis keeps it in a string:
 *
 *   "HYLL" | encoding 1 | 0 3 | cached count 8 (the highest bit: it does not hold) | registers
 *
 * Dense registers have six bits each, lowest first. Sparse ones are runs:
 *
 *   00xxxxxx            so many zeros, and one more
 *   01xxxxxx xxxxxxxx   the same, up to 16384
 *   1vvvvvxx            the value v + 1, so often, and once more
 */
const MAGIC = 'HYLL'
const HEAD_BYTES = 16
const CACHED_AT = 8
const UNCOUNTED = 0x80
const INDEX_BITS = 14n
const COUNT = 2 ** 14
const RANK_MAX = 51
const DENSE = 0
const SPARSE = 1
const DENSE_BYTES = HEAD_BYTES + (COUNT * 6) / 8
/** Redis' hll-sparse-max-bytes. */
const SPARSE_BYTES_MAX = 3000 + HEAD_BYTES
const SPARSE_VALUE_MAX = 32
const ZEROS_MAX = 64
const VALUES_MAX = 4
const ALPHA = 1 / (2 * Math.LN2)

/** What is kept for each of 16,384 shares of all hashes: the longest run of zeros that was seen. */
export class Registers {
  readonly #values = new Uint8Array(COUNT)
  #isDense = false
  /** What was counted last; the highest bit says that it does not hold any more. */
  #cached = Buffer.from([0, 0, 0, 0, 0, 0, 0, UNCOUNTED])

  /** Whether bytes look like one, from outside. */
  static isOne(bytes: Buffer): boolean {
    if (bytes.length < HEAD_BYTES || bytes.toString('latin1', 0, 4) !== MAGIC) return false
    return bytes[4] === SPARSE || (bytes[4] === DENSE && bytes.length === DENSE_BYTES)
  }

  /** Undefined when these are not the bytes of one. */
  static read(bytes: Buffer): Registers | undefined {
    if (!Registers.isOne(bytes)) return undefined
    const made = new Registers()
    bytes.copy(made.#cached, 0, CACHED_AT, HEAD_BYTES)
    if (bytes[4] === DENSE) made.#readDense(bytes)
    else if (!made.#readSparse(bytes)) return undefined
    return made
  }

  /** False: it is known, or as good as known. */
  add(element: Buffer): boolean {
    const hash = murmur(element)
    const index = Number(hash & (2n ** INDEX_BITS - 1n))
    const rank = rankOf(hash >> INDEX_BITS)
    if (this.#values[index]! >= rank) return false
    this.#values[index] = rank
    this.#cached[7] = this.#cached[7]! | UNCOUNTED
    return true
  }

  /** What was counted last, as it is kept; null: it does not hold any more. */
  static countIn(bytes: Buffer): number | null {
    return (bytes[HEAD_BYTES - 1]! & UNCOUNTED) === 0 ? bytes.readUIntLE(CACHED_AT, 6) : null
  }

  /** What is to be written over the bytes once they were counted, and where. */
  static readonly countAt = CACHED_AT
  static countBytes(count: number): Buffer {
    const bytes = Buffer.alloc(8)
    bytes.writeUIntLE(count, 0, 6)
    return bytes
  }

  merge(other: Registers): void {
    this.#cached[7] = this.#cached[7]! | UNCOUNTED
    if (other.#isDense) this.#isDense = true
    for (let index = 0; index < COUNT; index++)
      this.#values[index] = Math.max(this.#values[index]!, other.#values[index]!)
  }

  /** About how many different elements were added (Ertl's estimator, as Redis has it). */
  estimate(): number {
    const counts = new Uint32Array(64)
    for (const value of this.#values) counts[value] = counts[value]! + 1
    let sum = COUNT * tau((COUNT - counts[RANK_MAX]!) / COUNT)
    for (let rank = RANK_MAX - 1; rank >= 1; rank--) sum = (sum + counts[rank]!) * 0.5
    sum += COUNT * sigma(counts[0]! / COUNT)
    return Math.round((ALPHA * COUNT * COUNT) / sum)
  }

  /** Sparse, as long as that is short. */
  write(): Buffer {
    const sparse = this.#isDense ? undefined : this.#writeSparse()
    if (sparse !== undefined) return sparse
    const bytes = Buffer.alloc(DENSE_BYTES)
    this.#writeHead(bytes, DENSE)
    for (let index = 0; index < COUNT; index++) {
      const bit = index * 6
      const at = HEAD_BYTES + (bit >> 3)
      const shifted = this.#values[index]! << (bit & 7)
      bytes[at] = bytes[at]! | (shifted & 0xff)
      if (shifted > 0xff) bytes[at + 1] = shifted >> 8
    }
    return bytes
  }

  #readDense(bytes: Buffer): void {
    this.#isDense = true
    for (let index = 0; index < COUNT; index++) {
      const bit = index * 6
      const at = HEAD_BYTES + (bit >> 3)
      this.#values[index] = ((bytes[at]! | ((bytes[at + 1] ?? 0) << 8)) >> (bit & 7)) & 63
    }
  }

  #readSparse(bytes: Buffer): boolean {
    let index = 0
    for (let at = HEAD_BYTES; at < bytes.length; at++) {
      const byte = bytes[at]!
      if ((byte & 0x80) !== 0) {
        const end = index + (byte & 3) + 1
        if (end > COUNT) return false
        this.#values.fill(((byte >> 2) & 31) + 1, index, end)
        index = end
      } else if ((byte & 0x40) === 0) index += (byte & 0x3f) + 1
      else index += (((byte & 0x3f) << 8) | (bytes[++at] ?? 0)) + 1
    }
    return index === COUNT
  }

  #writeSparse(): Buffer | undefined {
    const bytes = Buffer.alloc(SPARSE_BYTES_MAX)
    let at = HEAD_BYTES
    for (let index = 0; index < COUNT; ) {
      const value = this.#values[index]!
      if (value > SPARSE_VALUE_MAX || at + 2 > bytes.length) return undefined
      const run = this.#runAt(index, value === 0 ? COUNT : VALUES_MAX)
      if (value > 0) bytes[at++] = 0x80 | ((value - 1) << 2) | (run - 1)
      else if (run <= ZEROS_MAX) bytes[at++] = run - 1
      else {
        bytes[at++] = 0x40 | ((run - 1) >> 8)
        bytes[at++] = (run - 1) & 0xff
      }
      index += run
    }
    this.#writeHead(bytes, SPARSE)
    return bytes.subarray(0, at)
  }

  #writeHead(bytes: Buffer, encoding: number): void {
    bytes.write(MAGIC, 'latin1')
    bytes[4] = encoding
    this.#cached.copy(bytes, CACHED_AT)
  }

  #runAt(start: number, max: number): number {
    let end = start + 1
    while (end < COUNT && end - start < max && this.#values[end] === this.#values[start]) end++
    return end - start
  }
}

/** Zeros at the low end of what is left of a hash, and one. */
function rankOf(rest: bigint): number {
  let rank = 1
  for (let left = rest; rank < RANK_MAX && (left & 1n) === 0n; left >>= 1n) rank++
  return rank
}

function sigma(share: number): number {
  if (share === 1) return Infinity
  let [x, y, z, before] = [share, 1, share, -1]
  while (before !== z) {
    x *= x
    before = z
    z += x * y
    y += y
  }
  return z
}

function tau(share: number): number {
  if (share === 0 || share === 1) return 0
  let [x, y, z, before] = [share, 1, 1 - share, -1]
  while (before !== z) {
    x = Math.sqrt(x)
    before = z
    y *= 0.5
    z -= (1 - x) ** 2 * y
  }
  return z / 3
}
