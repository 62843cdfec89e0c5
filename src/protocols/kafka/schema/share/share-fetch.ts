import {
  INT32_MAX,
  api,
  bool,
  defaulted,
  int16,
  int32,
  int64,
  int8,
  listOf,
  nullableString,
  records,
  since,
  string,
  struct,
  until,
  uuid,
} from '../dsl.ts'

/**
 * Acquires records for a share group and settles others on the way. 2: a limit on records,
 * prolonging of locks.
 */
export const shareFetch = api({
  key: 78,
  name: 'ShareFetch',
  versions: [1, 2],
  flexibleFrom: 0,
  request: {
    groupId: defaulted(nullableString, null),
    memberId: nullableString,
    shareSessionEpoch: int32,
    maxWaitMs: int32,
    minBytes: int32,
    maxBytes: defaulted(int32, INT32_MAX),
    maxRecords: int32,
    batchSize: int32,
    shareAcquireMode: since(2, int8, 0),
    isRenewAck: since(2, bool, false),
    topics: listOf({
      topicId: uuid,
      partitions: listOf({
        partitionIndex: int32,
        partitionMaxBytes: until(0, int32, 0),
        acknowledgementBatches: listOf({
          firstOffset: int64,
          lastOffset: int64,
          acknowledgeTypes: listOf(int8),
        }),
      }),
    }),
    forgottenTopicsData: listOf({
      topicId: uuid,
      partitions: listOf(int32),
    }),
  },
  response: {
    throttleTimeMs: int32,
    errorCode: int16,
    errorMessage: defaulted(nullableString, null),
    acquisitionLockTimeoutMs: int32,
    responses: listOf({
      topicId: uuid,
      partitions: listOf({
        partitionIndex: int32,
        errorCode: int16,
        errorMessage: defaulted(nullableString, null),
        acknowledgeErrorCode: int16,
        acknowledgeErrorMessage: defaulted(nullableString, null),
        currentLeader: struct({
          leaderId: int32,
          leaderEpoch: int32,
        }),
        records: records,
        acquiredRecords: listOf({
          firstOffset: int64,
          lastOffset: int64,
          deliveryCount: int16,
        }),
      }),
    }),
    nodeEndpoints: listOf({
      nodeId: int32,
      host: string,
      port: int32,
      rack: defaulted(nullableString, null),
    }),
  },
})
