import { type Whole, WHOLE_MAX, wholePlus } from '../../lib/whole.ts'
import { limits } from '../../limits/limits.ts'
import type { BatchSummary, Log, LogId } from '../../log/store.ts'
import { OffsetSet } from '../queue/lane/index.ts'
import type { Partition } from '../topic/index.ts'
import { compareIds, type EntryId, idMin } from './entry-id.ts'
import type { EventReader, EventWriter } from './event-bytes.ts'
import { GroupState, type Measured } from './group/index.ts'
import { IdIndex } from './reading/index.ts'
import { Idempotence } from './idempotence.ts'
import { idBehind, type Walked } from './reading/index.ts'

/** A point of the index that is not in an event yet. */
export type Point = { readonly offset: number; readonly ms: Whole; readonly seq: Whole }

/**
 * What is known of one stream. It changes when its log grows and by events, live and while the log
 * is replayed; what entries hold is in the log alone.
 */
export class StreamState implements Walked, Measured {
  readonly partition: Partition
  bornAt: number
  /** Behind the last record. */
  end: number
  /** What the next id is above. In parts, since every new entry changes it. */
  lastMs: Whole = 0
  lastSeq: Whole = 0
  /** Of the last record; it may be deleted. */
  topMs: Whole = 0
  topSeq: Whole = 0
  maxDeleted: EntryId = idMin
  entriesAdded = 0
  /** Deleted offsets; all that were trimmed are below its floor. */
  readonly gone: OffsetSet
  readonly index = new IdIndex()
  readonly jumps = new IdIndex()
  readonly groups = new Map<string, GroupState>()
  readonly groupsByNumber = new Map<number, GroupState>()
  groupNext = 0
  readonly idempotence = new Idempotence()
  /** Entries of our own that are appended with this turn and not in an event yet. */
  ownLeft = 0
  /** Points since the first of them; null: none are waiting. */
  points: Point[] | null = null
  #bytesSincePoint = 0
  /** Of the newest point, in the index or waiting; -1: to be looked up. */
  #pointAt = -1
  /** Of the first entry that is there: known for this offset. */
  #firstAt = -1
  #firstId: EntryId = idMin
  /** Told by whoever can read: the id at an offset. */
  idAt: ((stream: StreamState, offset: number) => EntryId | null) | null = null

  constructor(partition: Partition, bornAt: number) {
    this.partition = partition
    this.bornAt = bornAt
    this.end = bornAt
    this.gone = new OffsetSet(0)
  }

  get log(): Log {
    return this.partition.log
  }

  get logId(): LogId {
    return this.partition.logId
  }

  /**
   * A batch is behind what was there before. Its first `ownLeft` records have ids of ours; true
   * when all of them do.
   */
  appended(batch: BatchSummary): boolean {
    const count = batch.lastOffset + 1 - this.end
    const own = Math.min(this.ownLeft, count)
    this.ownLeft -= own
    this.entriesAdded += count
    this.end = batch.lastOffset + 1
    if (own === count) return true
    const others = this.end - count + own
    this.#bytesSincePoint += batch.sizeBytes
    this.#point(others)
    const { ms, seq } = idBehind(this.lastMs, this.lastSeq, batch.maxTimestamp)
    this.advance(ms, wholePlus(seq, this.end - 1 - others) ?? WHOLE_MAX)
    return false
  }

  get last(): EntryId {
    return { ms: this.lastMs, seq: this.lastSeq }
  }

  /** A record has this id, and none is above. */
  advance(ms: Whole, seq: Whole): void {
    this.lastMs = this.topMs = ms
    this.lastSeq = this.topSeq = seq
  }

  /** An entry of ours is going to be at an offset, behind the last one so far. */
  announce(offset: number, sizeBytes: number): void {
    this.#bytesSincePoint += sizeBytes
    this.#point(offset)
    this.ownLeft++
  }

  /** Entries of ours are in the log up to `end`: what was taken for others' is set right. */
  evolveAdded(reader: EventReader): void {
    const first = reader.int()
    const last = reader.id()
    this.advance(last.ms, last.seq)
    this.index.dropFrom(first)
    for (let offset = first; !reader.isAtEnd; ) {
      offset += reader.int()
      const { ms, seq } = reader.id()
      this.index.push(offset, ms, seq)
    }
    this.#bytesSincePoint = 0
    this.#pointAt = -1
  }

