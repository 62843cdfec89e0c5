import {
  INT32_MIN,
  api,
  bool,
  defaulted,
  int16,
  int32,
  listOf,
  nullableString,
  string,
  struct,
  uuid,
} from '../dsl.ts'

/** State, members and assignments of share groups. */
export const shareGroupDescribe = api({
  key: 77,
  name: 'ShareGroupDescribe',
  versions: [1, 1],
  flexibleFrom: 0,
  request: {
    groupIds: listOf(string),
    includeAuthorizedOperations: bool,
  },
  response: {
    throttleTimeMs: int32,
    groups: listOf({
      errorCode: int16,
      errorMessage: defaulted(nullableString, null),
      groupId: string,
      groupState: string,
      groupEpoch: int32,
      assignmentEpoch: int32,
      assignorName: string,
      members: listOf({
        memberId: string,
        rackId: defaulted(nullableString, null),
        memberEpoch: int32,
        clientId: string,
        clientHost: string,
        subscribedTopicNames: listOf(string),
        assignment: struct({
          topicPartitions: listOf({
            topicId: uuid,
            topicName: string,
            partitions: listOf(int32),
          }),
        }),
      }),
      authorizedOperations: defaulted(int32, INT32_MIN),
    }),
  },
})
