import type { Topic } from '../../../../broker/topic/index.ts'
import { errorCode } from '../../constants.ts'
import { type ErrorAnswer, errorAnswer, success } from '../../errors.ts'
import { deleteTopics, type ResponseDraft, ZERO_UUID } from '../../schema/index.ts'
import { type Context, handler } from '../handler.ts'

type Asked = { readonly name: string | null; readonly topicId: string }
type TopicAnswer = ResponseDraft<typeof deleteTopics>['responses'][number]

/** Versions 0-6; from 6 on by name or by id, and each topic once. */
export const deleteTopicsHandler = handler(deleteTopics, [0, 6], async (request, context) => {
  const byName = request.topicNames.map(name => ({ name, topicId: ZERO_UUID }))
  const asked = context.version < 6 ? byName : request.topics
  const counts = new Map<Topic, number>()
  for (const one of asked) {
    const topic = find(one, context)
    if (topic !== undefined) counts.set(topic, (counts.get(topic) ?? 0) + 1)
  }
  const isTwin = (topic: Topic): boolean => (counts.get(topic) ?? 0) > 1
  const responses = await Promise.all(asked.map(one => remove(one, isTwin, context)))
  return { responses }
})

async function remove(
  asked: Asked,
  isTwin: (topic: Topic) => boolean,
  context: Context,
): Promise<TopicAnswer> {
  const flaw = askedFlaw(asked)
  if (flaw !== undefined) return { ...asked, ...flaw }
  const topic = find(asked, context)
  if (topic === undefined) return { ...asked, ...unknown(asked) }
  if (isTwin(topic)) {
    const what = asked.name === null ? 'id' : 'name'
    return { ...asked, ...refused(`Duplicate topic ${what}.`) }
  }
  const { name, id: topicId } = topic
  try {
    await context.broker.topics.delete(topicId)
    return { name, topicId, ...success }
  } catch (error) {
    return { name, topicId, ...errorAnswer(error) }
  }
}

function find(asked: Asked, context: Context): Topic | undefined {
  const { topics } = context.broker
  return asked.name === null ? topics.byId(asked.topicId) : topics.byName(asked.name)
}

function askedFlaw(asked: Asked): ErrorAnswer | undefined {
  const hasId = asked.topicId !== ZERO_UUID
  if (asked.name === null && !hasId) return refused('Neither topic name nor id were specified.')
  if (asked.name !== null && hasId)
    return refused('You may not specify both topic name and topic id.')
  return undefined
}

const refused = (errorMessage: string): ErrorAnswer => ({
  errorCode: errorCode.INVALID_REQUEST,
  errorMessage,
})

const unknown = (asked: Asked): ErrorAnswer =>
  asked.name === null
    ? {
        errorCode: errorCode.UNKNOWN_TOPIC_ID,
        errorMessage: 'This server does not host this topic ID.',
      }
    : {
        errorCode: errorCode.UNKNOWN_TOPIC_OR_PARTITION,
        errorMessage: 'This server does not host this topic-partition.',
      }
