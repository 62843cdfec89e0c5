import { partitionOf } from '../../lib/partitioner.ts'
import type { Publication } from '../../message/publication.ts'
import type { Partition, Topic } from '../topic/index.ts'
import type { Packers } from './packers.ts'

/** So many records without a key go to one partition before the next has its turn. */
const STICKY_RECORDS_MAX = 1000

/**
 * A key decides, as Kafka's own clients decide. Without one, the records of a turn stay together,
 * so that they are one batch, and the next turn takes the next partition.
 */
export function partitionFor(
  sticky: { partitionNow: number },
  { partitions }: Topic,
  { key }: Publication,
  packers: Packers,
): Partition {
  const count = partitions.length
  if (count === 1) return partitions[0]!
  if (key !== null) return partitions[partitionOf(key, count)]!
  const now = partitions[sticky.partitionNow % count]!
  const waitingCount = packers.waitingCount(now.logId)
  if (waitingCount > 0 && waitingCount < STICKY_RECORDS_MAX) return now
  sticky.partitionNow = (sticky.partitionNow + 1) % count
  return partitions[sticky.partitionNow]!
}
