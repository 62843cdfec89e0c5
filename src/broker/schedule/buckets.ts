import { assert } from '../../lib/assert.ts'
import type { Log, LogId, LogPolicy } from '../../log/store.ts'
import type { Packers } from '../publish/packers.ts'
import type { Runtime } from '../runtime.ts'
import type { Turn } from '../turn.ts'
import type { ScheduleEvent } from './events.ts'
import { Mover } from './mover.ts'
import { Resident } from './resident.ts'
import type { Bucket, ScheduleState } from './state.ts'
import { leadFor, SPLIT_FACTOR, startOf, widthFor } from './widths.ts'

/** How much is held in memory. */
export type ScheduleSizes = {
  readonly bucketBytesMax: number
  readonly residentBytesMax: number
  readonly partBytes: number
}

export type BucketsParts = {
  readonly sizes: ScheduleSizes
  readonly turn: Turn
  readonly packers: Packers
  readonly state: ScheduleState
  readonly journal: (event: ScheduleEvent) => void
  /** There may be something that is due, or due earlier. */
  readonly onReady: () => void
}

/** So often buckets are looked after, in milliseconds. */
const TEND_MS = 250
/** What is small enough is loaded so long before its time. */
const LOAD_LEAD_MS = 2000
const SEGMENT_BYTES = 16 * 1024 * 1024

/**
 * Where messages wait, and what of it is in memory. A bucket is loaded before its time comes; one
 * that is too large for that is split into narrower ones, down to a millisecond: then there is
 * nothing to sort, and it is read from its log piece by piece.
 */
export class Buckets {
  readonly #runtime: Runtime
  readonly #parts: BucketsParts
  readonly #state: ScheduleState
  readonly #sizes: ScheduleSizes
  readonly #residents = new Map<Bucket, Resident>()
  readonly #byLog = new Map<LogId, Bucket>()
  readonly #mover: Mover
  /** The bucket that was used last: most often it is the same. */
  #last: Bucket | null = null
  #tendedAt = Number.NEGATIVE_INFINITY

