import { api, int16, int32, listOf, since, string } from '../dsl.ts'

/** The groups that the broker looks after, by state (4) and by type (5) if wanted. */
export const listGroups = api({
  key: 16,
  name: 'ListGroups',
  versions: [0, 5],
  flexibleFrom: 3,
  request: {
    statesFilter: since(4, listOf(string), []),
    typesFilter: since(5, listOf(string), []),
  },
  response: {
    throttleTimeMs: since(1, int32, 0),
    errorCode: int16,
    groups: listOf({
      groupId: string,
      protocolType: string,
      groupState: since(4, string, ''),
      groupType: since(5, string, ''),
    }),
  },
})
