import {
  INT32_MIN,
  api,
  bool,
  defaulted,
  int16,
  int32,
  int8,
  listOf,
  nullableString,
  since,
  string,
  struct,
  uuid,
} from '../dsl.ts'

/** State, members and assignments of new consumer groups. 1: the kind of each member. */
export const consumerGroupDescribe = api({
  key: 69,
  name: 'ConsumerGroupDescribe',
  versions: [0, 1],
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
        instanceId: defaulted(nullableString, null),
        rackId: defaulted(nullableString, null),
        memberEpoch: int32,
        clientId: string,
        clientHost: string,
        subscribedTopicNames: listOf(string),
        subscribedTopicRegex: defaulted(nullableString, null),
        assignment: struct({
          topicPartitions: listOf({
            topicId: uuid,
            topicName: string,
            partitions: listOf(int32),
          }),
        }),
        targetAssignment: struct({
          topicPartitions: listOf({
            topicId: uuid,
            topicName: string,
            partitions: listOf(int32),
          }),
        }),
        memberType: since(1, int8, -1),
      }),
      authorizedOperations: defaulted(int32, INT32_MIN),
    }),
  },
})
