import type { Blocks } from '../../../lib/blocks.ts'
import { limits } from '../../../limits/limits.ts'
import type { ReadRoom } from '../../../log/store.ts'

/** Less is not worth a block. */
const BLOCK_BYTES_MIN = 32 * 1024

/** What the batches lie in that one reader holds: used again once it holds others. */
export class BatchRoom implements ReadRoom {
  readonly isCheckedLater = false
  readonly #blocks: Blocks
  readonly #taken: Buffer[] = []

  constructor(blocks: Blocks) {
    this.#blocks = blocks
  }

  take(sizeBytes: number): Buffer {
    if (sizeBytes < BLOCK_BYTES_MIN || sizeBytes > limits.lentBodyBytesMax)
      return Buffer.allocUnsafe(sizeBytes)
    const block = this.#blocks.take(sizeBytes)
    this.#taken.push(block)
    return block.subarray(0, sizeBytes)
  }

  /** Nobody looks at what is in it any more. */
  empty(): void {
    for (const block of this.#taken) this.#blocks.giveBack(block)
    this.#taken.length = 0
  }

  /** Something may be read into it still, or looked at there: others never get it. */
  abandon(): void {
    this.#taken.length = 0
  }
}
