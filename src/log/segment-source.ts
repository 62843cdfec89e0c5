import { Offset } from '../lib/brand.ts'
import type { Catalogue } from './catalogue.ts'
import type { Chain } from './chain/index.ts'
import type { Checkpointer } from './checkpoint/index.ts'
import type {
  ChainEntry,
  SegmentChange,
  SegmentRef,
  SegmentSource,
  YoungPart,
} from './internals.ts'
import type { LogReads } from './log-reads.ts'
import type { LogStore } from './log-store.ts'
import { type LogId, SlotNumber, type StoreRefusal, StoreRefusedError } from './store.ts'
import type { StoredLog } from './stored-log.ts'

/** The store as its background work sees it. */
export class StoreSegmentSource implements SegmentSource {
  readonly #store: LogStore
  readonly #catalogue: Catalogue
  readonly #chain: Chain
  readonly #reads: LogReads
  readonly #checkpointer: Checkpointer

  constructor(parts: {
    store: LogStore
    catalogue: Catalogue
    chain: Chain
    reads: LogReads
    checkpointer: Checkpointer
  }) {
    this.#store = parts.store
    this.#catalogue = parts.catalogue
    this.#chain = parts.chain
    this.#reads = parts.reads
    this.#checkpointer = parts.checkpointer
  }

  /** A full disk does not stop it: retention is what makes room. */
  get refusal(): StoreRefusal | null {
    return this.#store.recordRefusal
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

  entries(from: SlotNumber, to: SlotNumber): Map<LogId, ChainEntry[]> {
    const found = new Map<LogId, ChainEntry[]>()
    for (const log of this.#catalogue.logs()) {
      const { entries } = log
      if (entries === null || log.policy.durability === 'memory') continue
      const first = Math.max(entries.unsegmented, entries.findSlot(from))
      const list: ChainEntry[] = []
      for (let index = first; index < entries.count && entries.slot(index) < to; index++)
        list.push(entries.entry(index))
      if (list.length > 0) found.set(log.id, list)
    }
    return found
  }

  runEnd(from: SlotNumber, bytesMax: number): SlotNumber {
    const last = this.syncedBelow
    let bytes = this.#chain.bodyBytes(from)
    let slot = from + 1
    for (; slot < last; slot++) {
      bytes += this.#chain.bodyBytes(slot)
      if (bytes > bytesMax) break
    }
    return SlotNumber(slot)
  }

  readEntry(id: LogId, entry: ChainEntry): Buffer | Promise<Buffer> {
    return this.#reads.readEntry(this.#catalogue.log(id)!, entry)
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
