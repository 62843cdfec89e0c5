import { api, int16, int32, int64, listOf, nullableString, since, string } from '../dsl.ts'

/** Commits a group's offsets within a transaction. */
export const txnOffsetCommit = api({
  key: 28,
  name: 'TxnOffsetCommit',
  versions: [0, 5],
  flexibleFrom: 3,
  request: {
    transactionalId: string,
    groupId: string,
    producerId: int64,
    producerEpoch: int16,
    generationId: since(3, int32, -1),
    memberId: since(3, string, ''),
    groupInstanceId: since(3, nullableString, null),
    topics: listOf({
      name: string,
      partitions: listOf({
        partitionIndex: int32,
        committedOffset: int64,
        committedLeaderEpoch: since(2, int32, -1),
        committedMetadata: nullableString,
      }),
    }),
  },
  response: {
    throttleTimeMs: int32,
    topics: listOf({
      name: string,
      partitions: listOf({
        partitionIndex: int32,
        errorCode: int16,
      }),
    }),
  },
})
