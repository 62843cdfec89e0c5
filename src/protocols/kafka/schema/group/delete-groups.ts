import { api, int16, int32, listOf, string } from '../dsl.ts'

/** Deletes groups that have no members. */
export const deleteGroups = api({
  key: 42,
  name: 'DeleteGroups',
  versions: [0, 2],
  flexibleFrom: 2,
  request: {
    groupsNames: listOf(string),
  },
  response: {
    throttleTimeMs: int32,
    results: listOf({
      groupId: string,
      errorCode: int16,
    }),
  },
})
