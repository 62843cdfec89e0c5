import { Offset } from '../../../lib/brand.ts'
import { RecordScanner, summaryOf } from '../../batch/index.ts'
import type { SegmentRef } from '../../internals.ts'
import type { BatchSummary } from '../../store.ts'
import type { Workshop } from '../workshop.ts'
import { KeyMap } from './key-map.ts'

/** A control record's key: version int16, type int16. Type 0 aborts, 1 commits. */
const COMMIT = 1

export type Aborted = { readonly producerId: number; readonly first: number; readonly last: number }

/** What a pass learns of the dirty segments, before it rewrites anything. */
export type DirtyScan = {
  readonly keys: KeyMap
  /** Where the pass ends: the memory was used up, or a transaction is open from here on. */
  readonly endOffset: Offset
  readonly aborted: readonly Aborted[]
  /** The last batch of each producer, by its last offset. */
  readonly producerEnds: ReadonlyMap<number, number>
}

type Pending = { readonly first: number; readonly keys: { key: Buffer; offset: number }[] }

/** Reads dirty batches in offset order; knows nothing of where they come from. */
export class DirtyScanner {
  readonly #keys = new KeyMap()
  readonly #aborted: Aborted[] = []
  readonly #producerEnds = new Map<number, number>()
  /** Transactions whose end has not come yet: until then their records replace nothing. */
  readonly #pending = new Map<number, Pending>()
  #pendingBytes = 0
  #endOffset: number

  constructor(start: Offset) {
    this.#endOffset = start
  }

  get memoryBytes(): number {
    return this.#keys.memoryBytes + this.#pendingBytes
  }

  add(batch: Buffer): void {
    const summary = summaryOf(batch)
    this.#endOffset = summary.lastOffset + 1
    if (summary.producerId >= 0) this.#producerEnds.set(summary.producerId, summary.lastOffset)
    if (summary.isControl) {
      this.#endTransaction(batch, summary)
      return
    }
    const pending = summary.isTransactional ? this.#open(summary) : undefined
    const records = new RecordScanner(batch)
    while (records.next()) {
      const key = records.key()
      if (key === null) continue
      if (pending === undefined) {
        this.#keys.set(key, records.offset)
        continue
      }
      // Copied, or the key would pin everything its batch unpacked to.
      pending.keys.push({ key: Buffer.from(key), offset: records.offset })
      this.#pendingBytes += key.length + 100
    }
  }

  finish(endOffset: Offset): DirtyScan {
    let end: number = endOffset
    for (const pending of this.#pending.values()) end = Math.min(end, pending.first)
    return {
      keys: this.#keys,
      endOffset: Offset(end),
      aborted: this.#aborted,
      producerEnds: this.#producerEnds,
    }
  }

  get endOffset(): Offset {
    return Offset(this.#endOffset)
  }

  #open(summary: BatchSummary): Pending {
    let pending = this.#pending.get(summary.producerId)
    if (pending === undefined) {
      pending = { first: summary.baseOffset, keys: [] }
      this.#pending.set(summary.producerId, pending)
    }
    return pending
  }

  #endTransaction(batch: Buffer, summary: BatchSummary): void {
    const pending = this.#pending.get(summary.producerId)
    if (pending === undefined) return
    this.#pending.delete(summary.producerId)
    for (const { key } of pending.keys) this.#pendingBytes -= key.length + 100
    if (isCommit(batch)) {
      for (const { key, offset } of pending.keys) this.#keys.set(key, offset)
      return
    }
    const { producerId, lastOffset } = summary
    this.#aborted.push({ producerId, first: pending.first, last: lastOffset })
  }
}

function isCommit(batch: Buffer): boolean {
  const records = new RecordScanner(batch)
  const key = records.next() ? records.key() : null
  return key !== null && key.length >= 4 && key.readInt16BE(2) === COMMIT
}

/** Scans until the end, or until what it learned takes more than `memoryBytesMax`. */
export async function scanDirty(
  workshop: Workshop,
  dirty: readonly SegmentRef[],
  memoryBytesMax: number,
): Promise<DirtyScan> {
  const scanner = new DirtyScanner(dirty[0]!.baseOffset)
  for (const ref of dirty) {
    for await (const batches of workshop.reader.batches(ref)) {
      for (const batch of batches) {
        scanner.add(batch)
        if (scanner.memoryBytes >= memoryBytesMax) return scanner.finish(scanner.endOffset)
        await workshop.pause()
      }
    }
  }
  return scanner.finish(dirty.at(-1)!.endOffset)
}
