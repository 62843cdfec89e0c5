import {
  ZERO_UUID,
  api,
  int16,
  int32,
  int64,
  listOf,
  nullableString,
  since,
  string,
  uint16,
  uuid,
} from '../dsl.ts'

/** State of the metadata quorum, for administrators. */
export const describeQuorum = api({
  key: 55,
  name: 'DescribeQuorum',
  versions: [0, 2],
  flexibleFrom: 0,
  request: {
    topics: listOf({
      topicName: string,
      partitions: listOf({
        partitionIndex: int32,
      }),
    }),
  },
  response: {
    errorCode: int16,
    errorMessage: since(2, nullableString, ''),
    topics: listOf({
      topicName: string,
      partitions: listOf({
        partitionIndex: int32,
        errorCode: int16,
        errorMessage: since(2, nullableString, ''),
        leaderId: int32,
        leaderEpoch: int32,
        highWatermark: int64,
        currentVoters: listOf({
          replicaId: int32,
          replicaDirectoryId: since(2, uuid, ZERO_UUID),
          logEndOffset: int64,
          lastFetchTimestamp: since(1, int64, -1),
          lastCaughtUpTimestamp: since(1, int64, -1),
        }),
        observers: listOf({
          replicaId: int32,
          replicaDirectoryId: since(2, uuid, ZERO_UUID),
          logEndOffset: int64,
          lastFetchTimestamp: since(1, int64, -1),
          lastCaughtUpTimestamp: since(1, int64, -1),
        }),
      }),
    }),
    nodes: since(
      2,
      listOf({
        nodeId: int32,
        listeners: listOf({
          name: string,
          host: string,
          port: uint16,
        }),
      }),
      [],
    ),
  },
})
