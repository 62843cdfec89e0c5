import type { Brand, Offset } from '../lib/brand.ts'

/** Names a log for ever. Never reused after a log is deleted. */
export type LogId = Brand<number, 'LogId'>
export const LogId = (value: number): LogId => value as LogId

/** Position of a slot in the chain: 0, 1, 2, … */
export type SlotNumber = Brand<number, 'SlotNumber'>
export const SlotNumber = (value: number): SlotNumber => value as SlotNumber

/**
 * When an acknowledgement may be given: `sync` after fdatasync, `async` after the write reached
 * the operating system (synced every flush interval), `memory` at once, and never written.
 */
export type Durability = 'sync' | 'async' | 'memory'

/** What the store may do with a log's old records. Null is "no limit". */
export type LogPolicy = {
  readonly durability: Durability
  /** Drop segments whose newest record is older. */
  readonly retentionMs: number | null
  /** Drop the oldest segments while the rest still holds as much. */
  readonly retentionBytes: number | null
  /** A segment is closed at this size or age; retention and compaction work on whole ones. */
  readonly segmentBytes: number
  readonly segmentMs: number
  /** Keep the last record of each key only. Null: no compaction. */
  readonly compaction: CompactionPolicy | null
}

export type CompactionPolicy = {
  /** How long a tombstone stays readable, in milliseconds. */
  readonly tombstoneRetentionMs: number
  /** Compact when at least this share (0..1) of the bytes has not been compacted. */
  readonly dirtyRatioMin: number
  /** A record younger than this (milliseconds) is not compacted away. */
  readonly lagMsMin: number
  /** A record older than this (milliseconds) makes its log due, whatever the ratio. */
  readonly lagMsMax: number
}

/** An ordered, append-only sequence of records in Kafka v2 batches. */
export interface Log {
  readonly id: LogId
  readonly policy: LogPolicy
  /** The first offset that can be read. Moves up with retention and `truncateBefore`. */
  readonly startOffset: Offset
  /** The offset the next record gets. Includes what is not confirmed yet. */
  readonly endOffset: Offset
  /** Readers see offsets below this one only: what is as durable as the policy promises. */
  readonly confirmedEnd: Offset
  /** Bytes of readable batches, wherever they lie. */
  readonly sizeBytes: number
  /**
   * Confirmed batches from the one that holds `from` on: whole, in order, at least one when there
   * is one, then as many as fit in `bytesMax`. Empty at the end. From memory the answer is direct;
   * a promise means the disk is read. The buffers stay as they are for as long as they are kept,
   * or, where the disk was read into a `room`, until that is used again.
   * Throws `OutOfRangeError` below `startOffset` or above `confirmedEnd`.
   */
  read(
    from: Offset,
    bytesMax: number,
    room?: ReadRoom,
  ): readonly Buffer[] | Promise<readonly Buffer[]>
  /**
   * The same without a copy, for who is done with them before anything else runs: others are
   * written there later. Null when the disk would have to be read.
   */
  lend(from: Offset, bytesMax: number): readonly Buffer[] | null
  /**
   * The same for those who have to answer at once: what was appended and is not confirmed yet is
   * included, so it may be gone after a crash, and the answer is always direct. Where the bytes are
   * not in memory the whole process waits for the disk.
   */
  readNow(from: Offset, bytesMax: number): readonly Buffer[]
  /** The first confirmed record at or after a time, or undefined when all are older. */
  findByTime(timestamp: number): Promise<TimedOffset | undefined>
  /** The first confirmed record with the largest timestamp, or undefined when the log is empty. */
  findNewest(): Promise<TimedOffset | undefined>
}

/**
 * Whose memory the disk is read into, for who reads much and knows when it is done with it: memory
 * outside of the heap that comes and goes with every read has the heap collected all the time.
 * After a read that failed others of the same call may still be under way: it must not be used
 * again then.
 */
export interface ReadRoom {
  /**
   * Batches go on, as they are, to someone who checks them: what this process wrote lately, and the
   * system has in memory still, is then not checked on its way.
   */
  readonly isCheckedLater: boolean
  /** So many bytes that are nobody else's. */
  take(sizeBytes: number): Buffer
}

export type TimedOffset = { readonly offset: Offset; readonly timestamp: number }

/** What a slot's index says of a batch: enough to rebuild producer state without the body. */
export type BatchSummary = {
  readonly baseOffset: Offset
  readonly lastOffset: Offset
  /** Records in the batch; fewer than the offset range after compaction. */
  readonly count: number
  readonly sizeBytes: number
  readonly maxTimestamp: number
  /** -1 when the producer is not idempotent. */
  readonly producerId: number
  readonly producerEpoch: number
  readonly baseSequence: number
  readonly isTransactional: boolean
  readonly isControl: boolean
}

/**
 * State that lives in the chain. What was journaled under its name comes back through `evolve`, in
 * order, after `restore` was given the newest snapshot; live events go the same way, so recovery
 * cannot drift from live behaviour.
 */
