import type { Partition } from '../../../../broker/topic/index.ts'
import { errorCode, specialTimestamp } from '../../constants.ts'
import { LEADER_EPOCH, leaderEpochError } from '../../partition-lookup.ts'
import { listOffsets, type RequestOf, type ResponseDraft } from '../../schema/index.ts'
import { handler } from '../handler.ts'

type Wanted = RequestOf<typeof listOffsets>['topics'][number]['partitions'][number]
type Answer = ResponseDraft<typeof listOffsets>['topics'][number]['partitions'][number]

const UNKNOWN = -1

/**
 * 0: a list of offsets below a time. 1: the first offset at or after it. 7: the newest time.
 * 8: the start of the local log. 9: the end of what is tiered, and 11: the start of what is not;
 * nothing is tiered here. Without transactions all isolation levels see the same.
 */
export const listOffsetsHandler = handler(listOffsets, [0, 11], async (request, context) => {
  const topics = request.topics.map(async ({ name, partitions }) => ({
    name,
    partitions: await Promise.all(
      partitions.map(wanted => {
        const partition = context.broker.topics.partition(name, wanted.partitionIndex)
        return answer(wanted, partition, context.version)
      }),
    ),
  }))
  return { topics: await Promise.all(topics) }
})

async function answer(
  wanted: Wanted,
  partition: Partition | undefined,
  version: number,
): Promise<Answer> {
  const { partitionIndex, currentLeaderEpoch, timestamp } = wanted
  const failed = (code: number): Answer => ({ partitionIndex, errorCode: code })
  if (partition === undefined) return failed(errorCode.UNKNOWN_TOPIC_OR_PARTITION)
  const epochError = leaderEpochError(currentLeaderEpoch)
  if (epochError !== 0) return failed(epochError)
  if (!isKnownTime(timestamp, version)) return failed(errorCode.UNSUPPORTED_VERSION)
  const found = await find(partition, timestamp)
  if (version === 0) return { partitionIndex, errorCode: 0, oldStyleOffsets: [found.offset] }
  return { partitionIndex, errorCode: 0, ...found }
}

type Found = { readonly timestamp: number; readonly offset: number; readonly leaderEpoch: number }

const NOTHING: Found = { timestamp: UNKNOWN, offset: UNKNOWN, leaderEpoch: UNKNOWN }

async function find({ log }: Partition, timestamp: number): Promise<Found> {
  switch (timestamp) {
    case specialTimestamp.LATEST:
      return { timestamp: UNKNOWN, offset: log.confirmedEnd, leaderEpoch: LEADER_EPOCH }
    case specialTimestamp.EARLIEST:
    case specialTimestamp.EARLIEST_LOCAL:
      return { timestamp: UNKNOWN, offset: log.startOffset, leaderEpoch: LEADER_EPOCH }
    case specialTimestamp.LATEST_TIERED:
    case specialTimestamp.EARLIEST_PENDING_UPLOAD:
      return NOTHING
    default: {
      const found =
        timestamp === specialTimestamp.MAX_TIMESTAMP
          ? await log.findNewest()
          : await log.findByTime(timestamp)
      return found === undefined ? NOTHING : { ...found, leaderEpoch: LEADER_EPOCH }
    }
  }
}

/** A special time is understood from the version on that brought it. */
function isKnownTime(timestamp: number, version: number): boolean {
  if (timestamp >= specialTimestamp.EARLIEST) return true
  if (timestamp === specialTimestamp.MAX_TIMESTAMP) return version >= 7
  if (timestamp === specialTimestamp.EARLIEST_LOCAL) return version >= 8
  if (timestamp === specialTimestamp.LATEST_TIERED) return version >= 9
  return timestamp === specialTimestamp.EARLIEST_PENDING_UPLOAD && version >= 11
}
