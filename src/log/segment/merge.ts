import type { SegmentRef } from '../internals.ts'
import type { Log } from '../store.ts'
import { copyRuns } from './rewrite.ts'
import type { RoomNeeded, Workshop } from './workshop.ts'

/**
 * Segments from this size on are fine as they are: a fetch of a megabyte reads two or three. What
 * is rewritten from slots at a time gives as much to each of thirty logs. Smaller ones are joined.
 */
const JOIN_BYTES_MAX = 512 * 1024
/** So many neighbours of like size make one: each byte is rewritten once per eightfold growth. */
const JOIN_COUNT = 8
const SMALLEST_TIER_BYTES = 1024
/** A file that is mostly dead is rewritten when its share of living bytes falls under this. */
const LIVE_SHARE_MIN = 0.5
/** What one job rewrites. */
const JOB_BYTES_MAX = 64 * 1024 * 1024

/**
 * Neighbours of one log that should become one segment. A group has members of one tier or below,
 * all compacted or none, together not above what the log wants of a segment.
 */
export function joinGroups(refs: readonly SegmentRef[], segmentBytes: number): SegmentRef[][] {
  const groups: SegmentRef[][] = []
  const bytesMax = Math.min(segmentBytes, JOIN_COUNT * JOIN_BYTES_MAX)
  const taken = new Set<SegmentRef>()
  for (let tier = SMALLEST_TIER_BYTES; tier <= JOIN_BYTES_MAX; tier *= JOIN_COUNT) {
    let group: SegmentRef[] = []
    let bytes = 0
    let largest = 0
    const close = () => {
      // One large and some crumbs: rewriting the large one again and again would not pay.
      if (group.length >= JOIN_COUNT && bytes >= 2 * largest) {
        groups.push(group)
        for (const ref of group) taken.add(ref)
      }
      group = []
      bytes = 0
      largest = 0
    }
    for (const ref of refs) {
      if (taken.has(ref) || ref.sizeBytes >= tier) {
        close()
        continue
      }
      const isOther = group[0] !== undefined && group[0].isCompacted !== ref.isCompacted
      if (isOther || bytes + ref.sizeBytes > bytesMax) close()
      group.push(ref)
      bytes += ref.sizeBytes
      largest = Math.max(largest, ref.sizeBytes)
    }
    close()
  }
  return groups
}

/** Joins small segments of as many logs as one job takes. False when there was nothing to join. */
export async function joinOnce(workshop: Workshop): Promise<boolean> {
  const groups: SegmentRef[][] = []
  let bytes = 0
  for (const log of workshop.source.logs()) {
    await workshop.pause()
    const refs = workshop.source.segments(log.id)
    if (refs.length < JOIN_COUNT) continue
    for (const group of joinGroups(refs, log.policy.segmentBytes)) {
      groups.push(group)
      for (const ref of group) bytes += ref.sizeBytes
    }
    if (bytes >= JOB_BYTES_MAX) break
  }
  if (groups.length === 0) return false
  await rewrite(workshop, groups, { bytesNeeded: bytes, isFreeing: false })
  return true
}

export type FileUse = { liveBytes: number; readonly refs: SegmentRef[] }

/** Who uses which file. Costs a walk over all references. */
export async function fileUses(workshop: Workshop): Promise<Map<number, FileUse>> {
  const uses = new Map<number, FileUse>()
  for (const log of workshop.source.logs()) {
    await workshop.pause()
    for (const ref of workshop.source.segments(log.id)) {
      let use = uses.get(ref.file)
      if (use === undefined) {
        use = { liveBytes: 0, refs: [] }
        uses.set(ref.file, use)
      }
      use.refs.push(ref)
      use.liveBytes += ref.sizeBytes
    }
  }
  return uses
}

/** Rewrites what lives in mostly dead files. False when no file is. */
export async function rescueOnce(
  workshop: Workshop,
  uses: ReadonlyMap<number, FileUse>,
  sizeBytesOf: (file: number) => number,
): Promise<boolean> {
  const groups: SegmentRef[][] = []
  const roomBytes = await workshop.roomToFree()
  let bytes = 0
  for (const [file, use] of uses) {
    if (use.liveBytes >= sizeBytesOf(file) * LIVE_SHARE_MIN) continue
    // Indexes count as dead bytes, so a file of tiny runs may be full of life and look dead.
    const overhead = use.refs.length * 128
    if (use.liveBytes + overhead >= sizeBytesOf(file) * LIVE_SHARE_MIN) continue
    // On a disk that is almost full, those that fit: what they free helps the others.
    if (bytes > 0 && bytes + use.liveBytes > roomBytes) continue
    for (const ref of use.refs) groups.push([ref])
    bytes += use.liveBytes
    if (bytes >= JOB_BYTES_MAX) break
  }
  if (groups.length === 0) return false
  await rewrite(workshop, groups, { bytesNeeded: bytes, isFreeing: true })
  return true
}

async function rewrite(
  workshop: Workshop,
  groups: readonly SegmentRef[][],
  room: RoomNeeded,
): Promise<void> {
  const { source } = workshop
  await workshop.replace(room, async writer => {
    const removed: SegmentRef[] = []
    for (const group of [...groups].sort(byLogAndOffset)) {
      // A log may have been deleted, or have lost its oldest segments, since it was chosen.
      const log = source.log(group[0]!.log)
      if (log === undefined || !isNamed(source.segments(log.id), group)) continue
      await copyRuns(workshop, writer, group)
      removed.push(...group)
    }
    return removed
  })
}

function isNamed(refs: readonly SegmentRef[], group: readonly SegmentRef[]): boolean {
  return group.every(ref => refs.includes(ref))
}

function byLogAndOffset(a: SegmentRef[], b: SegmentRef[]): number {
  return a[0]!.log - b[0]!.log || a[0]!.baseOffset - b[0]!.baseOffset
}

/** Segments that lie wholly below where the log begins now. */
export function deadRefs(log: Log, refs: readonly SegmentRef[]): SegmentRef[] {
  return refs.filter(ref => ref.endOffset <= log.startOffset)
}
