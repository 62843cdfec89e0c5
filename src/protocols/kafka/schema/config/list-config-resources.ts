import { api, int16, int32, int8, listOf, since, string } from '../dsl.ts'

/** Lists resources that have settings of their own. Version 0 knew client metrics alone. */
export const listConfigResources = api({
  key: 74,
  name: 'ListConfigResources',
  versions: [0, 1],
  flexibleFrom: 0,
  request: {
    resourceTypes: since(1, listOf(int8), []),
  },
  response: {
    throttleTimeMs: int32,
    errorCode: int16,
    configResources: listOf({
      resourceName: string,
      resourceType: since(1, int8, 16),
    }),
  },
})
