import { Offset } from '../lib/brand.ts'
import { EntryList } from './entry-list.ts'
import type { SegmentRef } from './internals.ts'
import type { LogReads } from './log-reads.ts'
import type { BatchSummary, Log, LogId, LogPolicy, ReadRoom, TimedOffset } from './store.ts'

const NO_SEGMENTS: readonly SegmentRef[] = []

/** What the store knows of one log. An idle one costs a few hundred bytes: 100,000 may be open. */
export class StoredLog implements Log {
  readonly id: LogId
  policy: LogPolicy
  startOffset = Offset(0)
  endOffset = Offset(0)
  confirmedEnd = Offset(0)
  /** The last slot that got a batch of this log. */
  touchedSlot = -1
  segments: readonly SegmentRef[] = NO_SEGMENTS
  /** Null until there is something in it. */
  entries: EntryList | null = null
  #segmentBytes = 0
  #chainBytes = 0
  readonly #reads: LogReads

  constructor(id: LogId, policy: LogPolicy, reads: LogReads) {
    this.id = id
    this.policy = policy
    this.#reads = reads
  }

  get sizeBytes(): number {
    return this.#segmentBytes + this.#chainBytes
  }

  /** Bytes that lie in the chain only. */
  get chainBytes(): number {
    return this.#chainBytes
  }

  read(
    from: Offset,
    bytesMax: number,
    room?: ReadRoom,
  ): readonly Buffer[] | Promise<readonly Buffer[]> {
    return this.#reads.read(this, from, bytesMax, room)
  }

  lend(from: Offset, bytesMax: number): readonly Buffer[] | null {
    return this.#reads.lend(this, from, bytesMax)
  }

  readNow(from: Offset, bytesMax: number): readonly Buffer[] {
    return this.#reads.readNow(this, from, bytesMax)
  }

  findByTime(timestamp: number): Promise<TimedOffset | undefined> {
    return this.#reads.findByTime(this, timestamp)
  }

  findNewest(): Promise<TimedOffset | undefined> {
    return this.#reads.findNewest(this)
  }

  push(summary: BatchSummary, slot: number, bodyPosition: number, batch: Buffer | null): void {
    this.entries ??= new EntryList()
    if (this.entries.isFull) this.entries.trim(this.#reads.tailFrom)
    this.entries.push(slot, summary, bodyPosition, batch)
    this.#chainBytes += summary.sizeBytes
    if (summary.lastOffset >= this.endOffset) this.endOffset = Offset(summary.lastOffset + 1)
  }

  /** Segments were written, merged or dropped. The log begins where what is left begins. */
  changeSegments(added: readonly SegmentRef[], removed: readonly SegmentRef[]): void {
    const kept = this.segments.filter(ref => !removed.some(gone => isSame(ref, gone)))
    this.segments = [...kept, ...added].sort((a, b) => a.baseOffset - b.baseOffset)
    this.#segmentBytes = this.segments.reduce((sum, ref) => sum + ref.sizeBytes, 0)
  }

  /** Entries of slots below `slot` are in segments now. */
  segmented(slot: number): void {
    if (this.entries === null) return
    this.#chainBytes -= this.entries.segmented(slot)
    this.trim()
  }

  /** Forgets entries in segments that left the tail: to be called before reads. */
  trim(): void {
    this.entries?.trim(this.#reads.tailFrom)
    this.#releaseEntries()
  }

  /** Nothing below `offset` can be read any more; segments wholly below it are let go. */
  truncateBefore(offset: Offset): void {
    if (offset <= this.startOffset) return
    this.startOffset = offset
    if (this.segments.some(ref => ref.endOffset <= offset)) {
      const gone = this.segments.filter(ref => ref.endOffset <= offset)
      this.changeSegments([], gone)
    }
    this.#chainBytes -= this.entries?.truncateBefore(offset) ?? 0
    this.#releaseEntries()
  }

  /** The first offset something is stored for; the end when nothing is. */
  firstStored(): Offset {
    const young = this.entries === null ? undefined : this.entries.unsegmented
    const isYoung = young !== undefined && young < this.entries!.count
    return (
      this.segments[0]?.baseOffset ?? (isYoung ? this.entries!.baseOffset(young) : this.endOffset)
    )
  }

  #releaseEntries(): void {
    if (this.entries?.count === 0) this.entries = null
  }
}

const isSame = (a: SegmentRef, b: SegmentRef): boolean =>
  a.file === b.file && a.baseOffset === b.baseOffset
