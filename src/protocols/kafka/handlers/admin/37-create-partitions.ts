import type { Topic } from '../../../../broker/topic/index.ts'
import { errorCode } from '../../constants.ts'
import { type ErrorAnswer, errorAnswer, success } from '../../errors.ts'
import { createPartitions, type RequestOf } from '../../schema/index.ts'
import { type Context, handler } from '../handler.ts'
import { assignmentFlaw } from './replicas.ts'

type Asked = RequestOf<typeof createPartitions>['topics'][number]

/** Versions 0-3. Partitions can only become more, because keys are spread over them. */
export const createPartitionsHandler = handler(
  createPartitions,
  [0, 3],
  async (request, context) => {
    const names = request.topics.map(({ name }) => name)
    const twins = new Set(names.filter((name, index) => names.indexOf(name) !== index))
    const results = await Promise.all(
      request.topics
        .filter(({ name }, index) => names.indexOf(name) === index)
        .map(async asked => ({
          name: asked.name,
          ...(twins.has(asked.name) ? duplicate : await grow(asked, request.validateOnly, context)),
        })),
    )
    return { throttleTimeMs: 0, results }
  },
)

const duplicate: ErrorAnswer = {
  errorCode: errorCode.INVALID_REQUEST,
  errorMessage: 'Duplicate topic name.',
}

async function grow(asked: Asked, validateOnly: boolean, context: Context): Promise<ErrorAnswer> {
  const { topics, runtime } = context.broker
  const topic = topics.byName(asked.name)
  if (topic === undefined) {
    return {
      errorCode: errorCode.UNKNOWN_TOPIC_OR_PARTITION,
      errorMessage: 'This server does not host this topic-partition.',
    }
  }
  const flaw = topics.growFlaw(topic, asked.count)
  if (flaw !== undefined) return errorAnswer(flaw)
  const assigned = assignmentsFlaw(asked, topic, runtime.settings.nodeId)
  if (assigned !== undefined) return assigned
  if (validateOnly) return success
  try {
    await topics.grow(topic.id, asked.count)
    return success
  } catch (error) {
    return errorAnswer(error)
  }
}

function assignmentsFlaw(asked: Asked, topic: Topic, nodeId: number): ErrorAnswer | undefined {
  if (asked.assignments === null) return undefined
  const added = asked.count - topic.partitions.length
  if (asked.assignments.length !== added) {
    return {
      errorCode: errorCode.INVALID_REPLICA_ASSIGNMENT,
      errorMessage:
        `Attempted to add ${added} additional partition(s), ` +
        `but only ${asked.assignments.length} assignment(s) were specified.`,
    }
  }
  for (const { brokerIds } of asked.assignments) {
    const flaw = assignmentFlaw(brokerIds, nodeId)
    if (flaw !== undefined) return flaw
  }
  return undefined
}
