import { givenBack } from '../../lib/given-back.ts'

const SMALLEST_BITS = 13
const LARGEST_BITS = 22

/** The largest block. */
export const BLOCK_BYTES_MAX = 2 ** LARGEST_BITS

/**
 * Memory that requests are put together in, or answers, used again for the next one: memory outside
 * of the heap that comes and goes with every request has the heap collected all the time.
 */
export class Blocks {
  /** By the power of two that is their size. */
  readonly #free: Buffer[][] = Array.from({ length: LARGEST_BITS + 1 }, () => [])
  readonly #freeBytesMax: number
  #freeBytes = 0

  /** What is kept when nobody uses it. */
  constructor(freeBytesMax: number) {
    this.#freeBytesMax = freeBytesMax
  }

  /** A block of at least so many bytes and less than twice as many, or of the smallest size. */
  take(sizeBytes: number): Buffer {
    const bits = Math.max(SMALLEST_BITS, 32 - Math.clz32(sizeBytes - 1))
    const block = this.#free[bits]!.pop()
    if (block === undefined) return Buffer.allocUnsafeSlow(2 ** bits)
    this.#freeBytes -= block.length
    return block
  }

  /** Nobody has the block, or a part of it, any more. */
  giveBack(block: Buffer): void {
    givenBack(block)
    if (this.#freeBytes + block.length > this.#freeBytesMax) return
    this.#freeBytes += block.length
    this.#free[31 - Math.clz32(block.length)]!.push(block)
  }
}
