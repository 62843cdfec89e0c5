import { givenBack } from './given-back.ts'

const SMALLEST_BITS = 13
const LARGEST_BITS = 22

/** The largest block. */
export const BLOCK_BYTES_MAX = 2 ** LARGEST_BITS

/**
 * Memory that is used again, for what is put together or read again and again: memory outside of
 * the heap that comes and goes with every request has the heap collected all the time.
 */
export class Blocks {
  /** By the power of two that is their size. */
  readonly #free: Buffer[][] = Array.from({ length: LARGEST_BITS + 1 }, () => [])
  /** When one of each size was wanted last, counted in blocks that were taken. */
  readonly #wantedAt: number[] = this.#free.map(() => 0)
  readonly #freeBytesMax: number
  #freeBytes = 0
  /** The least that was free at once since `trim` was called last. */
  #unusedBytes = 0
  #takenCount = 0

  /** What is kept when nobody uses it: of the sizes that were wanted last. */
  constructor(freeBytesMax: number) {
    this.#freeBytesMax = freeBytesMax
  }

  /** A block of at least so many bytes and less than twice as many, or of the smallest size. */
  take(sizeBytes: number): Buffer {
    const bits = Math.max(SMALLEST_BITS, 32 - Math.clz32(sizeBytes - 1))
    this.#wantedAt[bits] = ++this.#takenCount
    const block = this.#free[bits]!.pop()
    if (block === undefined) return Buffer.allocUnsafeSlow(2 ** bits)
    this.#freeBytes -= block.length
    this.#unusedBytes = Math.min(this.#unusedBytes, this.#freeBytes)
    return block
  }

  /** Nobody has the block, or a part of it, any more. */
  giveBack(block: Buffer): void {
    givenBack(block)
    this.#freeBytes += block.length
    this.#free[31 - Math.clz32(block.length)]!.push(block)
    while (this.#freeBytes > this.#freeBytesMax) this.#drop()
  }

  /** Lets go of what nobody used since it was called last. */
  trim(): void {
    const keptBytes = this.#freeBytes - this.#unusedBytes
    while (this.#freeBytes > keptBytes) this.#drop()
    this.#unusedBytes = this.#freeBytes
  }

  clear(): void {
    this.#unusedBytes = this.#freeBytes
    this.trim()
  }

  /** Otherwise blocks of a size that nobody wants any more would keep out those that are wanted. */
  #drop(): void {
    let oldest = -1
    for (let bits = SMALLEST_BITS; bits <= LARGEST_BITS; bits++) {
      if (this.#free[bits]!.length === 0) continue
      if (oldest < 0 || this.#wantedAt[bits]! < this.#wantedAt[oldest]!) oldest = bits
    }
    this.#freeBytes -= this.#free[oldest]!.pop()!.length
  }
}
