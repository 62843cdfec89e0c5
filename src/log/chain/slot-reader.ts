import { crc32c } from '../../lib/crc32c.ts'
import type { DiskFile } from '../../platform/disk.ts'
import { batchBytes, baseOffsetOf, HEADER_BYTES as BATCH_HEADER_BYTES } from '../batch/index.ts'
import { HEADER_BYTES, readSlotHeader, type SlotHeaderRead } from './slot-format.ts'
import { type BatchEntry, readIndex } from './slot-index.ts'

const WINDOW_BYTES = 256 * 1024
const CHECKSUM_AT = 17
const ATTRIBUTES_AT = 21

export type SlotFound = {
  readonly header: SlotHeaderRead
  readonly position: number
  /** Undefined when it does not fit its checksum. */
  readonly index: Buffer | undefined
}

/** Reads a chain file forwards in large windows, and jumps over bodies larger than a window. */
export class SlotReader {
  readonly #file: DiskFile
  #window: Buffer = Buffer.alloc(0)
  #windowAt = 0

  constructor(file: DiskFile) {
    this.#file = file
  }

  /** What begins at `position`, or undefined when no whole slot header does. */
  async at(position: number): Promise<SlotFound | undefined> {
    const header = readSlotHeader(await this.bytes(position, HEADER_BYTES))
    if (header === undefined) return undefined
    const index = await this.bytes(position + HEADER_BYTES, header.indexBytes)
    const isWhole = index.length === header.indexBytes && crc32c(index) === header.indexCrc
    return { header, position, index: isWhole ? index : undefined }
  }

  /** Do all batches of the slot lie where its index says, as they were appended? */
  async batchesHold(found: SlotFound): Promise<boolean> {
    if (found.index === undefined) return false
    const body = found.position + HEADER_BYTES + found.header.indexBytes
    for (const entry of readIndex(found.index)) {
      if (entry.kind !== 'batch') continue
      const batch = await this.bytes(body + entry.bodyPosition, entry.summary.sizeBytes)
      if (!batchHolds(batch, entry)) return false
    }
    return true
  }

  async bytes(position: number, length: number): Promise<Buffer> {
    const start = position - this.#windowAt
    if (start < 0 || start + length > this.#window.length) {
      this.#window = await this.#file.read(position, Math.max(WINDOW_BYTES, length))
      this.#windowAt = position
      return this.#window.subarray(0, length)
    }
    return this.#window.subarray(start, start + length)
  }
}

export function batchHolds(batch: Buffer, entry: BatchEntry): boolean {
  const { summary, batchCrc } = entry
  return (
    batch.length === summary.sizeBytes &&
    batch.length >= BATCH_HEADER_BYTES &&
    batchBytes(batch) === summary.sizeBytes &&
    batch.readInt32BE(0) >= 0 &&
    baseOffsetOf(batch) === summary.baseOffset &&
    batch.readUInt32BE(CHECKSUM_AT) === batchCrc &&
    crc32c(batch, ATTRIBUTES_AT) === batchCrc
  )
}
