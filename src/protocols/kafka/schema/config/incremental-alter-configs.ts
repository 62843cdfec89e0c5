import { api, bool, int16, int32, int8, listOf, nullableString, string } from '../dsl.ts'

/** Changes single settings: 0 set, 1 delete, 2 append to a list, 3 subtract from a list. */
export const incrementalAlterConfigs = api({
  key: 44,
  name: 'IncrementalAlterConfigs',
  versions: [0, 1],
  flexibleFrom: 1,
  request: {
    resources: listOf({
      resourceType: int8,
      resourceName: string,
      configs: listOf({
        name: string,
        configOperation: int8,
        value: nullableString,
      }),
    }),
    validateOnly: bool,
  },
  response: {
    throttleTimeMs: int32,
    responses: listOf({
      errorCode: int16,
      errorMessage: nullableString,
      resourceType: int8,
      resourceName: string,
    }),
  },
})
