import { Offset } from '../../lib/brand.ts'
import type { ChainEntries, LoadedSlots, SegmentSource } from '../internals.ts'
import type { LogId, LogPolicy, SlotNumber } from '../store.ts'
import type { Workshop } from './workshop.ts'
import type { SegmentWriter } from './writer.ts'

/** Slots are rewritten by so many bytes at a time: they are in memory then, all of them. */
const FOLD_BYTES = 16 * 1024 * 1024
const FOLD_BYTES_MIN = 256 * 1024

/** Rewrites one stretch of slots, all below `below`, by log. There is one. */
export async function foldOnce(workshop: Workshop, below: SlotNumber): Promise<void> {
  const { source } = workshop
  const from = source.segmentedBelow
  const { end, byLog, bytes } = stretchThatFits(source, from, below, await workshop.roomToFree())
  if (bytes === 0) {
    await source.change({ added: [], removed: [], segmentedBelow: end })
    return
  }
  const fill = async (writer: SegmentWriter) => {
    const slots = await source.load(from, end)
    for (const [id, entries] of [...byLog].sort(([a], [b]) => a - b)) {
      const log = source.log(id)
      // Deleted meanwhile: nobody misses it.
      if (log !== undefined) await foldLog(workshop, writer, id, { slots, entries })
    }
    return []
  }
  await workshop.replace({ bytesNeeded: bytes, isFreeing: true }, fill, end)
}

type Stretch = { end: SlotNumber; byLog: Map<LogId, ChainEntries>; bytes: number }

/** On a disk that is almost full a shorter one, so that at least some of the chain can go. */
function stretchThatFits(
  source: SegmentSource,
  from: SlotNumber,
  below: SlotNumber,
  roomBytes: number,
): Stretch {
  for (let foldBytes = FOLD_BYTES; ; foldBytes /= 2) {
    const runEnd = source.runEnd(from, foldBytes)
    const end = runEnd < below ? runEnd : below
    const byLog = source.entries(from, end)
    let bytes = 0
    for (const entries of byLog.values())
      for (let index = 0; index < entries.count; index++) bytes += entries.sizeBytes(index)
    if (bytes <= roomBytes || foldBytes < FOLD_BYTES_MIN) return { end, byLog, bytes }
  }
}

type Work = { readonly slots: LoadedSlots; readonly entries: ChainEntries }

async function foldLog(
  workshop: Workshop,
  writer: SegmentWriter,
  id: LogId,
  { slots, entries }: Work,
): Promise<void> {
  /** The entry its run began with; -1: none has begun. */
  let runStart = -1
  for (let index = 0; index < entries.count; index++) {
    const log = workshop.source.log(id)
    // Truncated or deleted since it was listed: it is not there any more, and nobody misses it.
    if (log === undefined || entries.lastOffset(index) < log.startOffset) continue
    if (runStart < 0 || isFull(writer, entries, runStart, index, log.policy)) {
      const baseOffset = entries.baseOffset(index)
      if (runStart >= 0) writer.end(baseOffset)
      const createdAt = createdAtOf(workshop, entries, index)
      writer.begin({ log: id, baseOffset, createdAt, isCompacted: false })
      runStart = index
    }
    const { bytes, start, end } = slots.look(entries, index)
    const pause = writer.add(bytes, start, end) ?? workshop.pause()
    if (pause !== undefined) await pause
  }
  if (runStart >= 0) writer.end(Offset(entries.lastOffset(entries.count - 1) + 1))
}

function createdAtOf(workshop: Workshop, entries: ChainEntries, index: number): number {
  const maxTimestamp = entries.maxTimestamp(index)
  return maxTimestamp >= 0 ? maxTimestamp : workshop.platform.clock.now()
}

/** A segment of the log's own size or age is a unit of retention and compaction. */
function isFull(
  writer: SegmentWriter,
  entries: ChainEntries,
  runStart: number,
  index: number,
  policy: LogPolicy,
): boolean {
  if (writer.runBytes + entries.sizeBytes(index) > policy.segmentBytes) return true
  return entries.maxTimestamp(index) - entries.maxTimestamp(runStart) > policy.segmentMs
}