  /** Writes that event, and does as `evolveAdded` would. */
  added(writer: EventWriter, first: number, points: readonly Point[]): void {
    writer.int(first).idParts(this.lastMs, this.lastSeq)
    this.advance(this.lastMs, this.lastSeq)
    this.#bytesSincePoint = 0
    if (this.#pointAt >= 0 && this.#pointAt < first) return // The index is as it was before.
    this.index.dropFrom(first)
    let before = first
    for (const { offset, ms, seq } of points) {
      writer.int(offset - before).idParts(ms, seq)
      this.index.push(offset, ms, seq)
      before = offset
    }
    this.#pointAt = -1
  }

  /** Where the first entry is that could be there: retention takes some, and we take some. */
  get first(): number {
    const { gone, log } = this
    const { startOffset } = log
    if (startOffset > gone.floor) this.#passRetention(startOffset)
    return gone.floor
  }

  get length(): number {
    const { first } = this
    return Math.max(0, this.end - first - this.gone.aheadCount)
  }

  /** 0-0 when there is none. */
  get firstId(): EntryId {
    const { first } = this
    if (this.length === 0) return idMin
    if (this.#firstAt !== first) {
      this.#firstId = this.idAt?.(this, first) ?? idMin
      this.#firstAt = first
    }
    return this.#firstId
  }

  isThere(offset: number): boolean {
    return offset >= this.first && offset < this.end && !this.gone.has(offset)
  }

  /** Everything below `offset` goes. */
  trimTo(offset: number): void {
    if (offset <= this.gone.floor) return
    this.gone.add(this.gone.floor, offset - 1)
    this.index.dropBelow(this.gone.floor)
    this.jumps.dropBelow(this.gone.floor)
  }

  setLast(id: EntryId): void {
    this.lastMs = id.ms
    this.lastSeq = id.seq
    if (this.gone.floor >= this.end) this.index.clear()
    this.index.push(this.end, id.ms, id.seq)
    this.jumps.push(this.end, id.ms, id.seq)
    this.#pointAt = -1
  }

  /** The log was lost: it begins anew, and ids go on. */
  empty(): void {
    this.end = this.bornAt = 0
    this.gone.reset(0)
    this.index.clear()
    this.jumps.clear()
    this.index.push(0, this.lastMs, this.lastSeq)
    this.jumps.push(0, this.lastMs, this.lastSeq)
    this.topMs = this.topSeq = 0
    this.#pointAt = -1
  }

  addGroup(name: string, lastId: EntryId, entriesRead: number | null): GroupState {
    const group = new GroupState(this, { name, number: this.groupNext++, lastId, entriesRead })
    this.groups.set(name, group)
    this.groupsByNumber.set(group.number, group)
    return group
  }

  removeGroup(group: GroupState): void {
    this.groups.delete(group.name)
    this.groupsByNumber.delete(group.number)
  }

  /** Whether a group has yet to read an entry, or has it pending. */
  isReferenced(id: EntryId): boolean {
    for (const group of this.groups.values()) {
      if (compareIds(group.lastId, id) < 0) return true
      if (group.all.find(id.ms, id.seq) !== undefined) return true
    }
    return false
  }

  lagOf(group: GroupState): number | null {
    const { length, entriesAdded } = this
    if (entriesAdded === 0 || length === 0) return 0
    const { firstId } = this
    if (compareIds(group.lastId, firstId) < 0 && compareIds(this.maxDeleted, firstId) < 0)
      return length
    if (group.entriesRead !== null && !this.hasGapBehind(group.lastId))
      return entriesAdded - group.entriesRead
    const read = this.readUpTo(group.lastId)
    return read === null ? null : entriesAdded - read
  }

  /** Whether an entry at or behind this id was deleted. */
  hasGapBehind(id: EntryId): boolean {
    const { maxDeleted } = this
    if (this.length === 0 || (maxDeleted.ms === 0 && maxDeleted.seq === 0)) return false
    return compareIds(id, maxDeleted) <= 0
  }

  /** The same for a group that read an entry, behind the one it had read last. */
  readAfter(entriesRead: number | null, lastId: EntryId, id: EntryId): number | null {
    if (entriesRead !== null && compareIds(lastId, this.firstId) >= 0 && !this.hasGapBehind(lastId))
      return entriesRead + 1
    return this.entriesAdded > 0 ? this.readUpTo(id) : entriesRead
  }

  /** Entries from the very first one on up to this id, where that follows from what is known. */
  readUpTo(id: EntryId): number | null {
    const { entriesAdded, length, last, maxDeleted } = this
    if (entriesAdded === 0) return 0
    if (length === 0 && compareIds(id, last) <= 0) return entriesAdded
    const isZero = id.ms === 0 && id.seq === 0
    if (!isZero && compareIds(id, maxDeleted) < 0) return null
    const order = compareIds(id, last)
    if (order === 0) return entriesAdded
    if (order > 0) return null
    const { firstId } = this
    const isWhole = maxDeleted.ms === 0 && maxDeleted.seq === 0
    if (!isWhole && compareIds(maxDeleted, firstId) >= 0) return null
    const orderFirst = compareIds(id, firstId)
    if (orderFirst < 0) return entriesAdded - length
    return orderFirst === 0 ? entriesAdded - length + 1 : null
  }

  #point(offset: number): void {
    if (this.#pointAt < 0) this.#pointAt = this.index.lastOffset
    const isNear = this.#pointAt >= 0 && offset - this.#pointAt < limits.entryPointEntries
    if (isNear && this.#bytesSincePoint < limits.entryPointBytes) return
    const { index, points, lastMs: ms, lastSeq: seq } = this
    this.#bytesSincePoint = 0
    this.#pointAt = offset
    if (points === null) index.push(offset, ms, seq)
    else points.push({ offset, ms, seq })
  }

  /**
   * Ids follow from those before. So where retention cut between two points, the stream begins at
   * the second: the few entries before it have lost their ids.
   */
  #passRetention(startOffset: number): void {
    const { index, bornAt } = this
    let first = startOffset
    if (startOffset > bornAt) {
      const before = index.atOrBefore(startOffset - 1)
      first = before + 1 < index.count ? index.offset(before + 1) : this.end
    }
    this.trimTo(first)
  }
}
