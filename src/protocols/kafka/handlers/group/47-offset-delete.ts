import { errorCode } from '../../constants.ts'
import type { RequestOf, ResponseDraft } from '../../schema/dsl.ts'
import { offsetDelete } from '../../schema/index.ts'
import { type Context, handler } from '../handler.ts'
import { groupErrorCode } from './refusal.ts'

type Topic = RequestOf<typeof offsetDelete>['topics'][number]
type Partition = { readonly topic: string; readonly partition: number }

/** Offsets of topics that a member of the group still reads are not deleted. */
export const offsetDeleteHandler = handler(offsetDelete, [0, 0], (request, context) => {
  const { groupId } = request
  const { groups } = context.broker
  const failed = (code: number) => ({ errorCode: code, throttleTimeMs: 0, topics: [] })
  const refusal = groups.deleteOffsetsRefusal(groupId)
  if (refusal !== null) return failed(groupErrorCode[refusal])
  const partitions: Partition[] = []
  const topics = request.topics.map(topic => checkTopic(groupId, topic, context, partitions))
  return new Promise<ResponseDraft<typeof offsetDelete>>(resolve => {
    groups.deleteOffsets(groupId, partitions, failure =>
      resolve(
        failure === null
          ? { errorCode: errorCode.NONE, throttleTimeMs: 0, topics }
          : failed(groupErrorCode[failure]),
      ),
    )
  })
})

function checkTopic(groupId: string, topic: Topic, context: Context, deletable: Partition[]) {
  const { topics, groups } = context.broker
  const { name } = topic
  const isSubscribed = groups.isSubscribedTo(groupId, name)
  const partitions = topic.partitions.map(({ partitionIndex }) => {
    let code: number = errorCode.NONE
    if (topics.partition(name, partitionIndex) === undefined)
      code = errorCode.UNKNOWN_TOPIC_OR_PARTITION
    else if (isSubscribed) code = errorCode.GROUP_SUBSCRIBED_TO_TOPIC
    else deletable.push({ topic: name, partition: partitionIndex })
    return { partitionIndex, errorCode: code }
  })
  return { name, partitions }
}
