import {
  INT32_MIN,
  api,
  bool,
  bytes,
  int16,
  int32,
  listOf,
  nullableString,
  since,
  string,
} from '../dsl.ts'

/** State, members and assignments of groups. 6: says why a group was not found. */
export const describeGroups = api({
  key: 15,
  name: 'DescribeGroups',
  versions: [0, 6],
  flexibleFrom: 5,
  request: {
    groups: listOf(string),
    includeAuthorizedOperations: since(3, bool, false),
  },
  response: {
    throttleTimeMs: since(1, int32, 0),
    groups: listOf({
      errorCode: int16,
      errorMessage: since(6, nullableString, null),
      groupId: string,
      groupState: string,
      protocolType: string,
      protocolData: string,
      members: listOf({
        memberId: string,
        groupInstanceId: since(4, nullableString, null),
        clientId: string,
        clientHost: string,
        memberMetadata: bytes,
        memberAssignment: bytes,
      }),
      authorizedOperations: since(3, int32, INT32_MIN),
    }),
  },
})
