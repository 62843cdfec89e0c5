import type { ReadRoom } from '../../../log/store.ts'
import { BLOCK_BYTES_MAX, type Blocks } from '../../../lib/blocks.ts'

/** Most answers fit in the first block. */
const FIRST_BYTES = 64 * 1024

/** What one answer is made of: parts of blocks, given back together once it was written. */
export class AnswerRoom implements ReadRoom {
  /** By clients, as with any broker of theirs. */
  readonly isCheckedLater = true
  readonly #blocks: Blocks
  readonly #taken: Buffer[] = []
  /** The last block is filled up to here. */
  #at = 0

  constructor(blocks: Blocks) {
    this.#blocks = blocks
  }

  get isEmpty(): boolean {
    return this.#taken.length === 0
  }

  take(sizeBytes: number): Buffer {
    if (sizeBytes > BLOCK_BYTES_MAX) return Buffer.allocUnsafeSlow(sizeBytes)
    let block = this.#taken.at(-1)
    if (block === undefined || this.#at + sizeBytes > block.length) {
      // Each larger than the one before: few are needed, and about as much as is filled.
      const nextBytes = block === undefined ? FIRST_BYTES : 2 * block.length
      block = this.#blocks.take(Math.max(sizeBytes, Math.min(nextBytes, BLOCK_BYTES_MAX)))
      this.#taken.push(block)
      this.#at = 0
    }
    const start = this.#at
    this.#at += sizeBytes
    return block.subarray(start, this.#at)
  }

  /** Once, when nobody reads or fills a part of it any more. */
  giveBack(): void {
    for (const block of this.#taken) this.#blocks.giveBack(block)
    this.#taken.length = 0
  }
}
