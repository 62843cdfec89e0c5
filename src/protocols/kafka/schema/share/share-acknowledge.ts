import {
  api,
  bool,
  defaulted,
  int16,
  int32,
  int64,
  int8,
  listOf,
  nullableString,
  since,
  string,
  struct,
  uuid,
} from '../dsl.ts'

/** Settles records that a member of a share group acquired. */
export const shareAcknowledge = api({
  key: 79,
  name: 'ShareAcknowledge',
  versions: [1, 2],
  flexibleFrom: 0,
  request: {
    groupId: defaulted(nullableString, null),
    memberId: nullableString,
    shareSessionEpoch: int32,
    isRenewAck: since(2, bool, false),
    topics: listOf({
      topicId: uuid,
      partitions: listOf({
        partitionIndex: int32,
        acknowledgementBatches: listOf({
          firstOffset: int64,
          lastOffset: int64,
          acknowledgeTypes: listOf(int8),
        }),
      }),
    }),
  },
  response: {
    throttleTimeMs: int32,
    errorCode: int16,
    errorMessage: defaulted(nullableString, null),
    acquisitionLockTimeoutMs: since(2, int32, 0),
    responses: listOf({
      topicId: uuid,
      partitions: listOf({
        partitionIndex: int32,
        errorCode: int16,
        errorMessage: defaulted(nullableString, null),
        currentLeader: struct({
          leaderId: int32,
          leaderEpoch: int32,
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
