import type { SegmentRef } from '../../internals.ts'
import type { CompactionPolicy } from '../../store.ts'

export type CompactionPlan = {
  /** Compacted before; rewritten, because newer records may replace some of theirs. */
  readonly clean: readonly SegmentRef[]
  readonly dirty: readonly SegmentRef[]
}

/** What to compact now, or null when it is not worth it. The first record decides nothing alone. */
export function compactionPlan(
  refs: readonly SegmentRef[],
  policy: CompactionPolicy,
  now: number,
): CompactionPlan | null {
  const firstDirty = refs.findIndex(ref => !ref.isCompacted)
  if (firstDirty === -1) return null
  const clean = refs.slice(0, firstDirty)
  const rest = refs.slice(firstDirty)
  const young = rest.findIndex(ref => policy.lagMsMin > 0 && timeOf(ref) > now - policy.lagMsMin)
  const dirty = young === -1 ? rest : rest.slice(0, young)
  const dirtyBytes = sum(dirty)
  if (dirtyBytes === 0) return null
  const isOverdue = now - dirty[0]!.createdAt > policy.lagMsMax
  const ratio = dirtyBytes / (dirtyBytes + sum(clean))
  return isOverdue || ratio >= policy.dirtyRatioMin ? { clean, dirty } : null
}

const timeOf = (ref: SegmentRef): number =>
  ref.maxTimestamp >= 0 ? ref.maxTimestamp : ref.createdAt

function sum(refs: readonly SegmentRef[]): number {
  let bytes = 0
  for (const ref of refs) bytes += ref.sizeBytes
  return bytes
}

/** Neighbours that are rewritten into one segment, none larger than the log wants its segments. */
export function rewriteGroups(refs: readonly SegmentRef[], bytesMax: number): SegmentRef[][] {
  const groups: SegmentRef[][] = []
  let group: SegmentRef[] = []
  let bytes = 0
  for (const ref of refs) {
    if (group.length > 0 && bytes + ref.sizeBytes > bytesMax) {
      groups.push(group)
      group = []
      bytes = 0
    }
    group.push(ref)
    bytes += ref.sizeBytes
  }
  if (group.length > 0) groups.push(group)
  return groups
}
