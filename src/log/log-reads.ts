import { Offset } from '../lib/brand.ts'
import { firstWhere } from '../lib/search.ts'
import {
  baseOffsetOf,
  checkStoredBatch,
  isEnveloped,
  lastOffsetOf,
  maxTimestampOf,
  RecordScanner,
} from './batch/index.ts'
import type { Chain } from './chain/index.ts'
import type { ChainEntry, SegmentReader, SegmentRef } from './internals.ts'
import type { EntryList } from './entry-list.ts'
import type { SlotRecords } from './slot-records.ts'
import type { StoredLog } from './stored-log.ts'
import { DamagedStoreError, OutOfRangeError, type ReadRoom, type TimedOffset } from './store.ts'

const NOTHING: readonly Buffer[] = []
/** Parts of one slot this close to each other are read in one go. */
const GAP_BYTES_MAX = 32 * 1024

type Part = { readonly slot: number; readonly position: number; readonly sizeBytes: number }

/** Reads of all logs: from memory at once, from the chain's files or from segments later. */
export class LogReads {
  #chain: Chain | null = null
  /** The first slot that this process writes. */
  #freshFrom = Number.POSITIVE_INFINITY
  readonly #segments: SegmentReader | null
  readonly #tail: SlotRecords | null

  /** Null when there are none: everything stays in memory. */
  constructor(segments: SegmentReader | null, tail: SlotRecords | null) {
    this.#segments = segments
    this.#tail = tail
  }

  /** The oldest slot that is in memory. */
  get tailFrom(): number {
    return this.#tail?.first ?? Number.POSITIVE_INFINITY
  }

  /** The chain arrives last: recovery finds out where it goes on. */
  attach(chain: Chain, next: number): void {
    this.#chain = chain
    this.#freshFrom = next
  }

  read(
    log: StoredLog,
    from: Offset,
    bytesMax: number,
    room?: ReadRoom,
  ): readonly Buffer[] | Promise<readonly Buffer[]> {
    const lent = this.lend(log, from, bytesMax)
    if (lent !== null) return log.entries?.hasBatches === true ? lent : copiesOf(lent, room)
    const index = youngIndex(log, from)
    return index < 0
      ? this.#readSegments(log, from, bytesMax, room)
      : this.#readChain(log, index, bytesMax, room)
  }

  /** Views of what is in memory; null when it is not. */
  lend(log: StoredLog, from: Offset, bytesMax: number): readonly Buffer[] | null {
    if (from < log.startOffset || from > log.confirmedEnd)
      throw new OutOfRangeError(from, log.startOffset, log.confirmedEnd)
    if (from === log.confirmedEnd) return NOTHING
    log.trim()
    const index = youngIndex(log, from)
    if (index < 0) return null
    const views = this.#viewMemory(log, index, bytesMax, log.confirmedEnd)
    return views.length > 0 ? views : null
  }

  readNow(log: StoredLog, from: Offset, bytesMax: number): readonly Buffer[] {
    const { startOffset, endOffset } = log
    if (from < startOffset || from > endOffset)
      throw new OutOfRangeError(from, startOffset, endOffset)
    log.trim()
    const index = youngIndex(log, from)
    if (index < 0) return this.#readSegmentsNow(log, from, bytesMax)
    return this.#readYoungNow(log, index, bytesMax)
  }

