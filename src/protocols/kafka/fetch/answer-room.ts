import { givenBack } from '../../../lib/given-back.ts'
import { limits } from '../../../limits/limits.ts'
import type { ReadRoom } from '../../../log/store.ts'

/** Three windows of a megabyte and what belongs to them; pages nobody fills take no memory. */
const BLOCK_BYTES = 4 * 1024 * 1024

/** Memory that answers are made of, kept for the next ones. */
export class AnswerBlocks {
  readonly #free: Buffer[] = []

  take(): Buffer {
    return this.#free.pop() ?? Buffer.allocUnsafeSlow(BLOCK_BYTES)
  }

  giveBack(block: Buffer): void {
    givenBack(block)
    if ((this.#free.length + 1) * BLOCK_BYTES <= limits.freeAnswerBytesMax) this.#free.push(block)
  }
}

/** What one answer is made of: parts of blocks, given back together once it was written. */
export class AnswerRoom implements ReadRoom {
  readonly #blocks: AnswerBlocks
  readonly #taken: Buffer[] = []
  /** The last block is filled up to here. */
  #at = 0

  constructor(blocks: AnswerBlocks) {
    this.#blocks = blocks
  }

  get isEmpty(): boolean {
    return this.#taken.length === 0
  }

  take(sizeBytes: number): Buffer {
    if (sizeBytes > BLOCK_BYTES) return Buffer.allocUnsafeSlow(sizeBytes)
    let block = this.#taken.at(-1)
    if (block === undefined || this.#at + sizeBytes > BLOCK_BYTES) {
      block = this.#blocks.take()
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
