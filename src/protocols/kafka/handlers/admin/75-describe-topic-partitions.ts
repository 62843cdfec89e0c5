import { type Topic, topicNameFlaw } from '../../../../broker/topic/index.ts'
import { MalformedError } from '../../../../lib/bytes/index.ts'
import { errorCode } from '../../constants.ts'
import { leadership } from '../../partition-lookup.ts'
import {
  describeTopicPartitions,
  type RequestOf,
  type ResponseDraft,
  ZERO_UUID,
} from '../../schema/index.ts'
import { type Context, handler } from '../handler.ts'
import { TOPIC_OPERATIONS } from './operations.ts'

type Request = RequestOf<typeof describeTopicPartitions>
type Response = ResponseDraft<typeof describeTopicPartitions>
type TopicAnswer = Response['topics'][number]
type Cursor = NonNullable<Request['cursor']>

/** Kafka's max.request.partition.size.limit. */
const PARTITIONS_MAX = 2000

/** Version 0. Topics in order of their names, so many partitions a page. */
export const describeTopicPartitionsHandler = handler(
  describeTopicPartitions,
  [0, 0],
  (request, context) => {
    const { cursor } = request
    const names = wantedNames(request, context)
    let room = Math.max(1, Math.min(request.responsePartitionLimit, PARTITIONS_MAX))
    const topics: TopicAnswer[] = []
    let nextCursor: Cursor | null = null
    for (const name of names) {
      const topic = context.broker.topics.byName(name)
      const first = name === cursor?.topicName ? cursor.partitionIndex : 0
      if (room === 0) {
        nextCursor = { topicName: name, partitionIndex: first }
        break
      }
      if (topic === undefined) {
        topics.push(missing(name))
        continue
      }
      const end = Math.min(first + room, topic.partitions.length)
      topics.push(page(topic, first, end, context))
      room -= Math.max(0, end - first)
      if (end < topic.partitions.length) {
        nextCursor = { topicName: name, partitionIndex: end }
        break
      }
    }
    return { throttleTimeMs: 0, topics, nextCursor }
  },
)

/** No names are all names. The cursor skips those before it. */
function wantedNames({ topics, cursor }: Request, context: Context): string[] {
  if (cursor !== null && cursor.partitionIndex < 0) {
    throw new MalformedError(`cursor partition ${cursor.partitionIndex}`)
  }
  const asked =
    topics.length === 0
      ? Array.from(context.broker.topics.listed(), ({ name }) => name)
      : topics.map(({ name }) => name)
  const start = cursor?.topicName ?? ''
  if (cursor !== null && topics.length > 0 && !asked.includes(start)) {
    throw new MalformedError(`topic list without the topic of the cursor, ${start}`)
  }
  return [...new Set(asked)].filter(name => name >= start).toSorted()
}

function page(topic: Topic, first: number, end: number, context: Context): TopicAnswer {
  const { nodeId } = context.broker.runtime.settings
  const replicas = [nodeId] as const
  return {
    errorCode: errorCode.NONE,
    name: topic.name,
    topicId: topic.id,
    isInternal: topic.isInternal,
    partitions: topic.partitions.slice(first, end).map(({ index }) => ({
      ...leadership(index, replicas),
      eligibleLeaderReplicas: [],
      lastKnownElr: [],
      offlineReplicas: [],
    })),
    topicAuthorizedOperations: TOPIC_OPERATIONS,
  }
}

const missing = (name: string): TopicAnswer => ({
  errorCode:
    topicNameFlaw(name) === undefined
      ? errorCode.UNKNOWN_TOPIC_OR_PARTITION
      : errorCode.INVALID_TOPIC_EXCEPTION,
  name,
  topicId: ZERO_UUID,
  partitions: [],
  topicAuthorizedOperations: TOPIC_OPERATIONS,
})
