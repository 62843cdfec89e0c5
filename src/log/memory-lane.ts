import type { Logger } from '../lib/logger.ts'
import type { Clock, Timers } from '../platform/platform.ts'
import type { BatchSummary, Log } from './store.ts'
import type { StoredLog } from './stored-log.ts'
import { Offset } from '../lib/brand.ts'

const SMALL_BYTES_MAX = 4096
const SLAB_BYTES = 64 * 1024
const COMPACT_COUNT_MIN = 4096

/**
 * Logs that are never written. Confirmed in the turn they were appended in. What they keep is
 * bounded by their own retention, and all together by `bytesMax`: then the oldest goes first.
 */
export class MemoryLane {
  readonly #clock: Clock
  readonly #timers: Timers
  readonly #bytesMax: number
  readonly #logger: Logger
  readonly #listeners: ((logs: readonly Log[]) => void)[] = []
  readonly #touched = new Set<StoredLog>()
  /** Appends in order, to find the oldest of all logs. */
  #order: StoredLog[] = []
  #ends: number[] = []
  #head = 0
  #compactAt = COMPACT_COUNT_MIN
  #bytes = 0
  #slab = Buffer.alloc(0)
  #slabAt = 0

  /** Said once, until there is room again. */
  #isFullSaid = false

  constructor(parts: { clock: Clock; timers: Timers; logger: Logger; bytesMax: number }) {
    this.#clock = parts.clock
    this.#timers = parts.timers
    this.#logger = parts.logger
    this.#bytesMax = parts.bytesMax
  }

  onAdvanced(listener: (logs: readonly Log[]) => void): void {
    this.#listeners.push(listener)
  }

  /** The batch that begins at `start`, and is as long as its summary says. */
  append(log: StoredLog, bytes: Buffer, start: number, summary: BatchSummary): void {
    log.push(summary, 0, 0, this.#kept(bytes, start, start + summary.sizeBytes))
    this.#bytes += summary.sizeBytes
    this.#order.push(log)
    this.#ends.push(summary.lastOffset + 1)
    if (this.#touched.size === 0) this.#timers.soon(() => this.confirm())
    this.#touched.add(log)
    this.#retain(log)
    if (this.#bytes > this.#bytesMax) this.#dropOldest()
    this.#compact()
  }

  /** Called now and then: what is too old goes, though nothing new comes. */
  retain(logs: Iterable<StoredLog>): void {
    for (const log of logs) if (log.entries !== null) this.#retain(log)
  }

  /** Readers may see all that was appended. */
  confirm(): void {
    if (this.#touched.size === 0) return
    const touched = [...this.#touched]
    this.#touched.clear()
    for (const log of touched) log.confirmedEnd = log.endOffset
    for (const listener of this.#listeners) listener(touched)
  }

  /** By the log's own policy. The newest batch stays whatever its size. */
  #retain(log: StoredLog): void {
    const { retentionBytes, retentionMs } = log.policy
    const entries = log.entries!
    const oldest = retentionMs === null ? null : this.#clock.now() - retentionMs
    let leftBytes = log.chainBytes
    let index = 0
    for (; index < entries.count - 1; index++) {
      const isTooMuch = retentionBytes !== null && leftBytes > retentionBytes
      const isTooOld = oldest !== null && entries.maxTimestamp(index) < oldest
      if (!isTooMuch && !isTooOld) break
      leftBytes -= entries.sizeBytes(index)
    }
    if (index > 0) this.#truncate(log, Offset(entries.lastOffset(index - 1) + 1))
  }

  /** Offsets below `before` are not wanted any more. */
  drop(log: StoredLog, before: Offset): void {
    this.#truncate(log, before)
    this.#isFullSaid &&= this.#bytes > this.#bytesMax / 2
  }

  #dropOldest(): void {
    while (this.#bytes > this.#bytesMax && this.#head < this.#order.length - 1) {
      this.#truncate(this.#order[this.#head]!, Offset(this.#ends[this.#head]!))
      this.#head++
    }
    if (this.#isFullSaid) return
    this.#isFullSaid = true
    const facts = { memoryBytesMax: this.#bytesMax }
    this.#logger.warn(facts, 'logs in memory hold all they may: their oldest records go')
  }

  #truncate(log: StoredLog, before: Offset): void {
    const bytes = log.chainBytes
    log.truncateBefore(before)
    this.#bytes -= bytes - log.chainBytes
  }

  /** Forgets appends that were dropped already, once they are the larger part. */
  #compact(): void {
    if (this.#order.length < this.#compactAt) return
    const order: StoredLog[] = []
    const ends: number[] = []
    for (let index = this.#head; index < this.#order.length; index++) {
      if (this.#ends[index]! <= this.#order[index]!.startOffset) continue
      order.push(this.#order[index]!)
      ends.push(this.#ends[index]!)
    }
    this.#order = order
    this.#ends = ends
    this.#head = 0
    this.#compactAt = Math.max(COMPACT_COUNT_MIN, order.length * 2)
  }

  /** Small batches are copied side by side. */
  #kept(bytes: Buffer, from: number, to: number): Buffer {
    if (to - from > SMALL_BYTES_MAX) {
      const own = Buffer.allocUnsafeSlow(to - from)
      bytes.copy(own, 0, from, to)
      return own
    }
    if (this.#slabAt + to - from > this.#slab.length) {
      this.#slab = Buffer.allocUnsafeSlow(SLAB_BYTES)
      this.#slabAt = 0
    }
    const start = this.#slabAt
    this.#slabAt += bytes.copy(this.#slab, start, from, to)
    return this.#slab.subarray(start, this.#slabAt)
  }
}
