import { givenBack } from '../../lib/given-back.ts'
import { limits } from '../../limits/limits.ts'

const SMALLEST_BITS = 13
const LARGEST_BITS = 21

/** The largest frame that is put together in a block. */
export const BLOCK_BYTES_MAX = 2 ** LARGEST_BITS

/**
 * Memory that frames are put together in, used again for the next one: memory outside of the heap
 * that comes and goes with every request has the heap collected all the time.
 */
export class FrameBlocks {
  /** By the power of two that is their size. */
  readonly #free: Buffer[][] = Array.from({ length: LARGEST_BITS + 1 }, () => [])
  #freeBytes = 0

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
    if (this.#freeBytes + block.length > limits.freeFrameBytesMax) return
    this.#freeBytes += block.length
    this.#free[31 - Math.clz32(block.length)]!.push(block)
  }
}
