import {
  api,
  defaulted,
  int16,
  int32,
  listOf,
  nullableString,
  since,
  string,
  until,
} from '../dsl.ts'

/** Members leave. From version 3 on several at once, which administrators use too. */
export const leaveGroup = api({
  key: 13,
  name: 'LeaveGroup',
  versions: [0, 5],
  flexibleFrom: 4,
  request: {
    groupId: string,
    memberId: until(2, string, ''),
    members: since(
      3,
      listOf({
        memberId: string,
        groupInstanceId: defaulted(nullableString, null),
        reason: since(5, nullableString, null),
      }),
      [],
    ),
  },
  response: {
    throttleTimeMs: since(1, int32, 0),
    errorCode: int16,
    members: since(
      3,
      listOf({
        memberId: string,
        groupInstanceId: nullableString,
        errorCode: int16,
      }),
      [],
    ),
  },
})
