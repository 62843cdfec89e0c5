import { api, int16, int32, int8, listOf, nullableString, since, string } from '../dsl.ts'

/** Finds access rules by a pattern. The numbers are those of `constants.ts`. */
export const describeAcls = api({
  key: 29,
  name: 'DescribeAcls',
  versions: [0, 3],
  flexibleFrom: 2,
  request: {
    resourceTypeFilter: int8,
    resourceNameFilter: nullableString,
    patternTypeFilter: since(1, int8, 3),
    principalFilter: nullableString,
    hostFilter: nullableString,
    operation: int8,
    permissionType: int8,
  },
  response: {
    throttleTimeMs: int32,
    errorCode: int16,
    errorMessage: nullableString,
    resources: listOf({
      resourceType: int8,
      resourceName: string,
      patternType: since(1, int8, 3),
      acls: listOf({
        principal: string,
        host: string,
        operation: int8,
        permissionType: int8,
      }),
    }),
  },
})
