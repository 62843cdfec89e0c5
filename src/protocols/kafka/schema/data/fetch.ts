import {
  INT32_MAX,
  ZERO_UUID,
  api,
  defaulted,
  int16,
  int32,
  int64,
  int64Saturated,
  int8,
  listOf,
  nullableListOf,
  nullableString,
  records,
  since,
  string,
  tagged,
  taggedStruct,
  until,
  uuid,
} from '../dsl.ts'

/**
 * Reads record batches, waiting for some if asked to. 4: record batches, isolation levels.
 * 7: fetch sessions. 11: reading from the nearest replica. 12: divergence of followers is told.
 * 13: topics by id. 15: the replica's state is a tag. 16: says who leads now.
 */
export const fetch = api({
  key: 1,
  name: 'Fetch',
  versions: [0, 18],
  flexibleFrom: 12,
  request: {
    clusterId: tagged(0, 12, nullableString, null),
    replicaId: until(14, int32, -1),
    replicaState: taggedStruct(1, 15, {
      replicaId: defaulted(int32, -1),
      replicaEpoch: defaulted(int64, -1),
    }),
    maxWaitMs: int32,
    minBytes: int32,
    maxBytes: since(3, int32, INT32_MAX),
    isolationLevel: since(4, int8, 0),
    sessionId: since(7, int32, 0),
    sessionEpoch: since(7, int32, -1),
    topics: listOf({
      topic: until(12, string, ''),
      topicId: since(13, uuid, ZERO_UUID),
      partitions: listOf({
        partition: int32,
        currentLeaderEpoch: since(9, int32, -1),
        fetchOffset: int64,
        lastFetchedEpoch: since(12, int32, -1),
        logStartOffset: since(5, int64, -1),
        partitionMaxBytes: int32,
        replicaDirectoryId: tagged(0, 17, uuid, ZERO_UUID),
        highWatermark: tagged(1, 18, int64Saturated, Number.MAX_SAFE_INTEGER),
      }),
    }),
    forgottenTopicsData: since(
      7,
      listOf({
        topic: until(12, string, ''),
        topicId: since(13, uuid, ZERO_UUID),
        partitions: listOf(int32),
      }),
      [],
    ),
    rackId: since(11, string, ''),
  },
  response: {
    throttleTimeMs: since(1, int32, 0),
    errorCode: since(7, int16, 0),
    sessionId: since(7, int32, 0),
    responses: listOf({
      topic: until(12, string, ''),
      topicId: since(13, uuid, ZERO_UUID),
      partitions: listOf({
        partitionIndex: int32,
        errorCode: int16,
        highWatermark: int64,
        lastStableOffset: since(4, int64, -1),
        logStartOffset: since(5, int64, -1),
        divergingEpoch: taggedStruct(0, 12, {
          epoch: defaulted(int32, -1),
          endOffset: defaulted(int64, -1),
        }),
        currentLeader: taggedStruct(1, 12, {
          leaderId: defaulted(int32, -1),
          leaderEpoch: defaulted(int32, -1),
        }),
        snapshotId: taggedStruct(2, 12, {
          endOffset: defaulted(int64, -1),
          epoch: defaulted(int32, -1),
        }),
        abortedTransactions: since(
          4,
          nullableListOf({
            producerId: int64,
            firstOffset: int64,
          }),
          [],
        ),
        preferredReadReplica: since(11, int32, -1),
        records: records,
      }),
    }),
    nodeEndpoints: tagged(
      0,
      16,
      listOf({
        nodeId: int32,
        host: string,
        port: int32,
        rack: defaulted(nullableString, null),
      }),
      [],
    ),
  },
})
