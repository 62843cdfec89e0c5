import {
  api,
  defaulted,
  int16,
  int32,
  listOf,
  nullableListOf,
  nullableString,
  nullableStruct,
  since,
  string,
  uuid,
} from '../dsl.ts'

/**
 * A member of a new consumer group says it is alive and what it wants; the answer says what
 * it gets. 1: the client makes up its member id; patterns of topics.
 */
export const consumerGroupHeartbeat = api({
  key: 68,
  name: 'ConsumerGroupHeartbeat',
  versions: [0, 1],
  flexibleFrom: 0,
  request: {
    groupId: string,
    memberId: string,
    memberEpoch: int32,
    instanceId: defaulted(nullableString, null),
    rackId: defaulted(nullableString, null),
    rebalanceTimeoutMs: defaulted(int32, -1),
    subscribedTopicNames: defaulted(nullableListOf(string), null),
    subscribedTopicRegex: since(1, nullableString, null),
    serverAssignor: defaulted(nullableString, null),
    topicPartitions: defaulted(
      nullableListOf({
        topicId: uuid,
        partitions: listOf(int32),
      }),
      null,
    ),
  },
  response: {
    throttleTimeMs: int32,
    errorCode: int16,
    errorMessage: defaulted(nullableString, null),
    memberId: defaulted(nullableString, null),
    memberEpoch: int32,
    heartbeatIntervalMs: int32,
    assignment: defaulted(
      nullableStruct({
        topicPartitions: listOf({
          topicId: uuid,
          partitions: listOf(int32),
        }),
      }),
      null,
    ),
  },
})
