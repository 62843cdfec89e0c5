import { assert } from '../../lib/assert.ts'
import { Offset } from '../../lib/brand.ts'
import { firstWhere } from '../../lib/search.ts'
import type { Disk, DiskFile } from '../../platform/disk.ts'
import {
  baseOffsetOf,
  batchBytes,
  checkStoredBatch,
  HEADER_BYTES,
  isEnveloped,
  lastOffsetOf,
  maxTimestampOf,
  RecordScanner,
} from '../batch/index.ts'
import type { SegmentRef } from '../internals.ts'
import { DamagedStoreError, type ReadRoom, type TimedOffset } from '../store.ts'
import { RESTORE, SegmentFiles } from './files.ts'
import { INDEX_INTERVAL_BYTES } from './format.ts'
import { FreshFiles } from './fresh-files.ts'
import { IndexCache } from './index-cache.ts'

/** What a walk over a whole run reads at a time. */
export const WINDOW_BYTES = 1024 * 1024

type Look = {
  readonly position: number
  readonly window: Buffer
  readonly from: Offset
  readonly bytesMax: number
  readonly isCheckedLater: boolean
}

/**
 * Reads runs. Every batch is checked on its way out, so damage stops here; but for those that were
 * written lately and go as they are to someone who checks them. A run that is read must be one that
 * the log names now; `read` pins its file before it returns.
 */
export class SegmentReader {
  readonly files: SegmentFiles
  /** Who writes a file says so here. */
  readonly fresh = new FreshFiles()
  readonly #indexes = new IndexCache()

  constructor(disk: Disk, folder: string) {
    this.files = new SegmentFiles(disk, folder)
  }

  /**
   * Whole batches, from the first that ends at or behind `from`: at least one if there is one, then
   * as many as fit in `bytesMax`. They share memory, of `room` if that is given.
   */
  read(ref: SegmentRef, from: Offset, bytesMax: number, room?: ReadRoom): Promise<Buffer[]> {
    return this.files.use(ref.file, async file => {
      if (ref.sizeBytes === 0) return []
      const index = await this.#indexes.get(ref, file, this.files.path(ref.file))
      let position = index.positions[entryBefore(index.offsets, from)] ?? 0
      const found: Buffer[] = []
      const isCheckedLater = room?.isCheckedLater === true && this.fresh.has(ref.file)
      // Usually one round: only a batch larger than the window needs another.
      let windowBytes = bytesMax + INDEX_INTERVAL_BYTES
      while (position < ref.sizeBytes) {
        const window = await this.#window(ref, file, { position, bytes: windowBytes, room })
        const look = { position, window, from, bytesMax, isCheckedLater }
        const at = this.#collect(ref, look, found)
        position += at
        if (found.length > 0) return found
        if (at === 0) windowBytes = this.#neededAt(ref, position, window)
      }
      return found
    })
  }

  /** The same at once: nobody else runs meanwhile, so the file that the log names is there. */
  readNow(ref: SegmentRef, from: Offset, bytesMax: number): Buffer[] {
    const { disk } = this.files
    const path = this.files.path(ref.file)
    if (ref.sizeBytes === 0) return []
    const index = this.#indexes.getNow(ref, disk, path)
    let position = index.positions[entryBefore(index.offsets, from)] ?? 0
    const found: Buffer[] = []
    let windowBytes = bytesMax + INDEX_INTERVAL_BYTES
    while (position < ref.sizeBytes) {
      const length = Math.min(windowBytes, ref.sizeBytes - position)
      const window = disk.readNow(path, ref.position + position, length)
      if (window.length < length) throw this.#damage(ref, position, 'the file ends too early')
      const look = { position, window, from, bytesMax, isCheckedLater: false }
      const at = this.#collect(ref, look, found)
      position += at
      if (found.length > 0) return found
      if (at === 0) windowBytes = this.#neededAt(ref, position, window)
    }
    return found
  }