  #readYoungNow(log: StoredLog, index: number, bytesMax: number): readonly Buffer[] {
    const views = this.#viewMemory(log, index, bytesMax, log.endOffset)
    if (views.length === 0) return this.#readChainNow(log, index, bytesMax)
    return log.entries!.hasBatches ? views : copiesOf(views)
  }

  /** The batch of one entry, wherever it is. */
  readEntry(log: StoredLog, entry: ChainEntry): Buffer | Promise<Buffer> {
    const index = log.entries?.find(entry.baseOffset) ?? 0
    const known = log.entries === null ? null : this.#viewOf(log.entries, index)
    if (known !== null) return Buffer.from(known)
    return this.#readChain(log, index, 1).then(batches => batches[0]!)
  }

  /** While one place is read, what is stored where may change: each step looks afresh. */
  async findByTime(log: StoredLog, timestamp: number): Promise<TimedOffset | undefined> {
    let at: number = log.startOffset
    while (true) {
      log.trim()
      const ref = log.segments.find(
        candidate => candidate.endOffset > at && candidate.maxTimestamp >= timestamp,
      )
      const entry = ref === undefined ? youngSince(log, at, timestamp) : undefined
      if (ref === undefined && entry === undefined) return undefined
      const found =
        ref !== undefined
          ? await this.#segments!.findByTime(ref, timestamp, log.startOffset)
          : firstAtOrAfter(await this.readEntry(log, entry!), timestamp, log.startOffset)
      if (found !== undefined) return found
      at = ref?.endOffset ?? entry!.lastOffset + 1
    }
  }

  async findNewest(log: StoredLog): Promise<TimedOffset | undefined> {
    let newest = -1
    for (const ref of log.segments) newest = Math.max(newest, ref.maxTimestamp)
    const { entries } = log
    for (let index = entries?.unsegmented ?? 0; index < (entries?.count ?? 0); index++) {
      if (entries!.lastOffset(index) >= log.confirmedEnd) break
      newest = Math.max(newest, entries!.maxTimestamp(index))
    }
    return newest < 0 ? undefined : this.findByTime(log, newest)
  }

  /**
   * Runs are read until half of the bytes are there: with many logs each run is short. One may hold
   * nothing at or after `from` (compaction): then the next one is asked.
   */
  async #readSegments(
    log: StoredLog,
    from: Offset,
    bytesMax: number,
    room?: ReadRoom,
  ): Promise<readonly Buffer[]> {
    let at = from
    let leftBytes = bytesMax
    const found: Buffer[] = []
    while (leftBytes > bytesMax / 2 || found.length === 0) {
      const ref = segmentAt(log.segments, at)
      if (ref === undefined || (found.length > 0 && at < log.startOffset)) break
      const batches = await this.#readRunOf(ref, {
        at,
        bytesMax: leftBytes,
        room,
        hasFound: found.length > 0,
      })
      if (batches === null) break
      for (const batch of batches) {
        leftBytes -= batch.length
        if (leftBytes < 0 && found.length > 0) return found
        found.push(batch)
      }
      const last = batches.at(-1)
      at = last === undefined ? ref.endOffset : Offset(lastOffsetOf(last) + 1)
    }
    if (found.length > 0 || at === from || at >= log.confirmedEnd) return found
    return this.read(log, Offset(Math.max(at, log.startOffset)), bytesMax, room)
  }

  /** Null for a damaged one behind what was found: whoever reads on from there is told. */
  async #readRunOf(
    ref: SegmentRef,
    look: { at: Offset; bytesMax: number; room: ReadRoom | undefined; hasFound: boolean },
  ): Promise<readonly Buffer[] | null> {
    try {
      return await this.#segments!.read(ref, look.at, look.bytesMax, look.room)
    } catch (thrown) {
      if (look.hasFound) return null
      throw thrown
    }
  }

  /** Nothing when the first is not in memory. */
  #viewMemory(log: StoredLog, first: number, bytesMax: number, before: number): readonly Buffer[] {
    const entries = log.entries!
    if (entries.lastOffset(first) >= before) return NOTHING
    const one = this.#viewOf(entries, first)
    if (one === null) return NOTHING
    const batches = [one] // Mostly there is no other, and no room for more is needed.
    let bytes = entries.sizeBytes(first)
    for (let index = first + 1; index < entries.count; index++) {
      if (entries.lastOffset(index) >= before) break
      bytes += entries.sizeBytes(index)
      if (bytes > bytesMax) break
      const batch = this.#viewOf(entries, index)
      if (batch === null) break
      batches.push(batch)
    }
    return batches
  }

  #viewOf(entries: EntryList, index: number): Buffer | null {
    const own = entries.batch(index)
    if (own !== null || this.#tail === null) return own
    const [slot, position] = [entries.slot(index), entries.bodyPosition(index)]
    return this.#tail.batch(slot, position, entries.sizeBytes(index))
  }

  #readSegmentsNow(log: StoredLog, from: Offset, bytesMax: number): readonly Buffer[] {
    for (const ref of log.segments) {
      if (ref.endOffset <= from) continue
      const batches = this.#segments!.readNow(ref, from, bytesMax)
      if (batches.length > 0) return batches
    }
    // What was compacted away ends where the chain goes on, or a newer segment.
    const { entries } = log
    const index = entries?.find(from) ?? 0
    if (entries === null || index === entries.count) return NOTHING
    return this.#readYoungNow(log, index, bytesMax)
  }

  /** What lies side by side is one read; more is not waited for. */
  #readChainNow(log: StoredLog, index: number, bytesMax: number): readonly Buffer[] {
    const parts = this.#partsOf(log, index, bytesMax)
    const end = runEnd(parts, 0)
    const { slot, position } = parts[0]!
    const last = parts[end - 1]!
    const length = last.position + last.sizeBytes - position
    const bytes = this.#chain!.readBodyNow(slot, position, length)
    return this.#cut(bytes, parts.slice(0, end), false)
  }

  /** All reads are begun before the first is awaited: later the entries may have moved on. */
  async #readChain(
    log: StoredLog,
    first: number,
    bytesMax: number,
    room?: ReadRoom,
  ): Promise<readonly Buffer[]> {
    const parts = this.#partsOf(log, first, bytesMax)
    const reads: Promise<Buffer[]>[] = []
    for (let begin = 0; begin < parts.length; ) {
      const end = runEnd(parts, begin)
      reads.push(this.#readRun(parts.slice(begin, end), room))
      begin = end
    }
    return (await Promise.all(reads)).flat()
  }

  #partsOf(log: StoredLog, first: number, bytesMax: number): Part[] {
    const entries = log.entries!
    const parts: Part[] = []
    let bytes = 0
    for (let index = first; index < entries.count; index++) {
      const sizeBytes = entries.sizeBytes(index)
      if (entries.lastOffset(index) >= log.confirmedEnd) break
      if (entries.slot(index) >= this.tailFrom) break
      if (parts.length > 0 && bytes + sizeBytes > bytesMax) break
      parts.push({ slot: entries.slot(index), position: entries.bodyPosition(index), sizeBytes })
      bytes += sizeBytes
    }
    return parts
  }

  async #readRun(parts: readonly Part[], room: ReadRoom | undefined): Promise<Buffer[]> {
    const { slot, position } = parts[0]!
    const last = parts.at(-1)!
    const length = last.position + last.sizeBytes - position
    const bytes = await this.#chain!.readBody(slot, position, length, room?.take(length))
    return this.#cut(bytes, parts, room?.isCheckedLater === true && slot >= this.#freshFrom)
  }

  #cut(bytes: Buffer, parts: readonly Part[], isCheckedLater: boolean): Buffer[] {
    const { slot, position } = parts[0]!
    return parts.map(part => {
      const batch = bytes.subarray(part.position - position).subarray(0, part.sizeBytes)
      if (isCheckedLater && !isEnveloped(batch)) return batch
      if (checkStoredBatch(batch) === null) return batch
      throw damagedBatch(this.#chain!, slot)
    })
  }
}

