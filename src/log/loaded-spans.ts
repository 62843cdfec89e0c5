import { assert } from '../lib/assert.ts'
import { baseOffsetOf, checkStoredBatch } from './batch/index.ts'
import type { Chain, SlotSpan } from './chain/index.ts'
import type { BatchPlace, ChainEntries, LoadedSlots } from './internals.ts'
import { damagedBatch } from './log-reads.ts'

/** A stretch of slots in memory. Its batches are looked up by the million: no object for each. */
export class LoadedSpans implements LoadedSlots {
  readonly #chain: Chain
  /** In the order of their slots. */
  readonly #spans: readonly SlotSpan[]
  /** The one looked into last: a log's batches are asked for in the order of their slots. */
  #span: SlotSpan
  readonly #place: { -readonly [Key in keyof BatchPlace]: BatchPlace[Key] }

  constructor(chain: Chain, spans: readonly SlotSpan[]) {
    assert(spans.length > 0, 'some slot is loaded')
    this.#chain = chain
    this.#spans = spans
    this.#span = spans[0]!
    this.#place = { bytes: this.#span.bytes, start: 0, end: 0 }
  }

  look(entries: ChainEntries, index: number): BatchPlace {
    const slot = entries.slot(index)
    const { bytes } = this.#spanOf(slot)
    const start = this.#span.at(slot, entries.bodyPosition(index))
    const end = Math.min(start + entries.sizeBytes(index), bytes.length)
    const isIntact =
      checkStoredBatch(bytes, start, end) === null &&
      baseOffsetOf(bytes, start) === entries.baseOffset(index)
    if (!isIntact) throw damagedBatch(this.#chain, slot)
    const place = this.#place
    place.bytes = bytes
    place.start = start
    place.end = end
    return place
  }

  #spanOf(slot: number): SlotSpan {
    if (this.#span.has(slot)) return this.#span
    const span = this.#spans.find(other => other.has(slot))
    assert(span !== undefined, 'entries of slots that were loaded are asked for')
    this.#span = span
    return span
  }
}
