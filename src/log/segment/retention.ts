import { Offset } from '../../lib/brand.ts'
import type { LogPolicy } from '../store.ts'

/** What retention drops as a whole: a segment, or the part of a log that is still in the chain. */
export type RetentionUnit = {
  /** The offset after its last. */
  readonly endOffset: Offset
  readonly sizeBytes: number
  /** Of its newest record; -1 when no record bears a time. */
  readonly maxTimestamp: number
  readonly createdAt: number
}

type Limits = Pick<LogPolicy, 'retentionMs' | 'retentionBytes'>

/**
 * Where the log begins after retention: at `start`, or behind the last unit to go. Units are in
 * offset order. Both rules take from the old end and stop at the first unit they leave.
 */
export function retentionStart(
  units: readonly RetentionUnit[],
  policy: Limits,
  start: Offset,
  now: number,
): Offset {
  const byTime = policy.retentionMs === null ? 0 : countExpired(units, policy.retentionMs, now)
  const bySize = policy.retentionBytes === null ? 0 : countSurplus(units, policy.retentionBytes)
  const last = units[Math.max(byTime, bySize) - 1]
  return last === undefined || last.endOffset <= start ? start : Offset(last.endOffset)
}

function countExpired(units: readonly RetentionUnit[], retentionMs: number, now: number): number {
  const kept = units.findIndex(unit => {
    const newest = unit.maxTimestamp >= 0 ? unit.maxTimestamp : unit.createdAt
    return now - newest <= retentionMs
  })
  return kept === -1 ? units.length : kept
}

/** A unit goes while the others hold at least as much as is to be kept. */
function countSurplus(units: readonly RetentionUnit[], retentionBytes: number): number {
  let surplus = -retentionBytes
  for (const unit of units) surplus += unit.sizeBytes
  let count = 0
  for (const unit of units) {
    surplus -= unit.sizeBytes
    if (surplus < 0) break
    count++
  }
  return count
}
