import type { Topics } from '../../../../../broker/topic/index.ts'
import { configResourceType as kind, errorCode } from '../../../constants.ts'
import type { ErrorAnswer } from '../../../errors.ts'
import type { Context } from '../../handler.ts'

/** Something that has settings, as requests name it. */
export type Resource = { readonly resourceType: number; readonly resourceName: string }

export const refused = (errorMessage: string): ErrorAnswer => ({
  errorCode: errorCode.INVALID_REQUEST,
  errorMessage,
})

/** Why there is no such broker here, or undefined when it is this one, or all ('' ). */
export function brokerNameFlaw(name: string, topics: Topics): ErrorAnswer | undefined {
  if (name === '' || name === topics.layers.nodeName) return undefined
  return refused(
    `Unexpected broker id, expected ${topics.layers.nodeName} or empty string, ` +
      `but received ${name}`,
  )
}

/** Kinds of resources that exist in Kafka, and not here. */
export function kindFlaw(resource: Resource): ErrorAnswer {
  switch (resource.resourceType) {
    case kind.BROKER_LOGGER:
      return refused('Log levels cannot be changed here: set log.level and start the broker again.')
    case kind.CLIENT_METRICS:
      return refused("Clients' metrics are not collected here.")
    default:
      return refused(`Unsupported resource type: ${resource.resourceType}`)
  }
}

/** Changes each resource once, all in one turn; those named more than once are refused. */
export function alterEach<One extends Resource>(
  resources: readonly One[],
  context: Context,
  alter: (resource: One, context: Context) => Promise<ErrorAnswer>,
): Promise<(Resource & ErrorAnswer)[]> {
  const key = (one: Resource): string => `${one.resourceType}:${one.resourceName}`
  const counts = new Map<string, number>()
  for (const one of resources) counts.set(key(one), (counts.get(key(one)) ?? 0) + 1)
  const firsts = new Map(resources.map(one => [key(one), one]))
  return Promise.all(
    Array.from(firsts, async ([name, resource]) => {
      const { resourceType, resourceName } = resource
      const isTwin = (counts.get(name) ?? 0) > 1
      const answer = isTwin ? refused('Duplicate resource.') : await alter(resource, context)
      return { resourceType, resourceName, ...answer }
    }),
  )
}
