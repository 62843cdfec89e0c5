import type { TopicSpec } from '../../../../broker/topic/index.ts'
import { errorCode, internalTopics } from '../../constants.ts'
import { type ErrorAnswer, errorAnswer, success } from '../../errors.ts'
import { createTopics, type RequestOf, type ResponseDraft, ZERO_UUID } from '../../schema/index.ts'
import { type Context, handler } from '../handler.ts'
import { topicEntries } from './settings/entries.ts'
import { assignmentFlaw, replicationFactorFlaw } from './replicas.ts'

type Asked = RequestOf<typeof createTopics>['topics'][number]
type TopicAnswer = ResponseDraft<typeof createTopics>['topics'][number]

/**
 * Versions 0-7. All topics of a request are decided in one turn, so they become durable together.
 * Any replication factor is taken, and one replica made of it; see `replicas.ts`.
 */
export const createTopicsHandler = handler(createTopics, [0, 7], async (request, context) => {
  const names = request.topics.map(({ name }) => name)
  const twins = new Set(names.filter((name, index) => names.indexOf(name) !== index))
  const seen = new Set<string>()
  const asked = request.topics.filter(({ name }) => !seen.has(name) && seen.add(name))
  const topics = await Promise.all(
    asked.map(async topic =>
      twins.has(topic.name)
        ? failed(topic, duplicate)
        : create(topic, request.validateOnly, context),
    ),
  )
  return { topics }
})

const duplicate: ErrorAnswer = {
  errorCode: errorCode.INVALID_REQUEST,
  errorMessage: 'Duplicate topic name.',
}

async function create(asked: Asked, validateOnly: boolean, context: Context): Promise<TopicAnswer> {
  const { topics, runtime } = context.broker
  const flaw = requestFlaw(asked, runtime.settings.nodeId)
  if (flaw !== undefined) return failed(asked, flaw)
  const spec = specOf(asked)
  try {
    if (!validateOnly) {
      const topic = await topics.create(spec)
      return created(asked, topic.id, topic.partitions.length, context)
    }
    const creationFlaw = topics.createFlaw(spec)
    if (creationFlaw !== undefined) throw creationFlaw
    return created(asked, ZERO_UUID, spec.partitionCount ?? topics.partitionsDefault, context)
  } catch (error) {
    return failed(asked, errorAnswer(error))
  }
}

/** What is wrong with the request, apart from what the broker itself looks at. */
function requestFlaw(asked: Asked, nodeId: number): ErrorAnswer | undefined {
  if (asked.name === '__cluster_metadata') {
    return {
      errorCode: errorCode.INVALID_REQUEST,
      errorMessage: 'Creation of internal topic __cluster_metadata is prohibited.',
    }
  }
  const empty = asked.configs.filter(({ value }) => value === null).map(({ name }) => name)
  if (empty.length > 0) {
    return {
      errorCode: errorCode.INVALID_CONFIG,
      errorMessage: `Null value not supported for topic configs: ${empty.join(',')}`,
    }
  }
  if (asked.assignments.length > 0) return assignmentsFlaw(asked, nodeId)
  return replicationFactorFlaw(asked.replicationFactor)
}

function assignmentsFlaw(asked: Asked, nodeId: number): ErrorAnswer | undefined {
  if (asked.replicationFactor !== -1 || asked.numPartitions !== -1) {
    const name = asked.replicationFactor !== -1 ? 'replication factor' : 'numPartitions'
    return {
      errorCode: errorCode.INVALID_REQUEST,
      errorMessage: `A manual partition assignment was specified, but ${name} was not set to -1.`,
    }
  }
  const seen = new Set<number>()
  for (const { partitionIndex, brokerIds } of asked.assignments) {
    if (seen.has(partitionIndex)) {
      return {
        errorCode: errorCode.INVALID_REPLICA_ASSIGNMENT,
        errorMessage: `Found multiple manual partition assignments for partition ${partitionIndex}`,
      }
    }
    seen.add(partitionIndex)
    const flaw = assignmentFlaw(brokerIds, nodeId)
    if (flaw !== undefined) return flaw
  }
  if (asked.assignments.every((_, index) => seen.has(index))) return undefined
  return {
    errorCode: errorCode.INVALID_REPLICA_ASSIGNMENT,
    errorMessage: 'partitions should be a consecutive 0-based integer sequence',
  }
}

function specOf(asked: Asked): TopicSpec {
  const chosen = asked.assignments.length > 0 ? asked.assignments.length : asked.numPartitions
  return {
    name: asked.name,
    partitionCount: chosen === -1 ? null : chosen,
    // Those without a value were refused before.
    overrides: Object.fromEntries(asked.configs.map(({ name, value }) => [name, value ?? ''])),
    isInternal: internalTopics.has(asked.name),
  }
}

function created(
  asked: Asked,
  topicId: string,
  numPartitions: number,
  context: Context,
): TopicAnswer {
  const overrides = new Map(Object.entries(specOf(asked).overrides))
  // Looking all settings up is for those only who are told.
  const configs = context.version < 5 ? [] : topicEntries(context.broker.topics.layers, overrides)
  return {
    name: asked.name,
    topicId,
    ...success,
    numPartitions,
    replicationFactor: 1,
    configs: configs.map(({ name, value, readOnly, configSource, isSensitive }) => ({
      name,
      value,
      readOnly,
      configSource,
      isSensitive,
    })),
  }
}

const failed = (asked: Asked, answer: ErrorAnswer): TopicAnswer => ({
  name: asked.name,
  ...answer,
  configs: [],
})
