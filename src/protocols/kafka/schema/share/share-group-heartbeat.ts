import {
  api,
  defaulted,
  int16,
  int32,
  listOf,
  nullableListOf,
  nullableString,
  nullableStruct,
  string,
  uuid,
} from '../dsl.ts'

/**
 * A member of a share group says it is alive; the answer says what it reads. Version 0 was an
 * early form that nobody speaks any more.
 */
export const shareGroupHeartbeat = api({
  key: 76,
  name: 'ShareGroupHeartbeat',
  versions: [1, 1],
  flexibleFrom: 0,
  request: {
    groupId: string,
    memberId: string,
    memberEpoch: int32,
    rackId: defaulted(nullableString, null),
    subscribedTopicNames: defaulted(nullableListOf(string), null),
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
