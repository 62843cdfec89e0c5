import { configResourceType as kind, errorCode } from '../../constants.ts'
import { listConfigResources } from '../../schema/index.ts'
import { type Context, handler } from '../handler.ts'

const LISTED: readonly number[] = [kind.TOPIC, kind.BROKER, kind.GROUP]
/** Kafka's kinds that have no members here. */
const EMPTY: readonly number[] = [kind.BROKER_LOGGER, kind.CLIENT_METRICS]

/** Versions 0-1. Version 0 asks for client metrics, of which there are none. */
export const listConfigResourcesHandler = handler(
  listConfigResources,
  [0, 1],
  (request, context) => {
    const asked = context.version === 0 ? [kind.CLIENT_METRICS] : request.resourceTypes
    const wanted = asked.length === 0 ? LISTED : asked
    if (wanted.some(type => !LISTED.includes(type) && !EMPTY.includes(type))) {
      return {
        throttleTimeMs: 0,
        errorCode: errorCode.UNSUPPORTED_VERSION,
        configResources: [],
      }
    }
    const configResources = [...new Set(wanted)].flatMap(resourceType =>
      namesOf(resourceType, context).map(resourceName => ({ resourceName, resourceType })),
    )
    return { throttleTimeMs: 0, errorCode: errorCode.NONE, configResources }
  },
)

function namesOf(resourceType: number, context: Context): readonly string[] {
  const { topics } = context.broker
  switch (resourceType) {
    case kind.TOPIC:
      return Array.from(topics.listed(), ({ name }) => name)
    case kind.BROKER:
      return [topics.layers.nodeName]
    case kind.GROUP:
      return topics.layers.names('group')
    default:
      return []
  }
}
