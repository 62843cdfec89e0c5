import type { GroupRefusal, OffsetToCommit } from '../../../../broker/group/index.ts'
import { limits } from '../../../../limits/limits.ts'
import { errorCode } from '../../constants.ts'
import type { RequestOf, ResponseDraft } from '../../schema/dsl.ts'
import { offsetCommit } from '../../schema/index.ts'
import { type Context, handler } from '../handler.ts'
import { groupErrorCode } from './refusal.ts'

type Request = RequestOf<typeof offsetCommit>
type Topic = Request['topics'][number]

/** The answer waits until the offsets are safe. What cannot be kept does not hinder the rest. */
export const offsetCommitHandler = handler(offsetCommit, [0, 10], (request, context) => {
  const offsets: OffsetToCommit[] = []
  const flaws = request.topics.map(topic => checkTopic(topic, context, offsets))
  const answer = (refusal: GroupRefusal | null) => response(request, flaws, refusal, context)
  // A group is not asked about offsets of topics that are not there.
  if (flaws.every(ofTopic => ofTopic.every(isUnknownTopic))) return answer(null)
  const { retentionTimeMs } = request
  const command = {
    groupId: request.groupId,
    memberId: request.memberId,
    instanceId: request.groupInstanceId,
    generation: request.generationIdOrMemberEpoch,
    retentionMs: retentionTimeMs < 0 ? null : retentionTimeMs,
    offsets,
  }
  return new Promise<ResponseDraft<typeof offsetCommit>>(resolve => {
    context.broker.groups.commitOffsets(command, refusal => resolve(answer(refusal)))
  })
})

/** Adds what can be committed to `offsets`, and says what is wrong with each partition. */
function checkTopic(topic: Topic, context: Context, offsets: OffsetToCommit[]): number[] {
  const { topics } = context.broker
  const isById = context.version >= 10
  const known = isById ? topics.byId(topic.topicId) : topics.byName(topic.name)
  return topic.partitions.map(one => {
    if (known === undefined)
      return isById ? errorCode.UNKNOWN_TOPIC_ID : errorCode.UNKNOWN_TOPIC_OR_PARTITION
    if (known.partitions[one.partitionIndex] === undefined)
      return errorCode.UNKNOWN_TOPIC_OR_PARTITION
    const metadata = one.committedMetadata ?? ''
    if (metadata.length > limits.offsetMetadataCharsMax) return errorCode.OFFSET_METADATA_TOO_LARGE
    offsets.push({
      topic: known.name,
      partition: one.partitionIndex,
      offset: one.committedOffset,
      leaderEpoch: one.committedLeaderEpoch,
      metadata,
    })
    return errorCode.NONE
  })
}

const isUnknownTopic = (flaw: number): boolean =>
  flaw === errorCode.UNKNOWN_TOPIC_OR_PARTITION || flaw === errorCode.UNKNOWN_TOPIC_ID

function response(
  request: Request,
  flaws: readonly (readonly number[])[],
  refusal: GroupRefusal | null,
  context: Context,
): ResponseDraft<typeof offsetCommit> {
  const refused = refusal === null ? null : refusalCode(refusal, context.version)
  const topics = request.topics.map(({ name, topicId, partitions }, index) => ({
    name,
    topicId,
    partitions: partitions.map(({ partitionIndex }, at) => {
      const flaw = flaws[index]![at]!
      return {
        partitionIndex,
        errorCode: refused === null || isUnknownTopic(flaw) ? flaw : refused,
      }
    }),
  }))
  return { topics }
}

/** Old clients do not expect that a group is not there: to them they are of an old generation. */
function refusalCode(refusal: GroupRefusal, version: number): number {
  if (refusal === 'group-not-found' && version < 9) return errorCode.ILLEGAL_GENERATION
  return groupErrorCode[refusal]
}
