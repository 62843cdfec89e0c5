import { assert } from '../../lib/assert.ts'
import type { Offset } from '../../lib/brand.ts'
import { crc32c } from '../../lib/crc32c.ts'
import type { Disk, DiskFile } from '../../platform/disk.ts'
import { baseOffsetOf, batchBytes, countOf, maxTimestampOf } from '../batch/index.ts'
import type { SegmentRef } from '../internals.ts'
import type { LogId } from '../store.ts'
import {
  encodeFooterEntry,
  encodeHead,
  encodeIndex,
  encodeTail,
  type FooterEntry,
  INDEX_INTERVAL_BYTES,
  segmentName,
} from './format.ts'

/** What is written in one call, and the most a writer holds in memory. */
const FLUSH_BYTES = 1024 * 1024
/** What is smaller is copied side by side: a piece to be written costs more than a copy of it. */
const COPIED_BYTES_MAX = 4096
/** Room for that: all that one call writes, if it is all small. */
const ROOM_BYTES = FLUSH_BYTES + 2 * COPIED_BYTES_MAX
/** Synced in small steps, or the disk would be busy with a whole file while producers wait. */
const SYNC_BYTES = 4 * 1024 * 1024

export type RunStart = {
  readonly log: LogId
  readonly baseOffset: Offset
  readonly createdAt: number
  readonly isCompacted: boolean
}

/**
 * Writes one segment file from its beginning to its end. The file counts only after `finish`, and
 * only once somebody names it; `abandon` removes what there is of it.
 */
export class SegmentWriter {
  readonly file: number
  readonly #disk: Disk
  readonly #folder: string
  readonly #out: DiskFile
  readonly #runs: FooterEntry[] = []
  /** What is to be written, in order, before what was copied since `#pieceStart`. */
  #pending: Buffer[] = []
  readonly #room = Buffer.allocUnsafeSlow(ROOM_BYTES)
  #roomAt = 0
  #pieceStart = 0
  /** From here on the checksum of the open run does not cover what was copied. */
  #summedTo = 0
  #pendingBytes = 0
  #flushedBytes = 0
  #syncedBytes = 0
  #run: OpenRun | null = null

  private constructor(disk: Disk, folder: string, file: number, out: DiskFile) {
    this.#disk = disk
    this.#folder = folder
    this.file = file
    this.#out = out
    this.#push(encodeHead(file))
  }

  static async create(disk: Disk, folder: string, file: number): Promise<SegmentWriter> {
    const out = await disk.open(`${folder}/${segmentName(file)}`, 'create')
    return new SegmentWriter(disk, folder, file, out)
  }

  get sizeBytes(): number {
    return this.#flushedBytes + this.#pendingBytes
  }

  /** Of the batches in the run that is open, or 0. */
  get runBytes(): number {
    return this.#run?.sizeBytes ?? 0
  }

