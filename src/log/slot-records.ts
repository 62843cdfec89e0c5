import type { Offset } from '../lib/brand.ts'
import type { StoredLog } from './stored-log.ts'

/** What a closed slot means to the logs: how far their readers may see once it is confirmed. */
export type SlotRecord = {
  readonly number: number
  readonly logs: readonly StoredLog[]
  readonly ends: readonly Offset[]
  /** Of batches that wait for the write, and of those that wait for the sync. */
  readonly asyncBytes: number
  readonly syncBytes: number
}

/** A record keeps about this much memory besides its batches. */
const OVERHEAD_BYTES = 512

/** Slots from the one being formed back to the oldest still in memory. */
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
  #unconfirmedBytes = 0

  constructor(tailBytesMax: number) {
    this.#tailBytesMax = tailBytesMax
  }

  get unconfirmedBytes(): number {
    return this.#unconfirmedBytes
  }

  /** A batch of the log went into the slot that is forming. */
  touch(log: StoredLog, slot: number, sizeBytes: number): void {
    if (log.touchedSlot !== slot) {
      log.touchedSlot = slot
      this.#logs.push(log)
    }
    if (log.policy.durability === 'async') this.#asyncBytes += sizeBytes
    else this.#syncBytes += sizeBytes
    this.#unconfirmedBytes += sizeBytes
  }

  close(number: number): void {
    const logs = this.#logs
    const ends = logs.map(log => log.endOffset)
    const { asyncBytes, syncBytes } = { asyncBytes: this.#asyncBytes, syncBytes: this.#syncBytes }
    this.#records.push({ number, logs, ends, asyncBytes, syncBytes })
    this.#logs = []
    this.#asyncBytes = 0
    this.#syncBytes = 0
  }

  /** Readers of `async` logs may see slots below `slot`. */
  written(slot: number, advanced: (log: StoredLog) => void): void {
    for (; this.#written < this.#records.length; this.#written++) {
      const record = this.#records[this.#written]!
      if (record.number >= slot) break
      this.#unconfirmedBytes -= record.asyncBytes
      confirm(record, false, advanced)
    }
  }

  /** Readers of `sync` logs may see slots below `slot`, and memory may let go of them. */
  synced(slot: number, advanced: (log: StoredLog) => void): void {
    this.written(slot, advanced)
    for (; this.#synced < this.#records.length; this.#synced++) {
      const record = this.#records[this.#synced]!
      if (record.number >= slot) break
      this.#unconfirmedBytes -= record.syncBytes
      this.#tailBytes += bytesOf(record)
      confirm(record, true, advanced)
    }
    this.#evict()
  }

  /** Oldest first, and only what is on the disk. */
  #evict(): void {
    while (this.#tailBytes > this.#tailBytesMax && this.#head < this.#synced) {
      const record = this.#records[this.#head++]!
      this.#tailBytes -= bytesOf(record)
      for (const log of record.logs) log.evict(record.number)
    }
    if (this.#head < 1024 || this.#head < this.#records.length / 2) return
    this.#records = this.#records.slice(this.#head)
    this.#written -= this.#head
    this.#synced -= this.#head
    this.#head = 0
  }
}

const bytesOf = (record: SlotRecord): number =>
  record.asyncBytes + record.syncBytes + OVERHEAD_BYTES

function confirm(record: SlotRecord, isSynced: boolean, advanced: (log: StoredLog) => void): void {
  for (let index = 0; index < record.logs.length; index++) {
    const log = record.logs[index]!
    if (!isSynced && log.policy.durability !== 'async') continue
    const end = record.ends[index]!
    if (end <= log.confirmedEnd) continue
    log.confirmedEnd = end
    advanced(log)
  }
}