  constructor(runtime: Runtime, parts: BucketsParts) {
    this.#runtime = runtime
    this.#parts = parts
    this.#state = parts.state
    this.#sizes = parts.sizes
    this.#mover = new Mover(runtime, {
      ...parts,
      logFor: (due, within) => this.#targetOf(this.#narrower(due, within), due),
      onMoved: bucket => this.#moved(bucket),
    })
  }

  get residentBytes(): number {
    let bytes = 0
    for (const resident of this.#residents.values()) bytes += resident.bytes
    return bytes
  }

  stop(): void {
    this.#mover.stop()
  }

  /** The log that a message goes to. */
  logFor(due: number, now: number): LogId {
    const widthMs = widthFor(due - now)
    const start = startOf(due, widthMs)
    const last = this.#last
    if (last !== null && last.widthMs === widthMs && last.start === start && !last.isSplit)
      if (last.log !== null) return last.log
    return this.#targetOf(this.#bucketAt(widthMs, start), due)
  }

  advanced(logs: readonly Log[]): void {
    if (this.#residents.size > 0) for (const { id } of logs) this.#advanced(id)
  }

  #advanced(id: LogId): void {
    const bucket = this.#byLog.get(id)
    const resident = bucket === undefined ? undefined : this.#residents.get(bucket)
    if (resident === undefined) return
    resident.fill()
    const isTooLarge = resident.bytes > this.#sizes.bucketBytesMax
    if (isTooLarge && this.#runtime.store.refusal === null)
      this.#look(resident.bucket, this.#runtime.clock.now())
    this.#parts.onReady()
  }

  /** The one whose first message is due first, if it is due. */
  first(now: number): Resident | null {
    let first: Resident | null = null
    let earliest = now
    for (const resident of this.#residents.values()) {
      const { due } = resident
      if (due > earliest || (first !== null && due === earliest)) continue
      first = resident
      earliest = due
    }
    return first
  }

  nextDue(): number {
    let next = Number.POSITIVE_INFINITY
    for (const { due } of this.#residents.values()) next = Math.min(next, due)
    return next
  }

  /** Loads what comes near, splits what is too large, and lets go of what is over. */
  tend(now: number): void {
    if (now >= this.#tendedAt && now < this.#tendedAt + TEND_MS) return
    this.#tendedAt = now
    for (const bucket of this.#state.buckets.values()) this.#look(bucket, now)
  }

  /** Nothing was written of late: what is in memory may not be what is stored. */
  reload(): void {
    for (const resident of this.#residents.values()) resident.close()
    this.#residents.clear()
    this.#tendedAt = Number.NEGATIVE_INFINITY
  }

  #look(bucket: Bucket, now: number): void {
    if (bucket.log === null) {
      if (bucket.end <= now) this.#drop(bucket)
      return
    }
    this.#byLog.set(bucket.log, bucket)
    if (bucket.isSplit) return this.#mover.add(bucket)
    if (bucket.start > now + leadFor(bucket.widthMs)) return
    const resident = this.#residents.get(bucket)
    if (resident === undefined) return this.#load(bucket, this.#log(bucket.log), now)
    if (bucket.end <= now && this.#isDone(bucket, bucket.log)) this.#drop(bucket)
    else if (resident.bytes > this.#sizes.bucketBytesMax && bucket.widthMs > 1) {
      if (bucket.end > now) this.#split(bucket)
    }
  }

  /** As far as the disk knows, and nothing is on its way. */
  #isDone({ done }: Bucket, log: LogId): boolean {
    return done.floor >= this.#log(log).endOffset && this.#parts.packers.waitingCount(log) === 0
  }

  #load(bucket: Bucket, log: Log, now: number): void {
    // What is all due at once, or overdue, needs no order that a part of it would not have.
    const isAnyOrder = bucket.widthMs === 1 || bucket.end <= now
    const bytes = isAnyOrder ? this.#sizes.partBytes : log.sizeBytes
    if (!isAnyOrder && bytes > this.#sizes.bucketBytesMax) return this.#split(bucket)
    if (bucket.start > now + LOAD_LEAD_MS) return
    if (!this.#makeRoom(bytes, now, bucket.start <= now)) {
      if (bucket.start <= now && !isAnyOrder) this.#split(bucket)
      return
    }
    const resident = new Resident(bucket, log, {
      partBytesMax: isAnyOrder ? this.#sizes.partBytes : Number.POSITIVE_INFINITY,
      onLoaded: this.#parts.onReady,
      onFailed: error => this.#failed(bucket, error),
    })
    this.#residents.set(bucket, resident)
    resident.fill()
    this.#parts.onReady()
  }

  /** Whoever is due may take the place of those that are not yet. */
  #makeRoom(bytes: number, now: number, isDue: boolean): boolean {
    let room = this.#sizes.residentBytesMax - this.residentBytes
    if (isDue && bytes > room) {
      for (const [bucket, resident] of this.#residents) {
        if (bucket.start <= now || resident.bytes === 0) continue
        room += resident.bytes
        resident.close()
        this.#residents.delete(bucket)
      }
    }
    return bytes <= room
  }

  #split(bucket: Bucket): void {
    assert(bucket.widthMs > 1, 'a millisecond is not split')
    this.#residents.get(bucket)?.close()
    this.#residents.delete(bucket)
    this.#parts.journal({ kind: 'split', bucket: bucket.id })
    this.#mover.add(bucket)
  }

  /** Everything in it went to narrower ones; it stays as a sign until its time is over. */
  #moved(bucket: Bucket): void {
    const { log } = bucket
    this.#parts.journal({ kind: 'drained', bucket: bucket.id })
    this.#forgetLog(log)
    this.#tendedAt = Number.NEGATIVE_INFINITY
    this.#parts.onReady()
  }

  #drop(bucket: Bucket): void {
    this.#residents.get(bucket)?.close()
    this.#residents.delete(bucket)
    if (this.#last === bucket) this.#last = null
    this.#parts.journal({ kind: 'dropped', bucket: bucket.id })
    this.#forgetLog(bucket.log)
  }

  #forgetLog(log: LogId | null): void {
    if (log === null) return
    this.#byLog.delete(log)
    this.#runtime.store.deleteLog(log)
  }

  #failed(bucket: Bucket, error: unknown): void {
    this.#residents.delete(bucket)
    const facts = { from: bucket.start, to: bucket.end, error: String(error) }
    this.#runtime.logger.error(facts, 'delayed messages could not be read; trying again')
  }

  /** Where in a bucket, or in what it was split into, a message goes. */
  #targetOf(bucket: Bucket, due: number): LogId {
    let target = bucket
    while (target.isSplit) target = this.#narrower(due, target)
    this.#last = target
    return target.log!
  }

  #narrower(due: number, { widthMs }: Bucket): Bucket {
    const narrower = Math.max(1, widthMs / SPLIT_FACTOR)
    return this.#bucketAt(narrower, startOf(due, narrower))
  }

  #bucketAt(widthMs: number, start: number): Bucket {
    const known = this.#state.bucketAt(widthMs, start)
    if (known !== undefined) return known
    const log = this.#runtime.store.createLog(this.#policy())
    const id = this.#state.bucketLast + 1
    this.#parts.journal({ kind: 'made', bucket: id, widthMs, start, log: log.id })
    const bucket = this.#state.existing(id)
    const now = this.#runtime.clock.now()
    this.#look(bucket, now)
    return bucket
  }

  #log(id: LogId): Log {
    const log = this.#runtime.store.log(id)
    if (log === undefined) throw new Error(`the log ${id} of delayed messages is there`)
    return log
  }

  /** Nothing goes before it was published. */
  #policy(): LogPolicy {
    return {
      durability: this.#runtime.settings.durability,
      retentionMs: null,
      retentionBytes: null,
      segmentBytes: SEGMENT_BYTES,
      segmentMs: Number.MAX_SAFE_INTEGER,
      compaction: null,
    }
  }
}
