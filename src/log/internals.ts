import type { Offset } from '../lib/brand.ts'
import type { Log, LogId, ReadRoom, SlotNumber, StoreRefusal, TimedOffset } from './store.ts'

/**
 * The seam between the store (slots, chain, tail) and its background work (segments, retention,
 * compaction). Nobody outside `log/` sees it.
 */

/** Batches of one log that lie in the chain, in offset order. By index: an object each is many. */
export interface ChainEntries {
  readonly count: number
  slot(index: number): number
  /** Where the batch begins in the slot's body. */
  bodyPosition(index: number): number
  baseOffset(index: number): Offset
  lastOffset(index: number): Offset
  sizeBytes(index: number): number
  maxTimestamp(index: number): number
}

/** One batch that lies in the chain and, while it is young, in memory. */
export type ChainEntry = {
  readonly slot: SlotNumber
  /** Where the batch begins in the slot's body. */
  readonly bodyPosition: number
  readonly baseOffset: Offset
  readonly lastOffset: Offset
  readonly sizeBytes: number
  readonly maxTimestamp: number
}

/** A run of one log's batches inside a segment file; many logs share a file. */
export type SegmentRef = {
  /** Number of the segment file: never reused, so a name means one content for ever. */
  readonly file: number
  readonly log: LogId
  readonly baseOffset: Offset
  /** The offset after the last one the segment stands for, even where compaction removed some. */
  readonly endOffset: Offset
  /** Where its batches begin in the file, and how many bytes they are. */
  readonly position: number
  readonly sizeBytes: number
  /** Of the newest record, in milliseconds. */
  readonly maxTimestamp: number
  /** When its first batch was appended, for segment.ms and compaction lag, in milliseconds. */
  readonly createdAt: number
  readonly isCompacted: boolean
}

/** A change of what is stored where. It is one event of the chain: all of it happens, or none. */
export type SegmentChange = {
  readonly added: readonly SegmentRef[]
  readonly removed: readonly SegmentRef[]
  /** Every live batch of the slots below this one is now in segments. */
  readonly segmentedBelow: SlotNumber
}

/** The part of a log that lies in the chain and not yet in segments. */
export type YoungPart = {
  readonly baseOffset: Offset
  /** After its last record. There may be newer ones that are confirmed but not synced. */
  readonly endOffset: Offset
  readonly sizeBytes: number
  /** Of its newest record; -1 when no record bears a time. */
  readonly maxTimestamp: number
  /** Of its oldest batch: the time of its newest record. */
  readonly oldestTimestamp: number
}

/** What slots take of the disk, and of that what a start would read: headers and indexes. */
export type Extent = { readonly bytes: number; readonly indexBytes: number }

/** A batch where it lies, between `start` and `end`. */
export type BatchPlace = { readonly bytes: Buffer; readonly start: number; readonly end: number }

export interface LoadedSlots {
  /**
   * The batch; its own checksum was verified. Its bytes stay until others are loaded, the object
   * says something else after the next call. Throws `DamagedStoreError`.
   */
  look(entries: ChainEntries, index: number): BatchPlace
}

/** What background work may ask of the store. */
export interface SegmentSource {
  /** As in `Store`: background work waits while writes are refused. */
  readonly refusal: StoreRefusal | null
  log(id: LogId): Log | undefined
  logs(): Iterable<Log>
  /** Undefined when everything of the log is in segments. Confirmed and synced batches only. */
  young(log: LogId): YoungPart | undefined
  /** As in `Store`. */
  truncateBefore(log: LogId, offset: Offset): void
  /** Slots below this one are confirmed and synced: their content can only move, not change. */
  readonly syncedBelow: SlotNumber
  /** Slots below this one are confirmed and their chain files are closed: they may be rewritten. */
  readonly closedBelow: SlotNumber
  /** Slots below this one have been rewritten already. */
  readonly segmentedBelow: SlotNumber
  /** Live entries of slots `from <= slot < to`, by log, as they are now. */
  entries(from: SlotNumber, to: SlotNumber): Map<LogId, ChainEntries>
  /** The end of the run of slots, from `from` on, that fill at most `bytesMax` (at least one). */
  runEnd(from: SlotNumber, bytesMax: number): SlotNumber
  /** What slots `from <= slot < to` take that are still there. Costs the same for any run. */
  extent(from: SlotNumber, to: SlotNumber): Extent
  /** Reads slots `from <= slot < to` into memory, where others were that were loaded before. */
  load(from: SlotNumber, to: SlotNumber): Promise<LoadedSlots>
  /** Of that memory: nothing is loaded for now. */
  letGo(): void
  /** In offset order, without gaps. */
  segments(log: LogId): readonly SegmentRef[]
  /** Journals the change; resolves once it is confirmed and readers see it. */
  change(change: SegmentChange): Promise<void>
}

/** Reads what lies in segment files. Buffers are whole batches, verified. */
export interface SegmentReader {
  /** The batches of the run that end at or after `from`: at least one, if there is one. */
  read(ref: SegmentRef, from: Offset, bytesMax: number, room?: ReadRoom): Promise<readonly Buffer[]>
  /** The same at once, while the whole process waits for the disk. */
  readNow(ref: SegmentRef, from: Offset, bytesMax: number): readonly Buffer[]
  /** The first record at or behind `from` that is not older than `timestamp`. */
  findByTime(ref: SegmentRef, timestamp: number, from: Offset): Promise<TimedOffset | undefined>
  close(): Promise<void>
}
