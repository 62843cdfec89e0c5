import { topicNameFlaw } from '../../../../broker/topic/index.ts'
import { configResourceType as kind, configSource, errorCode } from '../../constants.ts'
import { type ErrorAnswer, success } from '../../errors.ts'
import { describeConfigs, type RequestOf, type ResponseDraft } from '../../schema/index.ts'
import { type Context, handler } from '../handler.ts'
import {
  allBrokersEntries,
  brokerEntries,
  type Entry,
  groupEntries,
  topicEntries,
} from './settings/entries.ts'
import { brokerNameFlaw, kindFlaw, refused } from './settings/resources.ts'

type Request = RequestOf<typeof describeConfigs>
type Asked = Request['resources'][number]
type Result = ResponseDraft<typeof describeConfigs>['results'][number]

/** Versions 0-4. Topics, this broker, what holds for all brokers (an empty name), and groups. */
export const describeConfigsHandler = handler(describeConfigs, [0, 4], (request, context) => ({
  throttleTimeMs: 0,
  results: request.resources.map(asked => describe(asked, request, context)),
}))

function describe(asked: Asked, request: Request, context: Context): Result {
  const { resourceType, resourceName } = asked
  const found = entriesOf(asked, context)
  if (!Array.isArray(found)) return { ...found, resourceType, resourceName, configs: [] }
  const wanted = new Set(asked.configurationKeys)
  const configs = found
    .filter(({ name }) => wanted.size === 0 || wanted.has(name))
    .map(entry => ({
      ...entry,
      isDefault: entry.configSource === configSource.DEFAULT_CONFIG,
      synonyms: request.includeSynonyms ? entry.synonyms : [],
      documentation: request.includeDocumentation ? entry.documentation : null,
    }))
  return { ...success, resourceType, resourceName, configs }
}

function entriesOf(asked: Asked, context: Context): Entry[] | ErrorAnswer {
  const { topics } = context.broker
  const { resourceType, resourceName } = asked
  switch (resourceType) {
    case kind.TOPIC:
      return entriesOfTopic(resourceName, context)
    case kind.BROKER: {
      const flaw = brokerNameFlaw(resourceName, topics)
      if (flaw !== undefined) return flaw
      return resourceName === '' ? allBrokersEntries(topics.layers) : brokerEntries(topics.layers)
    }
    case kind.GROUP:
      if (resourceName === '') return refused('Group name must not be empty')
      return groupEntries(topics.layers, resourceName)
    default:
      return kindFlaw(asked)
  }
}

function entriesOfTopic(name: string, context: Context): Entry[] | ErrorAnswer {
  const { topics } = context.broker
  const topic = topics.byName(name)
  if (topic !== undefined) return topicEntries(topics.layers, topic.overrides)
  const flaw = topicNameFlaw(name)
  if (flaw !== undefined) {
    return { errorCode: errorCode.INVALID_TOPIC_EXCEPTION, errorMessage: flaw }
  }
  return {
    errorCode: errorCode.UNKNOWN_TOPIC_OR_PARTITION,
    errorMessage: 'This server does not host this topic-partition.',
  }
}
