import { Offset } from '../../lib/brand.ts'
import type { ChainEntry, LoadedSlots, SegmentSource } from '../internals.ts'
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

type Stretch = { end: SlotNumber; byLog: Map<LogId, ChainEntry[]>; bytes: number }

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
    for (const entries of byLog.values()) for (const entry of entries) bytes += entry.sizeBytes
    if (bytes <= roomBytes || foldBytes < FOLD_BYTES_MIN) return { end, byLog, bytes }
  }
}

type Work = { readonly slots: LoadedSlots; readonly entries: readonly ChainEntry[] }

async function foldLog(
  workshop: Workshop,
  writer: SegmentWriter,
  id: LogId,
  { slots, entries }: Work,
): Promise<void> {
  let runStart: ChainEntry | undefined
  for (const entry of entries) {
    const log = workshop.source.log(id)
    // Truncated or deleted since it was listed: it is not there any more, and nobody misses it.
    if (log === undefined || entry.lastOffset < log.startOffset) continue
    if (runStart === undefined || isFull(writer, runStart, entry, log.policy)) {
      if (runStart !== undefined) writer.end(entry.baseOffset)
      writer.begin({
        log: id,
        baseOffset: entry.baseOffset,
        createdAt: createdAt(workshop, entry),
        isCompacted: false,
      })
      runStart = entry
    }
    const pause = writer.add(slots.batch(entry)) ?? workshop.pause()
    if (pause !== undefined) await pause
  }
  if (runStart !== undefined) writer.end(Offset(entries.at(-1)!.lastOffset + 1))
}

const createdAt = (workshop: Workshop, entry: ChainEntry): number =>
  entry.maxTimestamp >= 0 ? entry.maxTimestamp : workshop.platform.clock.now()

/** A segment of the log's own size or age is a unit of retention and compaction. */
function isFull(
  writer: SegmentWriter,
  runStart: ChainEntry,
  entry: ChainEntry,
  policy: LogPolicy,
): boolean {
  if (writer.runBytes + entry.sizeBytes > policy.segmentBytes) return true
  return entry.maxTimestamp - runStart.maxTimestamp > policy.segmentMs
}
