import { type Topic, topicNameFlaw } from '../../../../broker/topic/index.ts'
import { advertisedAddress } from '../../advertised.ts'
import { AUTHORIZED_OPERATIONS_UNKNOWN, errorCode, internalTopics } from '../../constants.ts'
import { errorAnswer } from '../../errors.ts'
import { leadership } from '../../partition-lookup.ts'
import { metadata, type RequestOf, type ResponseDraft, ZERO_UUID } from '../../schema/index.ts'
import { type Context, handler } from '../handler.ts'
import { CLUSTER_OPERATIONS, TOPIC_OPERATIONS } from './operations.ts'

type Request = RequestOf<typeof metadata>
type Response = ResponseDraft<typeof metadata>
type TopicAnswer = Response['topics'][number]

/**
 * Versions 0-13. This broker leads every partition, in epoch 0, and tells clients to come back the
 * way they came. Unlike Kafka's, the first answer about a topic made on request already has it.
 */
export const metadataHandler = handler(metadata, [0, 13], (request, context) => {
  const { topics } = context.broker
  const isAll = request.topics === null || (context.version === 0 && request.topics.length === 0)
  if (isAll) {
    return respond(
      request,
      context,
      Array.from(topics.listed(), topic => found(topic, context)),
    )
  }
  const answers = (request.topics ?? []).map(asked => answer(asked, request, context))
  if (answers.some(one => one instanceof Promise)) {
    const settling = Promise.all(answers.map(async one => one))
    return settling.then(settled => respond(request, context, settled))
  }
  // None is a promise, as was just found.
  return respond(request, context, answers as TopicAnswer[])
})

function answer(
  asked: NonNullable<Request['topics']>[number],
  request: Request,
  context: Context,
): TopicAnswer | Promise<TopicAnswer> {
  const { topics, runtime } = context.broker
  const byId = asked.topicId !== ZERO_UUID
  if (byId) {
    const topic = topics.byId(asked.topicId)
    if (topic !== undefined) return found(topic, context)
    return { ...missing(errorCode.UNKNOWN_TOPIC_ID, asked.name), topicId: asked.topicId }
  }
  if (asked.name === null) return missing(errorCode.INVALID_TOPIC_EXCEPTION, '')
  const topic = topics.byName(asked.name)
  if (topic !== undefined) return found(topic, context)
  if (topicNameFlaw(asked.name) !== undefined) {
    return missing(errorCode.INVALID_TOPIC_EXCEPTION, asked.name)
  }
  if (!request.allowAutoTopicCreation || !runtime.settings.autoCreateTopics) {
    return missing(errorCode.UNKNOWN_TOPIC_OR_PARTITION, asked.name)
  }
  return created(asked.name, context)
}

async function created(name: string, context: Context): Promise<TopicAnswer> {
  try {
    const topic = await context.broker.topics.ensure(name, internalTopics.has(name))
    return found(topic, context)
  } catch (error) {
    return missing(errorAnswer(error).errorCode, name)
  }
}

function found(topic: Topic, context: Context): TopicAnswer {
  const { nodeId } = context.broker.runtime.settings
  const replicas = [nodeId] as const
  return {
    errorCode: errorCode.NONE,
    name: topic.name,
    topicId: topic.id,
    isInternal: topic.isInternal,
    partitions: topic.partitions.map(({ index }) => leadership(index, replicas)),
  }
}

const missing = (code: number, name: string | null): TopicAnswer => ({
  errorCode: code,
  name,
  isInternal: name !== null && internalTopics.has(name),
  partitions: [],
})

function respond(request: Request, context: Context, topics: readonly TopicAnswer[]): Response {
  const { settings } = context.broker.runtime
  const { host, port } = advertisedAddress(context.peer)
  return {
    brokers: [{ nodeId: settings.nodeId, host, port }],
    clusterId: context.broker.topics.clusterId,
    controllerId: settings.nodeId,
    topics: request.includeTopicAuthorizedOperations
      ? topics.map(topic => ({ ...topic, topicAuthorizedOperations: TOPIC_OPERATIONS }))
      : topics,
    clusterAuthorizedOperations: request.includeClusterAuthorizedOperations
      ? CLUSTER_OPERATIONS
      : AUTHORIZED_OPERATIONS_UNKNOWN,
  }
}
