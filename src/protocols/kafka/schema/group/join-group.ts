import {
  api,
  bool,
  bytes,
  defaulted,
  int16,
  int32,
  listOf,
  nullableSince,
  nullableString,
  since,
  string,
} from '../dsl.ts'

/**
 * A member asks for entry into a group; the answer comes when the rebalance is through.
 * 4: an unknown member gets its id first and comes again. 5: static members. 8: a reason.
 */
export const joinGroup = api({
  key: 11,
  name: 'JoinGroup',
  versions: [0, 9],
  flexibleFrom: 6,
  request: {
    groupId: string,
    sessionTimeoutMs: int32,
    rebalanceTimeoutMs: since(1, int32, -1),
    memberId: string,
    groupInstanceId: since(5, nullableString, null),
    protocolType: string,
    protocols: listOf({
      name: string,
      metadata: bytes,
    }),
    reason: since(8, nullableString, null),
  },
  response: {
    throttleTimeMs: since(2, int32, 0),
    errorCode: int16,
    generationId: defaulted(int32, -1),
    protocolType: since(7, nullableString, null),
    protocolName: nullableSince(7, nullableString),
    leader: string,
    skipAssignment: since(9, bool, false),
    memberId: string,
    members: listOf({
      memberId: string,
      groupInstanceId: since(5, nullableString, null),
      metadata: bytes,
    }),
  },
})
