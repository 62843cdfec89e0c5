import { api, int16, int32, int8, listOf, nullableString, since, string } from '../dsl.ts'

/** Adds access rules. */
export const createAcls = api({
  key: 30,
  name: 'CreateAcls',
  versions: [0, 3],
  flexibleFrom: 2,
  request: {
    creations: listOf({
      resourceType: int8,
      resourceName: string,
      resourcePatternType: since(1, int8, 3),
      principal: string,
      host: string,
      operation: int8,
      permissionType: int8,
    }),
  },
  response: {
    throttleTimeMs: int32,
    results: listOf({
      errorCode: int16,
      errorMessage: nullableString,
    }),
  },
})
