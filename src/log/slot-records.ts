import type { Offset } from '../lib/brand.ts'
import type { SlotBody } from './chain/index.ts'
import type { StoredLog } from './stored-log.ts'

/** What a closed slot means to the logs: how far their readers may see once it is confirmed. */
export type SlotRecord = {
  readonly number: number
  /** Emptied when all of them were told. */
  logs: readonly StoredLog[]
  ends: readonly Offset[]
  /** Released when the record is evicted. */
  readonly body: SlotBody
  /** Of batches and events that wait for the write, and of batches that wait for the sync. */
  readonly asyncBytes: number
  readonly syncBytes: number
  /** Readers of some log wait for the write, not for the sync. */
  readonly hasAsync: boolean
}

/** The slot that is being formed. Null when it is another one that is asked for. */
export interface FormingBatches {
  formingBatch(slot: number, position: number, sizeBytes: number): Buffer | null
}

/** A record keeps about this much memory besides its batches. Of its events nothing is left. */
const OVERHEAD_BYTES = 512
const NOTHING: readonly never[] = []

/** Slots from the one being formed back to the oldest still in memory: the tail. */
export class SlotRecords {
  readonly #tailBytesMax: number
  #records: SlotRecord[] = []
  #head = 0
  #written = 0
  #synced = 0
  #tailBytes = 0
  #logs: StoredLog[] = []
  #asyncBytes = 0
  #syncBytes = 0
  #hasAsync = false
  #unconfirmedBytes = 0
  #forming: FormingBatches | null = null

  constructor(tailBytesMax: number) {
    this.#tailBytesMax = tailBytesMax
  }

  get unconfirmedBytes(): number {
    return this.#unconfirmedBytes
  }

  /** The oldest slot in memory; infinity when there is none. */
  get first(): number {
    return this.#records[this.#head]?.number ?? Number.POSITIVE_INFINITY
  }

  /** Who has what was appended since the last slot was closed. */
  attach(forming: FormingBatches): void {
    this.#forming = forming
  }

  /** A view for the caller's turn. Null when the slot is not in memory any more. */
  batch(slot: number, position: number, sizeBytes: number): Buffer | null {
    const record = slot < this.first ? undefined : this.#records[this.#head + slot - this.first]
    if (record === undefined) return this.#forming?.formingBatch(slot, position, sizeBytes) ?? null
    return record.body.view(position, sizeBytes)
  }

  /** A batch of the log went into the slot that is forming. */
  touch(log: StoredLog, slot: number, sizeBytes: number): void {
    if (log.touchedSlot !== slot) {
      log.touchedSlot = slot
      this.#logs.push(log)
    }
    if (log.policy.durability === 'async') {
      this.#asyncBytes += sizeBytes
      this.#hasAsync = true
    } else this.#syncBytes += sizeBytes
    this.#unconfirmedBytes += sizeBytes
  }

  /** An event went into the slot that is forming. It is no log's, and waits for the write. */
  count(eventBytes: number): void {
    this.#asyncBytes += eventBytes
    this.#unconfirmedBytes += eventBytes
  }

  /** Slots are closed in order, none is left out. */
  close(number: number, body: SlotBody): void {
    const logs = this.#logs
    const ends = logs.map(log => log.endOffset)
    this.#records.push({
      number,
      logs,
      ends,
      body,
      asyncBytes: this.#asyncBytes,
      syncBytes: this.#syncBytes,
      hasAsync: this.#hasAsync,
    })
    this.#logs = []
    this.#asyncBytes = 0
    this.#syncBytes = 0
    this.#hasAsync = false
  }

  /** Readers of `async` logs may see slots below `slot`. */
  written(slot: number, advanced: (logs: readonly StoredLog[]) => void): void {
    for (; this.#written < this.#records.length; this.#written++) {
      const record = this.#records[this.#written]!
      if (record.number >= slot) break
      this.#unconfirmedBytes -= record.asyncBytes
      if (record.hasAsync) tell(confirm(record, false), advanced)
    }
  }

  /** Readers of `sync` logs may see slots below `slot`, and memory may let go of them. */
  synced(slot: number, advanced: (logs: readonly StoredLog[]) => void): void {
    this.written(slot, advanced)
    for (; this.#synced < this.#records.length; this.#synced++) {
      const record = this.#records[this.#synced]!
      if (record.number >= slot) break
      this.#unconfirmedBytes -= record.syncBytes
      this.#tailBytes += bytesOf(record)
      const moved = confirm(record, true)
      record.logs = NOTHING
      record.ends = NOTHING
      tell(moved, advanced)
    }
    this.#evict()
  }

  /** Oldest first, and only what is on the disk. */
  #evict(): void {
    while (this.#tailBytes > this.#tailBytesMax && this.#head < this.#synced) {
      const record = this.#records[this.#head++]!
      this.#tailBytes -= bytesOf(record)
      record.body.release()
    }
    if (this.#head < 1024 || this.#head < this.#records.length / 2) return
    this.#records = this.#records.slice(this.#head)
    this.#written -= this.#head
    this.#synced -= this.#head
    this.#head = 0
  }
}

const bytesOf = (record: SlotRecord): number => record.body.sizeBytes + OVERHEAD_BYTES

function tell(moved: readonly StoredLog[], advanced: (logs: readonly StoredLog[]) => void): void {
  if (moved.length > 0) advanced(moved)
}

/** Says which logs can be read further. */
function confirm(record: SlotRecord, isSynced: boolean): StoredLog[] {
  const moved: StoredLog[] = []
  for (let index = 0; index < record.logs.length; index++) {
    const log = record.logs[index]!
    if (!isSynced && log.policy.durability !== 'async') continue
    const end = record.ends[index]!
    if (end <= log.confirmedEnd) continue
    log.confirmedEnd = end
    moved.push(log)
  }
  return moved
}
