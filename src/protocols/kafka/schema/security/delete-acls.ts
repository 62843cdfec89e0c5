import { api, int16, int32, int8, listOf, nullableString, since, string } from '../dsl.ts'

/** Deletes the access rules that match patterns, and says which these were. */
export const deleteAcls = api({
  key: 31,
  name: 'DeleteAcls',
  versions: [0, 3],
  flexibleFrom: 2,
  request: {
    filters: listOf({
      resourceTypeFilter: int8,
      resourceNameFilter: nullableString,
      patternTypeFilter: since(1, int8, 3),
      principalFilter: nullableString,
      hostFilter: nullableString,
      operation: int8,
      permissionType: int8,
    }),
  },
  response: {
    throttleTimeMs: int32,
    filterResults: listOf({
      errorCode: int16,
      errorMessage: nullableString,
      matchingAcls: listOf({
        errorCode: int16,
        errorMessage: nullableString,
        resourceType: int8,
        resourceName: string,
        patternType: since(1, int8, 3),
        principal: string,
        host: string,
        operation: int8,
        permissionType: int8,
      }),
    }),
  },
})
