import { baseOffsetOf } from '../../batch/index.ts'
import type { SegmentRef } from '../../internals.ts'
import type { CompactionPolicy, Log } from '../../store.ts'
import type { Workshop } from '../workshop.ts'
import type { SegmentWriter } from '../writer.ts'
import { type DirtyScan, scanDirty } from './dirty-scan.ts'
import { compactionPlan, rewriteGroups } from './plan.ts'
import { type SurvivalRules, survivorsOf } from './survivors.ts'

/** Memory for the keys of one pass; a log with more is compacted in several. */
export const KEY_MEMORY_BYTES_MAX = 64 * 1024 * 1024
/** So much is rewritten, and needs room on the disk beside the old, at a time. */
const GROUP_BYTES_MAX = 256 * 1024 * 1024

/** One pass over one log, if it is due. False when it is not. */
export async function compactOnce(
  workshop: Workshop,
  log: Log,
  now: number,
  memoryBytesMax: number = KEY_MEMORY_BYTES_MAX,
): Promise<boolean> {
  const policy = log.policy.compaction
  if (policy === null) return false
  const refs = workshop.source.segments(log.id).filter(ref => ref.endOffset > log.startOffset)
  const plan = compactionPlan(refs, policy, now)
  if (plan === null) return false
  const scan = await scanDirty(workshop, plan.dirty, memoryBytesMax)
  const reached = plan.dirty.filter(ref => ref.baseOffset < scan.endOffset)
  // A transaction that is open from the first dirty offset on leaves nothing to do.
  if (reached.length === 0) return false
  const bytesMax = Math.min(log.policy.segmentBytes, GROUP_BYTES_MAX)
  for (const group of rewriteGroups([...plan.clean, ...reached], bytesMax)) {
    if (!isStillNamed(workshop, log, group)) return true
    await compactGroup(workshop, group, { scan, policy, now })
  }
  return true
}

type Pass = {
  readonly scan: DirtyScan
  readonly policy: CompactionPolicy
  readonly now: number
}

async function compactGroup(
  workshop: Workshop,
  group: readonly SegmentRef[],
  { scan, policy, now }: Pass,
): Promise<void> {
  const rules = { scan, tombstoneRetentionMs: policy.tombstoneRetentionMs, now }
  let bytes = 0
  for (const ref of group) bytes += ref.sizeBytes
  await workshop.replace({ bytesNeeded: bytes, isFreeing: false }, async writer => {
    await writeSurvivors(workshop, writer, group, rules, scan)
    return group
  })
}

async function writeSurvivors(
  workshop: Workshop,
  writer: SegmentWriter,
  group: readonly SegmentRef[],
  rules: SurvivalRules,
  scan: DirtyScan,
): Promise<void> {
  const first = group[0]!
  writer.begin({ ...startOf(first), isCompacted: true })
  let isBeyond = false
  for (const ref of group) {
    for await (const batches of workshop.reader.batches(ref)) {
      for (const batch of batches) {
        if (!isBeyond && baseOffsetOf(batch) >= scan.endOffset) {
          // The rest was not scanned: it stays as it is, for the next pass.
          isBeyond = true
          writer.end(scan.endOffset)
          writer.begin({ ...startOf(ref), baseOffset: scan.endOffset, isCompacted: false })
        }
        const survivors = isBeyond ? batch : survivorsOf(batch, rules)
        if (survivors !== null) await writer.add(survivors)
        await workshop.pause()
      }
    }
  }
  writer.end(group.at(-1)!.endOffset)
}

const startOf = ({ log, baseOffset, createdAt }: SegmentRef) => ({ log, baseOffset, createdAt })

/** The log may have been deleted, or cut at its beginning, since the pass began. */
function isStillNamed(workshop: Workshop, log: Log, group: readonly SegmentRef[]): boolean {
  if (workshop.source.log(log.id) === undefined) return false
  const refs = workshop.source.segments(log.id)
  return group.every(ref => refs.includes(ref))
}