  begin(start: RunStart): void {
    assert(this.#run === null, 'one run is written at a time')
    this.#run = new OpenRun(start, this.sizeBytes)
    this.#summedTo = this.#roomAt
  }

  /**
   * Whole batches, one behind the other: the bytes stay as they are until they are written. A
   * promise comes back when it is time to wait.
   */
  add(bytes: Buffer, start = 0, end = bytes.length): Promise<void> | undefined {
    assert(this.#run !== null, 'a batch is written into a run')
    this.#run.add(bytes, start, end)
    if (!this.#copy(bytes, start, end)) {
      this.#sum()
      this.#run.sum(bytes, start, end)
      this.#lend(bytes, start, end)
    }
    return this.#pendingBytes >= FLUSH_BYTES ? this.flush() : undefined
  }

  /** Ends the run: it stands for all offsets below `endOffset` from its base on. */
  end(endOffset: Offset): void {
    assert(this.#run !== null, 'a run that ends has begun')
    const run = this.#run
    this.#sum()
    this.#run = null
    this.#runs.push(run.close(this.file, endOffset))
    this.#push(encodeIndex(run.start.log, run.index()))
  }

  /** Makes the file durable and returns what it holds. Closes it. */
  async finish(): Promise<SegmentRef[]> {
    assert(this.#run === null, 'a file ends after its last run')
    const footerPosition = this.sizeBytes
    let footerCrc = 0
    for (const run of this.#runs) {
      const entry = encodeFooterEntry(run)
      footerCrc = crc32c(entry, 0, entry.length, footerCrc)
      this.#push(entry)
      if (this.#pendingBytes >= FLUSH_BYTES) await this.flush()
    }
    this.#push(encodeTail(this.file, { footerPosition, runCount: this.#runs.length, footerCrc }))
    await this.flush()
    await this.#out.sync()
    await this.#out.close()
    await this.#disk.syncFolder(this.#folder)
    return this.#runs.map(run => run.ref)
  }

  /** Returns once all that was added is written: its memory may be used again. */
  async flush(): Promise<void> {
    const position = this.#flushedBytes
    this.#sum()
    this.#endPiece()
    const buffers = this.#pending
    this.#flushedBytes += this.#pendingBytes
    this.#pending = []
    this.#pendingBytes = 0
    await this.#out.write(buffers, position)
    this.#roomAt = this.#pieceStart = this.#summedTo = 0
    if (this.#flushedBytes - this.#syncedBytes < SYNC_BYTES) return
    this.#syncedBytes = this.#flushedBytes
    await this.#out.sync()
  }

  /** Gives up. Does not throw: the next start removes what nobody names. */
  async abandon(): Promise<void> {
    await this.#out.close().catch(() => {})
    await this.#disk.remove(`${this.#folder}/${segmentName(this.file)}`).catch(() => {})
  }

  #push(bytes: Buffer): void {
    if (!this.#copy(bytes, 0, bytes.length)) this.#lend(bytes, 0, bytes.length)
  }

  /** False when it is large, or there is no room. */
  #copy(bytes: Buffer, start: number, end: number): boolean {
    if (end - start > COPIED_BYTES_MAX || this.#roomAt + end - start > ROOM_BYTES) return false
    this.#roomAt += bytes.copy(this.#room, this.#roomAt, start, end)
    this.#pendingBytes += end - start
    return true
  }

  /** Written from where it lies. */
  #lend(bytes: Buffer, start: number, end: number): void {
    this.#endPiece()
    this.#pending.push(bytes.subarray(start, end))
    this.#pendingBytes += end - start
  }

  #endPiece(): void {
    if (this.#roomAt > this.#pieceStart)
      this.#pending.push(this.#room.subarray(this.#pieceStart, this.#roomAt))
    this.#pieceStart = this.#roomAt
  }

  /** What was copied goes into the checksum of its run, many batches at a time. */
  #sum(): void {
    if (this.#run !== null) this.#run.sum(this.#room, this.#summedTo, this.#roomAt)
    this.#summedTo = this.#roomAt
  }
}

class OpenRun {
  readonly start: RunStart
  readonly #position: number
  readonly #offsets: number[] = []
  readonly #positions: number[] = []
  readonly #timestamps: number[] = []
  sizeBytes = 0
  #maxTimestamp = -1
  #crc = 0

  constructor(start: RunStart, position: number) {
    this.start = start
    this.#position = position
  }

  /** Whole batches. Their checksum is made apart, of what lies together. */
  add(bytes: Buffer, start: number, end: number): void {
    for (let at = start; at < end; at += batchBytes(bytes, at)) this.#addOne(bytes, at)
  }

  sum(bytes: Buffer, start: number, end: number): void {
    if (end > start) this.#crc = crc32c(bytes, start, end, this.#crc)
  }

  #addOne(bytes: Buffer, at: number): void {
    // A batch that compaction emptied has a time, but no record that bears it.
    const maxTimestamp = countOf(bytes, at) === 0 ? -1 : maxTimestampOf(bytes, at)
    const last = this.#positions.length - 1
    if (last < 0 || this.sizeBytes - this.#positions[last]! >= INDEX_INTERVAL_BYTES) {
      this.#offsets.push(baseOffsetOf(bytes, at))
      this.#positions.push(this.sizeBytes)
      this.#timestamps.push(maxTimestamp)
    } else if (maxTimestamp > this.#timestamps[last]!) {
      this.#timestamps[last] = maxTimestamp
    }
    if (maxTimestamp > this.#maxTimestamp) this.#maxTimestamp = maxTimestamp
    this.sizeBytes += batchBytes(bytes, at)
  }

  close(file: number, endOffset: Offset): FooterEntry {
    const { log, baseOffset, createdAt, isCompacted } = this.start
    assert(endOffset >= baseOffset, 'a run ends where it begins or later')
    const ref = {
      file,
      log,
      baseOffset,
      endOffset,
      position: this.#position,
      sizeBytes: this.sizeBytes,
      maxTimestamp: this.#maxTimestamp,
      createdAt,
      isCompacted,
    }
    return { ref, crc: this.#crc }
  }

  index() {
    return {
      count: this.#offsets.length,
      offsets: Float64Array.from(this.#offsets),
      positions: Float64Array.from(this.#positions),
      timestamps: Float64Array.from(this.#timestamps),
    }
  }
}
