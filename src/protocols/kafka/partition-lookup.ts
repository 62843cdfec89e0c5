import type { Partition } from '../../broker/topic/index.ts'
import { errorCode } from './constants.ts'

/**
 * A topic's partitions never change their leader here, so there is one epoch. It must be what the
 * Metadata API says.
 */
export const LEADER_EPOCH = 0

/** Who leads a partition and who holds it: this broker, its only replica. */
export function leadership(index: number, replicas: readonly [nodeId: number]) {
  return {
    errorCode: errorCode.NONE,
    partitionIndex: index,
    leaderId: replicas[0],
    leaderEpoch: LEADER_EPOCH,
    replicaNodes: replicas,
    isrNodes: replicas,
  }
}

/** What a client may believe of the leader: -1 when it does not care. */
export function leaderEpochError(currentLeaderEpoch: number): number {
  if (currentLeaderEpoch < 0 || currentLeaderEpoch === LEADER_EPOCH) return errorCode.NONE
  return errorCode.UNKNOWN_LEADER_EPOCH // A client from the future: epochs below ours do not exist.
}

/** The error for a partition that is not there, by the way in which it was named. */
export function missingError(isById: boolean): number {
  return isById ? errorCode.UNKNOWN_TOPIC_ID : errorCode.UNKNOWN_TOPIC_OR_PARTITION
}

/** A log of a deleted topic is no log any more. */
export function isGone(partition: Partition | undefined): partition is undefined {
  return partition === undefined || partition.topic.isDeleted
}