export interface StateMachine {
  readonly name: string
  evolve(event: Buffer): void
  /** A batch was appended to a log (live) or found again (recovery). `batch` is not to be kept. */
  appended?(log: LogId, batch: BatchSummary): void
  /** Everything `restore` needs. Called between two turns, so it sees whole slots only. */
  snapshot(): Snapshot
  /** Called for each piece of the newest snapshot, in their order; it is lent. Most have one. */
  restore(piece: Buffer): void
}

/**
 * Small ones are made at once. A large one comes in pieces, some at a time, while events go on
 * changing the machine: they are of the moment in which it was asked for all the same. Pieces are
 * lent until the next ones are asked for.
 */
export type Snapshot = Buffer | SnapshotPieces

/** Whoever does not go on to the end calls `return`. */
export interface SnapshotPieces extends IterableIterator<readonly Buffer[]> {
  return(): IteratorResult<readonly Buffer[]>
}

/**
 * The one door to what is stored. Appends are synchronous and only assign offsets; everything
 * appended or journaled within one turn of the event loop lands in one slot, all or nothing.
 */
export interface Store {
  /** Why writes are refused now, or null when they are welcome. Check it before deciding. */
  readonly refusal: StoreRefusal | null
  /**
   * Why not even what makes room is accepted: deleting, truncating, policies, `journalRelief`.
   * On a full disk it goes to room set aside, so this one is null again soon after `refusal`.
   */
  readonly reliefRefusal: StoreRefusal | null
  /** The operating system has all that was appended: it survives the end of this process. */
  readonly isWritten: boolean
  /** Not yet confirmed; above `limits.unconfirmedBytesHigh` slow producers down. */
  readonly unconfirmedBytes: number

  log(id: LogId): Log | undefined
  logs(): Iterable<Log>
  createLog(policy: LogPolicy): Log
  setPolicy(id: LogId, policy: LogPolicy): void
  deleteLog(id: LogId): void

  /**
   * Appends one batch, which lies in `bytes` from `start` to `end`. Its base offset and leader
   * epoch are written into it, then it is copied: the bytes stay the caller's, who has checked them
   * (`checkBatch`). Throws `StoreRefusedError` when writes are refused.
   */
  append(log: LogId, bytes: Buffer, start?: number, end?: number): Offset
  /** Makes offsets below `offset` unreadable, for ever. */
  truncateBefore(log: LogId, offset: Offset): void
  /** Writes an event of a state machine and hands it to its `evolve` before returning. */
  journal(machine: string, event: Buffer): void
  /**
   * Writes an event that lies between `start` and `end`. The machine applies it by itself, at once,
   * as `evolve` would: it knows what it wrote and need not read it again.
   */
  journalApplied(machine: string, bytes: Buffer, start: number, end: number): void
  /** `journal` for an event that makes room: welcome on a full disk, too. */
  journalRelief(machine: string, event: Buffer): void

  /**
   * Runs `done(null)` once all that was appended so far is as safe as `durability` says, or
   * `done(refusal)` when the disk failed: then the outcome is unknown, and the bytes will be
   * written, unacknowledged, when there is room again. In order of registration, never at once.
   */
  whenConfirmed(durability: Durability, done: (refusal: StoreRefusal | null) => void): void
  /**
   * Readers wait for what was appended so far, though nobody asked to be told: it is written at
   * once. Otherwise what `whenConfirmed` was not called for may be gathered for a few milliseconds.
   */
  hurry(): void
  /**
   * Tells of the logs whose `confirmedEnd` moved, once per slot; of none when `unconfirmedBytes`
   * has fallen to `limits.unconfirmedBytesLow`.
   */
  onAdvanced(listener: (logs: readonly Log[]) => void): void
  /**
   * Called before a slot is closed: whoever has put something in it and keeps back what came before
   * that appends it now. So what is lost in a crash is the end of what happened, never a part from
   * the middle.
   */
  onClosing(listener: () => void): void
  /** Writes became refused or welcome again. */
  onRefusal(listener: (refusal: StoreRefusal | null) => void): void

  /** Waits for what is unconfirmed, writes a checkpoint, seals the chain, releases the lock. */
  close(): Promise<void>
}

export type StoreRefusal = {
  readonly reason: 'disk-full' | 'io-error' | 'closing'
  /** For people: what failed, on which path, and what to do. */
  readonly message: string
}

export class StoreRefusedError extends Error {
  override readonly name = 'StoreRefusedError'
  readonly refusal: StoreRefusal

  constructor(refusal: StoreRefusal) {
    super(refusal.message)
    this.refusal = refusal
  }
}

export class OutOfRangeError extends Error {
  override readonly name = 'OutOfRangeError'
  readonly startOffset: Offset
  readonly endOffset: Offset

  constructor(offset: number, startOffset: Offset, endOffset: Offset) {
    super(`offset ${offset} is not in ${startOffset}..${endOffset}`)
    this.startOffset = startOffset
    this.endOffset = endOffset
  }
}

/** Stored bytes are not what was written. Names the file, the position and what to do. */
export class DamagedStoreError extends Error {
  override readonly name = 'DamagedStoreError'
  readonly path: string
  readonly position: number
  readonly remedy: string

  constructor(path: string, position: number, damage: string, remedy: string) {
    super(`${path} at byte ${position}: ${damage}. ${remedy}`)
    this.path = path
    this.position = position
    this.remedy = remedy
  }
}
