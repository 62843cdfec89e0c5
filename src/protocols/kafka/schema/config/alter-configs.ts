import { api, bool, int16, int32, int8, listOf, nullableString, string } from '../dsl.ts'

/** Replaces all settings of a resource. Superseded by IncrementalAlterConfigs. */
export const alterConfigs = api({
  key: 33,
  name: 'AlterConfigs',
  versions: [0, 2],
  flexibleFrom: 2,
  request: {
    resources: listOf({
      resourceType: int8,
      resourceName: string,
      configs: listOf({
        name: string,
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