/** The first young entry that ends at or behind `from`; -1 when segments have what comes first. */
function youngIndex(log: StoredLog, from: Offset): number {
  const { entries } = log
  const index = entries === null ? 0 : entries.find(from)
  if (entries === null || index === entries.count) return -1
  return index === 0 && entries.baseOffset(0) > from && isSegmented(log, from) ? -1 : index
}

/** The first that ends behind `at`; undefined when all end before. */
function segmentAt(refs: readonly SegmentRef[], at: number): SegmentRef | undefined {
  return refs[firstWhere(0, refs.length, index => refs[index]!.endOffset > at)]
}

/** Side by side in one buffer. */
function copiesOf(views: readonly Buffer[], room?: ReadRoom): readonly Buffer[] {
  let sizeBytes = 0
  for (const { length } of views) sizeBytes += length
  const whole = room?.take(sizeBytes) ?? Buffer.allocUnsafe(sizeBytes)
  let end = 0
  return views.map(view => {
    const start = end
    end += view.copy(whole, start)
    return whole.subarray(start, end)
  })
}

const isSegmented = (log: StoredLog, from: Offset): boolean => {
  const last = log.segments.at(-1)
  return last !== undefined && from < last.endOffset
}

/** The first young batch, at or behind `at`, with a record that new. */
function youngSince(log: StoredLog, at: number, timestamp: number): ChainEntry | undefined {
  const { entries } = log
  if (entries === null) return undefined
  for (let index = entries.find(at); index < entries.count; index++) {
    if (entries.lastOffset(index) >= log.confirmedEnd) return undefined
    if (entries.maxTimestamp(index) >= timestamp) return entries.entry(index)
  }
  return undefined
}

/** The end of the parts, from `begin` on, that lie close together in one slot. */
function runEnd(parts: readonly Part[], begin: number): number {
  let end = begin + 1
  for (; end < parts.length; end++) {
    const before = parts[end - 1]!
    const part = parts[end]!
    if (part.slot !== before.slot) break
    if (part.position - before.position - before.sizeBytes > GAP_BYTES_MAX) break
  }
  return end
}

export function damagedBatch(chain: Chain, slot: number): DamagedStoreError {
  const { path, position } = chain.place(slot)
  const remedy = 'Restore the folder from a copy; "sabir log check" lists what is damaged.'
  const damage = `a batch in slot ${slot} does not fit its checksum`
  return new DamagedStoreError(path, position, damage, remedy)
}

function firstAtOrAfter(
  batch: Buffer,
  timestamp: number,
  startOffset: Offset,
): TimedOffset | undefined {
  if (maxTimestampOf(batch) < timestamp || lastOffsetOf(batch) < startOffset) return undefined
  const scanner = new RecordScanner(batch)
  while (scanner.next()) {
    if (scanner.timestamp >= timestamp && scanner.offset >= startOffset)
      return { offset: Offset(scanner.offset), timestamp: scanner.timestamp }
  }
  // No record says so, though the header does: the whole batch is the best answer.
  return { offset: baseOffsetOf(batch), timestamp: maxTimestampOf(batch) }
}
