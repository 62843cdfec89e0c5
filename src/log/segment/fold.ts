import { InvariantError } from '../../lib/assert.ts'
import { Offset } from '../../lib/brand.ts'
import { baseOffsetOf } from '../batch/index.ts'
import type { ChainEntry } from '../internals.ts'
import type { LogId, LogPolicy, SlotNumber } from '../store.ts'
import type { Workshop } from './workshop.ts'
import type { SegmentWriter } from './writer.ts'

/** Slots are rewritten by so many bytes at a time, so that a file is worth its name. */
const FOLD_BYTES = 64 * 1024 * 1024
/** Batches are fetched together: up to so many, holding up to so many bytes. */
const FETCH_COUNT = 64
const FETCH_BYTES = 1024 * 1024

/** Rewrites one stretch of slots, all below `below`, by log. False when there is none. */
export async function foldOnce(workshop: Workshop, below: SlotNumber): Promise<boolean> {
  const { source } = workshop
  const from = source.segmentedBelow
  if (from >= below) return false
  const runEnd = source.runEnd(from, FOLD_BYTES)
  const end = runEnd < below ? runEnd : below
  const byLog = source.entries(from, end)
  let bytes = 0
  for (const entries of byLog.values()) for (const entry of entries) bytes += entry.sizeBytes
  if (bytes === 0) {
    await source.change({ added: [], removed: [], segmentedBelow: end })
    return true
  }
  const fill = async (writer: SegmentWriter) => {
    for (const [id, entries] of [...byLog].sort(([a], [b]) => a - b)) {
      const log = source.log(id)
      // Deleted meanwhile: nobody misses it.
      if (log !== undefined) await foldLog(workshop, writer, id, { entries, policy: log.policy })
    }
    return []
  }
  await workshop.replace(bytes, fill, end)
  return true
}

type Work = { readonly entries: readonly ChainEntry[]; readonly policy: LogPolicy }

async function foldLog(
  workshop: Workshop,
  writer: SegmentWriter,
  log: LogId,
  { entries, policy }: Work,
): Promise<void> {
  let runStart: ChainEntry | undefined
  for (let first = 0; first < entries.length; ) {
    const last = fetchEnd(entries, first)
    const wanted = livingEntries(workshop, log, entries.slice(first, last))
    const batches = await Promise.all(wanted.map(entry => workshop.source.readEntry(log, entry)))
    for (const [index, batch] of batches.entries()) {
      const entry = wanted[index]!
      // Truncated while it was read: it is not there any more, and nobody will miss it.
      if (batch === undefined || baseOffsetOf(batch) !== entry.baseOffset) {
        if (livingEntries(workshop, log, [entry]).length === 0) continue
        throw new InvariantError(`log ${log} has no batch at ${entry.baseOffset}`)
      }
      if (runStart === undefined || isFull(writer, runStart, entry, policy)) {
        if (runStart !== undefined) writer.end(entry.baseOffset)
        writer.begin({
          log,
          baseOffset: entry.baseOffset,
          createdAt: createdAt(workshop, entry),
          isCompacted: false,
        })
        runStart = entry
      }
      await writer.add(batch)
      await workshop.pause()
    }
    first = last
  }
  if (runStart !== undefined) writer.end(Offset(entries.at(-1)!.lastOffset + 1))
}

/** Those that neither truncation nor deletion of their log has taken since they were listed. */
function livingEntries(
  workshop: Workshop,
  id: LogId,
  entries: readonly ChainEntry[],
): readonly ChainEntry[] {
  const log = workshop.source.log(id)
  if (log === undefined) return []
  return entries.filter(entry => entry.lastOffset >= log.startOffset)
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

function fetchEnd(entries: readonly ChainEntry[], first: number): number {
  let end = first
  let bytes = 0
  while (end < entries.length && end - first < FETCH_COUNT && bytes < FETCH_BYTES)
    bytes += entries[end++]!.sizeBytes
  return end
}
