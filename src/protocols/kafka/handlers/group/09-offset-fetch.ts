import type { CommittedOffset, GroupOffsets } from '../../../../broker/group/index.ts'
import { errorCode } from '../../constants.ts'
import type { ResponseDraft } from '../../schema/dsl.ts'
import { offsetFetch } from '../../schema/index.ts'
import { type Context, handler } from '../handler.ts'

type Wanted = {
  readonly groupId: string
  /** Null asks for all that is committed. */
  readonly topics: readonly WantedTopic[] | null
}
type WantedTopic = {
  readonly name: string
  readonly topicId?: string
  readonly partitionIndexes: readonly number[]
}

const NO_TOPICS: readonly WantedTopic[] = []

/**
 * Versions 0-10. Up to 7 one group at a time. Nothing is ever unstable here, as there are no
 * transactions; member epochs (9) belong to another kind of group and are not looked at.
 */
export const offsetFetchHandler = handler(offsetFetch, [0, 10], async (request, context) => {
  if (context.version >= 8) {
    const groups = request.groups.map(wanted => fetchGroup(wanted, context))
    return { groups: await Promise.all(groups) } satisfies ResponseDraft<typeof offsetFetch>
  }
  const wanted = { groupId: request.groupId, topics: request.topics }
  const { topics } = await fetchGroup(wanted, context)
  return { topics, errorCode: errorCode.NONE } satisfies ResponseDraft<typeof offsetFetch>
})

function fetchGroup({ groupId, topics }: Wanted, context: Context) {
  return new Promise<{ groupId: string; topics: FetchedTopic[] }>(resolve => {
    context.broker.groups.fetchOffsets(groupId, offsets => {
      const fetched =
        topics === null
          ? fetchAll(offsets, context)
          : (topics ?? NO_TOPICS).map(topic => fetchTopic(topic, offsets, context))
      resolve({ groupId, topics: fetched })
    })
  })
}

type FetchedTopic = ReturnType<typeof fetchTopic>

function fetchTopic(topic: WantedTopic, offsets: GroupOffsets, context: Context) {
  const { topics } = context.broker
  const isById = context.version >= 10
  const known = isById ? topics.byId(topic.topicId ?? '') : topics.byName(topic.name)
  const name = known?.name ?? topic.name
  let flaw: number = errorCode.NONE
  if (isById && known === undefined) flaw = errorCode.UNKNOWN_TOPIC_ID
  const ofTopic = offsets.get(name)
  const partitions = topic.partitionIndexes.map(partitionIndex => {
    // Version 0 once asked another store, which knew topics and not only offsets.
    const isUnknown = context.version === 0 && known?.partitions[partitionIndex] === undefined
    const code = isUnknown ? errorCode.UNKNOWN_TOPIC_OR_PARTITION : flaw
    return fetchedPartition(partitionIndex, ofTopic?.get(partitionIndex), code)
  })
  return { name, topicId: topic.topicId ?? '', partitions }
}

function fetchAll(offsets: GroupOffsets, context: Context): FetchedTopic[] {
  const fetched: FetchedTopic[] = []
  for (const [name, ofTopic] of offsets) {
    const topicId = context.broker.topics.byName(name)?.id
    if (topicId === undefined) continue
    const partitions = [...ofTopic].map(([partitionIndex, committed]) =>
      fetchedPartition(partitionIndex, committed, errorCode.NONE),
    )
    fetched.push({ name, topicId, partitions })
  }
  return fetched
}

function fetchedPartition(
  partitionIndex: number,
  committed: CommittedOffset | undefined,
  code: number,
) {
  return {
    partitionIndex,
    committedOffset: committed?.offset ?? -1,
    committedLeaderEpoch: committed?.leaderEpoch ?? -1,
    metadata: committed?.metadata ?? '',
    errorCode: code,
  }
}
