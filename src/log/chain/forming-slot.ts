import { crc32c } from '../../lib/crc32c.ts'
import type { BatchSummary, LogId } from '../store.ts'
import { type SlabPool, SlotBody } from './slabs.ts'
import { HEADER_BYTES, type SlotKind } from './slot-format.ts'
import { IndexWriter } from './slot-index.ts'

const CHECKSUM_AT = 17

/** Where slots are formed. Fronts are let go of long before bodies. */
export type Slabs = { readonly fronts: SlabPool; readonly bodies: SlabPool }

/** A slot nothing is added to any more. Its bytes stay as they are until it is synced. */
export type ClosedSlot = {
  readonly number: number
  readonly kind: SlotKind
  /** Room for the header, filled in by the chain, then the index. */
  readonly front: Buffer
  readonly indexBytes: number
  readonly indexCount: number
  readonly indexCrc: number
  readonly body: SlotBody
  /** Once, when it is synced: the front is gone then. Others release the body. */
  releaseFront(): void
}

/** What is appended while the slot before is written. Batches are copied into slabs. */
export class FormingSlot {
  readonly number: number
  readonly #index: IndexWriter
  readonly #body: SlotBody

  constructor(number: number, slabs: Slabs) {
    this.number = number
    this.#index = new IndexWriter(HEADER_BYTES, slabs.fronts)
    this.#body = new SlotBody(slabs.bodies)
  }

  get isEmpty(): boolean {
    return this.#index.count === 0
  }

  get sizeBytes(): number {
    return this.#index.sizeBytes + this.#body.sizeBytes
  }

  /** Where in the body the next batch will begin. */
  get bodyPosition(): number {
    return this.#body.sizeBytes
  }

  /** The batch that begins at `start`, and is as long as its summary says. */
  batch(log: LogId, bytes: Buffer, start: number, summary: BatchSummary): void {
    const batchCrc = bytes.readUInt32BE(start + CHECKSUM_AT)
    this.#index.batch(log, this.#body.sizeBytes, batchCrc, summary)
    this.#body.add(bytes, start, start + summary.sizeBytes)
  }

  /** A batch that was put in, by where it begins in the body. */
  read(position: number, sizeBytes: number): Buffer {
    return this.#body.view(position, sizeBytes)
  }

  machine(name: string, event: Buffer, start = 0, end: number = event.length): void {
    this.#index.machine(name, event, start, end)
  }

  store(event: Buffer): void {
    this.#index.store(event)
  }

  close(kind: SlotKind): ClosedSlot {
    const front = this.#index.finish()
    return {
      number: this.number,
      kind,
      front,
      indexBytes: front.length - HEADER_BYTES,
      indexCount: this.#index.count,
      indexCrc: crc32c(front, HEADER_BYTES),
      body: this.#body,
      releaseFront: () => this.#index.release(),
    }
  }
}
