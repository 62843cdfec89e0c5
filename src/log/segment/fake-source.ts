import { Offset } from '../../lib/brand.ts'
import { setBaseOffset, summaryOf } from '../batch/index.ts'
import { EntryList } from '../entry-list.ts'
import type {
  ChainEntries,
  ChainEntry,
  Extent,
  LoadedSlots,
  SegmentChange,
  SegmentRef,
  SegmentSource,
} from '../internals.ts'
import {
  type BatchSummary,
  type Log,
  LogId,
  type LogPolicy,
  SlotNumber,
  type StoreRefusal,
} from '../store.ts'

export const policyDefault: LogPolicy = {
  durability: 'sync',
  retentionMs: null,
  retentionBytes: null,
  segmentBytes: 1024 * 1024,
  segmentMs: 7 * 24 * 3600 * 1000,
  compaction: null,
}

type FakeLog = {
  id: LogId
  policy: LogPolicy
  startOffset: Offset
  endOffset: Offset
  confirmedEnd: Offset
  sizeBytes: number
  readonly young: { entry: ChainEntry; summary: BatchSummary; batch: Buffer }[]
  refs: SegmentRef[]
}

/** A store for tests of the background work: every append is a slot, confirmed at once. */
export class FakeSource implements SegmentSource {
  refusal: StoreRefusal | null = null
  closedBelow = SlotNumber(0)
  segmentedBelow = SlotNumber(0)
  syncedBelow = SlotNumber(0)
  /** What `change` throws next. */
  failure: Error | null = null
  readonly changes: SegmentChange[] = []
  readonly #logs = new Map<LogId, FakeLog>()

  create(id: number, policy: Partial<LogPolicy> = {}): LogId {
    const zero = Offset(0)
    this.#logs.set(LogId(id), {
      id: LogId(id),
      policy: { ...policyDefault, ...policy },
      startOffset: zero,
      endOffset: zero,
      confirmedEnd: zero,
      sizeBytes: 0,
      young: [],
      refs: [],
    })
    return LogId(id)
  }

  append(id: LogId, batch: Buffer): Offset {
    const log = this.#of(id)
    setBaseOffset(batch, log.endOffset)
    const summary = summaryOf(batch)
    const { baseOffset, lastOffset, sizeBytes, maxTimestamp } = summary
    const slot = this.syncedBelow
    this.syncedBelow = SlotNumber(slot + 1)
    log.young.push({
      entry: { slot, bodyPosition: 0, baseOffset, lastOffset, sizeBytes, maxTimestamp },
      summary,
      batch,
    })
    log.endOffset = log.confirmedEnd = Offset(lastOffset + 1)
    return baseOffset
  }

  /** The chain file ends here. */
  roll(): void {
    this.closedBelow = this.syncedBelow
  }

  delete(id: LogId): void {
    this.#logs.delete(id)
  }

  log(id: LogId): Log | undefined {
    // The jobs read properties only; reading records goes through the reader.
    return this.#logs.get(id) as unknown as Log | undefined
  }

  logs(): Iterable<Log> {
    return [...this.#logs.keys()].map(id => this.log(id)!)
  }

  young(id: LogId) {
    const entries = this.#of(id).young.map(young => young.entry)
    const first = entries[0]
    if (first === undefined) return undefined
    return {
      baseOffset: first.baseOffset,
      endOffset: Offset(entries.at(-1)!.lastOffset + 1),
      sizeBytes: entries.reduce((sum, entry) => sum + entry.sizeBytes, 0),
      maxTimestamp: Math.max(...entries.map(entry => entry.maxTimestamp)),
      oldestTimestamp: first.maxTimestamp,
    }
  }

  truncateBefore(id: LogId, offset: Offset): void {
    const log = this.#of(id)
    log.startOffset = offset
    while (log.young[0] !== undefined && log.young[0].entry.lastOffset < offset) log.young.shift()
  }

  entries(from: SlotNumber, to: SlotNumber): Map<LogId, ChainEntries> {
    const found = new Map<LogId, ChainEntries>()
    for (const log of this.#logs.values()) {
      const entries = new EntryList()
      for (const { entry, summary } of log.young) {
        const { slot, lastOffset } = entry
        if (slot >= from && slot < to && lastOffset >= log.startOffset)
          entries.push(slot, summary, 0, null)
      }
      if (entries.count > 0) found.set(log.id, entries)
    }
    return found
  }

  runEnd(from: SlotNumber, bytesMax: number): SlotNumber {
    const entries = [...this.#logs.values()]
      .flatMap(log => log.young.map(young => young.entry))
      .filter(entry => entry.slot >= from)
      .sort((a, b) => a.slot - b.slot)
    let bytes = 0
    for (const [index, entry] of entries.entries()) {
      bytes += entry.sizeBytes
      if (bytes > bytesMax && index > 0) return entry.slot
    }
    return this.syncedBelow
  }

  /** Nobody is busy writing it. */
  extent(from: SlotNumber, to: SlotNumber): Extent {
    let bytes = 0
    for (const entries of this.entries(from, to).values())
      for (let index = 0; index < entries.count; index++) bytes += entries.sizeBytes(index)
    return { bytes, indexBytes: 0 }
  }

  load(from: SlotNumber, to: SlotNumber): Promise<LoadedSlots> {
    const loaded = new Map<number, Buffer>()
    for (const { young } of this.#logs.values())
      for (const { entry, batch } of young)
        if (entry.slot >= from && entry.slot < to) loaded.set(entry.slot, batch)
    return Promise.resolve({
      look: (entries, index) => {
        const bytes = loaded.get(entries.slot(index))!
        return { bytes, start: 0, end: bytes.length }
      },
    })
  }

  letGo(): void {}

  segments(id: LogId): readonly SegmentRef[] {
    return this.#logs.get(id)?.refs ?? []
  }

  async change(change: SegmentChange): Promise<void> {
    if (this.failure !== null) throw this.failure
    this.changes.push(change)
    this.segmentedBelow = change.segmentedBelow
    const removed = new Set(change.removed)
    for (const log of this.#logs.values()) {
      const added = change.added.filter(ref => ref.log === log.id)
      log.refs = [...log.refs.filter(ref => !removed.has(ref)), ...added]
      log.refs.sort((a, b) => a.baseOffset - b.baseOffset || a.endOffset - b.endOffset)
      const keep = log.young.filter(young => young.entry.slot >= change.segmentedBelow)
      log.young.splice(0, log.young.length, ...keep)
    }
  }

  #of(id: LogId): FakeLog {
    return this.#logs.get(id)!
  }
}
