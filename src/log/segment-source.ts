import { Offset } from '../lib/brand.ts'
import type { Catalogue } from './catalogue.ts'
import { givenBack } from '../lib/given-back.ts'
import type { Chain, SlotSpan } from './chain/index.ts'
import type { Checkpointer } from './checkpoint/index.ts'
import type {
  ChainEntries,
  Extent,
  LoadedSlots,
  SegmentChange,
  SegmentRef,
  SegmentSource,
  YoungPart,
} from './internals.ts'
import { LoadedSpans } from './loaded-spans.ts'
import type { LogStore } from './log-store.ts'
import { type LogId, SlotNumber, type StoreRefusal, StoreRefusedError } from './store.ts'
import type { StoredLog } from './stored-log.ts'

/** What background work reads of a chain file at a time, a slot that is larger alone. */
const SPAN_BYTES = 4 * 1024 * 1024
const NOTHING = Buffer.alloc(0)
/** Memory for them grows by so much. */
const GROWTH_BYTES = 4 * 1024 * 1024
/** A stretch has as much at most, unless it is one slot that is larger: that one's is let go. */
const KEPT_BYTES_MAX = 16 * 1024 * 1024

/** The store as its background work sees it. */
export class StoreSegmentSource implements SegmentSource {
  readonly #store: LogStore
  readonly #catalogue: Catalogue
  readonly #chain: Chain
  readonly #checkpointer: Checkpointer
  /** What spans are read into, one behind the other: one stretch of slots is loaded at a time. */
  #loaded = NOTHING

  constructor(parts: {
    store: LogStore
    catalogue: Catalogue
    chain: Chain
    checkpointer: Checkpointer
  }) {
    this.#store = parts.store
    this.#catalogue = parts.catalogue
    this.#chain = parts.chain
    this.#checkpointer = parts.checkpointer
  }

  /** A full disk does not stop it: retention is what makes room. */
  get refusal(): StoreRefusal | null {
    return this.#store.reliefRefusal
  }

  get syncedBelow(): SlotNumber {
    return SlotNumber(this.#store.syncedBelow)
  }

  get closedBelow(): SlotNumber {
    return SlotNumber(Math.min(this.#store.syncedBelow, this.#chain.closedBelow))
  }

  get segmentedBelow(): SlotNumber {
    return this.#catalogue.segmentedBelow
  }

  log(id: LogId): StoredLog | undefined {
    return this.#catalogue.log(id)
  }

  logs(): Iterable<StoredLog> {
    return this.#catalogue.logs()
  }

  young(id: LogId): YoungPart | undefined {
    const log = this.#catalogue.log(id)
    const entries = log?.entries ?? null
    if (log === undefined || entries === null) return undefined
    const first = entries.unsegmented
    const end = Math.min(entries.findSlot(this.syncedBelow), entries.find(log.confirmedEnd))
    if (first >= end) return undefined
    let sizeBytes = 0
    let maxTimestamp = -1
    for (let index = first; index < end; index++) {
      sizeBytes += entries.sizeBytes(index)
      maxTimestamp = Math.max(maxTimestamp, entries.maxTimestamp(index))
    }
    const oldestTimestamp = entries.maxTimestamp(first)
    const baseOffset = entries.baseOffset(first)
    const endOffset = Offset(entries.lastOffset(end - 1) + 1)
    return { baseOffset, endOffset, sizeBytes, maxTimestamp, oldestTimestamp }
  }

  truncateBefore(log: LogId, offset: Offset): void {
    this.#store.truncateBefore(log, offset)
  }

  entries(from: SlotNumber, to: SlotNumber): Map<LogId, ChainEntries> {
    const found = new Map<LogId, ChainEntries>()
    for (const log of this.#catalogue.logs()) {
      const { entries } = log
      if (entries === null || log.policy.durability === 'memory') continue
      const first = Math.max(entries.unsegmented, entries.findSlot(from))
      const end = entries.findSlot(to)
      if (first < end) found.set(log.id, entries.slice(first, end))
    }
    return found
  }

  runEnd(from: SlotNumber, bytesMax: number): SlotNumber {
    const last = this.syncedBelow
    let bytes = this.#chain.footprintBytes(from)
    let slot = from + 1
    for (; slot < last; slot++) {
      bytes += this.#chain.footprintBytes(slot)
      if (bytes > bytesMax) break
    }
    return SlotNumber(slot)
  }

  extent(from: SlotNumber, to: SlotNumber): Extent {
    return this.#chain.extent(from, to)
  }

  async load(from: SlotNumber, to: SlotNumber): Promise<LoadedSlots> {
    const loaded = this.#roomFor(from, to)
    const spans: SlotSpan[] = []
    let at = 0
    for (let slot: number = from; slot < to; slot = spans.at(-1)!.end) {
      const wantedBytes = Math.max(SPAN_BYTES, this.#chain.footprintBytes(slot))
      const span = await this.#chain.readSpan(slot, to, loaded.subarray(at, at + wantedBytes))
      spans.push(span)
      at += span.sizeBytes
    }
    return new LoadedSpans(this.#chain, spans)
  }

  letGo(): void {
    givenBack(this.#loaded)
    this.#loaded = NOTHING
  }

  #roomFor(from: SlotNumber, to: SlotNumber): Buffer {
    const { bytes: sizeBytes } = this.extent(from, to)
    givenBack(this.#loaded)
    if (sizeBytes > KEPT_BYTES_MAX) return Buffer.allocUnsafeSlow(sizeBytes)
    if (this.#loaded.length < sizeBytes)
      this.#loaded = Buffer.allocUnsafeSlow(Math.ceil(sizeBytes / GROWTH_BYTES) * GROWTH_BYTES)
    return this.#loaded
  }

  segments(log: LogId): readonly SegmentRef[] {
    return this.#catalogue.log(log)?.segments ?? []
  }

  change(change: SegmentChange): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#checkpointer.want()
      this.#store.record({ kind: 'segments-changed', change })
      this.#store.whenRecorded(refusal =>
        refusal === null ? resolve() : reject(new StoreRefusedError(refusal)),
      )
    })
  }
}
