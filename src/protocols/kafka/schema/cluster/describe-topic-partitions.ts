import {
  INT32_MIN,
  api,
  bool,
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

/** What partitions topics have, page by page. */
export const describeTopicPartitions = api({
  key: 75,
  name: 'DescribeTopicPartitions',
  versions: [0, 0],
  flexibleFrom: 0,
  request: {
    topics: listOf({
      name: string,
    }),
    responsePartitionLimit: defaulted(int32, 2000),
    cursor: defaulted(
      nullableStruct({
        topicName: string,
        partitionIndex: int32,
      }),
      null,
    ),
  },
  response: {
    throttleTimeMs: int32,
    topics: listOf({
      errorCode: int16,
      name: nullableString,
      topicId: uuid,
      isInternal: defaulted(bool, false),
      partitions: listOf({
        errorCode: int16,
        partitionIndex: int32,
        leaderId: int32,
        leaderEpoch: defaulted(int32, -1),
        replicaNodes: listOf(int32),
        isrNodes: listOf(int32),
        eligibleLeaderReplicas: defaulted(nullableListOf(int32), null),
        lastKnownElr: defaulted(nullableListOf(int32), null),
        offlineReplicas: listOf(int32),
      }),
      topicAuthorizedOperations: defaulted(int32, INT32_MIN),
    }),
    nextCursor: defaulted(
      nullableStruct({
        topicName: string,
        partitionIndex: int32,
      }),
      null,
    ),
  },
})