  /** Adds the batches of a window that are wanted, and says how far it looked. */
  #collect(ref: SegmentRef, look: Look, found: Buffer[]): number {
    const { position, window, from, bytesMax, isCheckedLater } = look
    let at = 0
    let foundBytes = 0
    for (let size = wholeAt(window, at); size > 0; size = wholeAt(window, at)) {
      const batch = window.subarray(at, at + size)
      if (!endsBefore(batch, from)) {
        if (found.length > 0 && foundBytes + size > bytesMax) break
        this.#check(ref, position + at, batch, isCheckedLater)
        found.push(batch)
        foundBytes += size
      }
      at += size
    }
    return at
  }

  /** The first record at or behind `from` that is not older than `timestamp`. */
  findByTime(
    ref: SegmentRef,
    timestamp: number,
    from: Offset = ref.baseOffset,
  ): Promise<TimedOffset | undefined> {
    return this.files.use(ref.file, async file => {
      if (ref.sizeBytes === 0 || ref.maxTimestamp < timestamp) return undefined
      const index = await this.#indexes.get(ref, file, this.files.path(ref.file))
      for (let entry = entryBefore(index.offsets, from); entry < index.count; entry++) {
        if (index.timestamps[entry]! < timestamp) continue
        const start = index.positions[entry]!
        const end = index.positions[entry + 1] ?? ref.sizeBytes
        const window = await this.#window(ref, file, { position: start, bytes: end - start })
        for (let at = 0; at < window.length; ) {
          const size = wholeAt(window, at)
          if (size === 0) throw this.#damage(ref, start + at, 'a batch does not end')
          const batch = window.subarray(at, at + size)
          if (maxTimestampOf(batch) >= timestamp && !endsBefore(batch, from)) {
            this.#check(ref, start + at, batch)
            const record = firstRecordSince(batch, timestamp, from)
            if (record !== undefined) return record
          }
          at += size
        }
      }
      return undefined
    })
  }

  /** All batches of a run, checked, by the megabyte. */
  async *batches(ref: SegmentRef): AsyncGenerator<Buffer[]> {
    for await (const window of this.windows(ref)) yield batchesIn(window)
  }

  /**
   * The same as they lie: many whole batches, one behind the other, in memory of `room` if that is
   * given.
   */
  async *windows(ref: SegmentRef, room?: ReadRoom): AsyncGenerator<Buffer> {
    let windowBytes = WINDOW_BYTES
    for (let position = 0; position < ref.sizeBytes; ) {
      const window = await this.files.use(ref.file, file =>
        this.#window(ref, file, { position, bytes: windowBytes, room }),
      )
      const end = this.#checkAll(ref, position, window)
      if (end > 0) yield window.subarray(0, end)
      position += end
      windowBytes = end > 0 ? WINDOW_BYTES : this.#neededAt(ref, position, window)
    }
  }

  close(): Promise<void> {
    return this.files.close()
  }

  async #window(
    ref: SegmentRef,
    file: DiskFile,
    { position, bytes, room }: { position: number; bytes: number; room?: ReadRoom | undefined },
  ): Promise<Buffer> {
    const length = Math.min(bytes, ref.sizeBytes - position)
    const window = await file.read(ref.position + position, length, room?.take(length))
    if (window.length < length) throw this.#damage(ref, position, 'the file ends too early')
    return window
  }

  /** Bytes of the batch that is larger than the window it was found in. */
  #neededAt(ref: SegmentRef, position: number, window: Buffer): number {
    const size = window.length < HEADER_BYTES ? 0 : batchBytes(window)
    if (size <= window.length || position + size > ref.sizeBytes)
      throw this.#damage(ref, position, 'a batch does not fit in its run')
    return size
  }

  /** All whole batches of a window that lies at `position` of the run; says where they end. */
  #checkAll(ref: SegmentRef, position: number, window: Buffer): number {
    let at = 0
    for (let size = wholeAt(window, at); size > 0; size = wholeAt(window, at)) {
      const problem = checkStoredBatch(window, at, at + size)
      if (problem !== null) throw this.#damage(ref, position + at, problem.message)
      this.#checkOffsets(ref, position + at, window, at)
      at += size
    }
    return at
  }

  #check(ref: SegmentRef, position: number, batch: Buffer, isCheckedLater = false): void {
    // What is enveloped does not go on as it is: it is translated.
    const problem = isCheckedLater && !isEnveloped(batch) ? null : checkStoredBatch(batch)
    if (problem !== null) throw this.#damage(ref, position, problem.message)
    this.#checkOffsets(ref, position, batch, 0)
  }

  /** The base offset has no checksum; that it is within bounds is what can be said of it. */
  #checkOffsets(ref: SegmentRef, position: number, bytes: Buffer, at: number): void {
    if (baseOffsetOf(bytes, at) < ref.baseOffset || lastOffsetOf(bytes, at) >= ref.endOffset)
      throw this.#damage(ref, position, 'a batch has offsets that its run does not have')
  }

  #damage(ref: SegmentRef, position: number, why: string): DamagedStoreError {
    const path = this.files.path(ref.file)
    return new DamagedStoreError(path, ref.position + position, why, RESTORE)
  }
}

/** The last entry whose first offset is not behind `from`; the first one if there is none. */
export function entryBefore(offsets: Float64Array, from: number): number {
  return Math.max(0, firstWhere(0, offsets.length, index => offsets[index]! > from) - 1)
}

/** The first record of a batch that has both its offset and its time at or behind the given. */
export function firstRecordSince(
  batch: Buffer,
  timestamp: number,
  from: Offset,
): TimedOffset | undefined {
  const records = new RecordScanner(batch)
  while (records.next()) {
    if (records.offset >= from && records.timestamp >= timestamp)
      return { offset: Offset(records.offset), timestamp: records.timestamp }
  }
  return undefined
}

/** Bytes of the batch at `at` if all of it is in the window, else 0. */
function wholeAt(window: Buffer, at: number): number {
  if (at + HEADER_BYTES > window.length) return 0
  const size = batchBytes(window, at)
  return size < HEADER_BYTES || at + size > window.length ? 0 : size
}

function batchesIn(window: Buffer): Buffer[] {
  const batches: Buffer[] = []
  for (let at = 0; at < window.length; at += batches.at(-1)!.length)
    batches.push(window.subarray(at, at + batchBytes(window, at)))
  return batches
}

function endsBefore(batch: Buffer, from: Offset): boolean {
  assert(batch.length >= HEADER_BYTES, 'a batch has a header')
  return lastOffsetOf(batch) < from
}
