import {
  INT32_MIN,
  ZERO_UUID,
  api,
  between,
  bool,
  int16,
  int32,
  listOf,
  nullableListOf,
  nullableSince,
  nullableString,
  since,
  string,
  uuid,
} from '../dsl.ts'

/**
 * What topics there are, and where their partitions lie. 10: topic ids. 12: may ask by id.
 * Null asks for all topics; in version 0 an empty list does.
 */
export const metadata = api({
  key: 3,
  name: 'Metadata',
  versions: [0, 13],
  flexibleFrom: 9,
  request: {
    topics: nullableSince(
      1,
      nullableListOf({
        topicId: since(10, uuid, ZERO_UUID),
        name: nullableSince(10, nullableString),
      }),
    ),
    allowAutoTopicCreation: since(4, bool, true),
    includeClusterAuthorizedOperations: between(8, 10, bool, false),
    includeTopicAuthorizedOperations: since(8, bool, false),
  },
  response: {
    throttleTimeMs: since(3, int32, 0),
    brokers: listOf({
      nodeId: int32,
      host: string,
      port: int32,
      rack: since(1, nullableString, null),
    }),
    clusterId: since(2, nullableString, null),
    controllerId: since(1, int32, -1),
    topics: listOf({
      errorCode: int16,
      name: nullableSince(12, nullableString),
      topicId: since(10, uuid, ZERO_UUID),
      isInternal: since(1, bool, false),
      partitions: listOf({
        errorCode: int16,
        partitionIndex: int32,
        leaderId: int32,
        leaderEpoch: since(7, int32, -1),
        replicaNodes: listOf(int32),
        isrNodes: listOf(int32),
        offlineReplicas: since(5, listOf(int32), []),
      }),
      topicAuthorizedOperations: since(8, int32, INT32_MIN),
    }),
    clusterAuthorizedOperations: between(8, 10, int32, INT32_MIN),
    errorCode: since(13, int16, 0),
  },
})
