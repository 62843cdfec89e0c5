import {
  compressionOf,
  deleteHorizonOf,
  encodeBatch,
  isAppendTime,
  isEnveloped,
  isReferring,
  leaderEpochOf,
  maxTimestampOf,
  type NewRecord,
  RecordScanner,
  summaryOf,
} from '../../batch/index.ts'
import type { BatchSummary } from '../../store.ts'
import type { DirtyScan } from './dirty-scan.ts'

/** As long as Kafka, by default, remembers a producer that has fallen silent. */
const PRODUCER_KEPT_MS = 24 * 3600 * 1000

export type SurvivalRules = {
  readonly scan: Pick<DirtyScan, 'keys' | 'aborted' | 'producerEnds'>
  readonly tombstoneRetentionMs: number
  readonly now: number
}

/**
 * What compaction leaves of a batch: the same buffer, a smaller batch with the same offsets, or
 * null. A record stays when it is the newest of its key, and a tombstone only until its time is up;
 * records without key go. The first compaction that meets a tombstone sets that time (KIP-534).
 */
export function survivorsOf(batch: Buffer, rules: SurvivalRules): Buffer | null {
  const summary = summaryOf(batch)
  // Markers stay: they are few, and readers of transactions need them.
  if (summary.isControl) return batch
  const horizon = deleteHorizonOf(batch)
  const keepsTombstones = horizon === undefined || rules.now < horizon
  const kept: NewRecord[] = []
  let hasTombstone = false
  if (!isAborted(summary, rules)) {
    const records = new RecordScanner(batch)
    while (records.next()) {
      const key = records.key()
      if (key === null) continue
      const newest = rules.scan.keys.get(key)
      if (newest !== undefined && records.offset < newest) continue
      const isTombstone = records.valueBytes < 0
      if (isTombstone && !keepsTombstones) continue
      hasTombstone ||= isTombstone
      const { timestamp, value, headers } = records.record()
      kept.push({ timestamp, key, value, headers, offsetDelta: records.offsetDelta })
    }
  }
  if (kept.length === 0) return isLastOfProducer(summary, rules) ? emptied(batch, summary) : null
  const needsHorizon = hasTombstone && horizon === undefined
  if (kept.length === summary.count && !needsHorizon) return batch
  const newHorizon = needsHorizon ? rules.now + rules.tombstoneRetentionMs : horizon
  return encodeBatch(kept, {
    ...sameHeader(batch, summary),
    compression: compressionOf(batch) ?? 'none',
    ...(newHorizon === undefined ? {} : { deleteHorizon: newHorizon }),
  })
}

function isAborted(summary: BatchSummary, rules: SurvivalRules): boolean {
  if (!summary.isTransactional) return false
  return rules.scan.aborted.some(
    ({ producerId, first, last }) =>
      producerId === summary.producerId && first <= summary.baseOffset && summary.lastOffset < last,
  )
}

/** Its header tells the producer's last sequence number, so it stays, without records. */
function isLastOfProducer(summary: BatchSummary, rules: SurvivalRules): boolean {
  if (summary.producerId < 0) return false
  if (rules.now - summary.maxTimestamp > PRODUCER_KEPT_MS) return false
  const later = rules.scan.producerEnds.get(summary.producerId)
  return later === undefined || later <= summary.lastOffset
}

function emptied(batch: Buffer, summary: BatchSummary): Buffer {
  if (summary.count === 0) return batch
  return encodeBatch([], { ...sameHeader(batch, summary), maxTimestamp: summary.maxTimestamp })
}

function sameHeader(batch: Buffer, summary: BatchSummary) {
  return {
    baseOffset: summary.baseOffset,
    lastOffsetDelta: summary.lastOffset - summary.baseOffset,
    leaderEpoch: leaderEpochOf(batch),
    producerId: summary.producerId,
    producerEpoch: summary.producerEpoch,
    baseSequence: summary.baseSequence,
    isTransactional: summary.isTransactional,
    isEnveloped: isEnveloped(batch),
    isReferring: isReferring(batch),
    ...(isAppendTime(batch) ? { appendTime: maxTimestampOf(batch) } : {}),
  }
}
