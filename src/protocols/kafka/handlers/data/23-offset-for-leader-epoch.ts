import { errorCode } from '../../constants.ts'
import { LEADER_EPOCH, leaderEpochError } from '../../partition-lookup.ts'
import { offsetForLeaderEpoch } from '../../schema/index.ts'
import { handler } from '../handler.ts'

const UNKNOWN = -1

/** There is one epoch, and it ends where the log ends: no log is cut behind a client's back. */
export const offsetForLeaderEpochHandler = handler(
  offsetForLeaderEpoch,
  [0, 4],
  (request, context) => {
    const topics = request.topics.map(({ topic, partitions }) => ({
      topic,
      partitions: partitions.map(({ partition: index, currentLeaderEpoch, leaderEpoch }) => {
        const partition = context.broker.topics.partition(topic, index)
        const code =
          partition === undefined
            ? errorCode.UNKNOWN_TOPIC_OR_PARTITION
            : leaderEpochError(currentLeaderEpoch)
        const isKnown = partition !== undefined && code === 0 && leaderEpoch === LEADER_EPOCH
        return {
          errorCode: code,
          partition: index,
          leaderEpoch: isKnown ? LEADER_EPOCH : UNKNOWN,
          endOffset: isKnown ? partition.log.confirmedEnd : UNKNOWN,
        }
      }),
    }))
    return { throttleTimeMs: 0, topics }
  },
)
