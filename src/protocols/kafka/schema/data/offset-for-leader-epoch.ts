import { api, defaulted, int16, int32, int64, listOf, since, string } from '../dsl.ts'

/** Where a leader's epoch ended, so that a client notices a log that was cut. */
export const offsetForLeaderEpoch = api({
  key: 23,
  name: 'OffsetForLeaderEpoch',
  versions: [0, 4],
  flexibleFrom: 4,
  request: {
    replicaId: since(3, int32, -2),
    topics: listOf({
      topic: string,
      partitions: listOf({
        partition: int32,
        currentLeaderEpoch: since(2, int32, -1),
        leaderEpoch: int32,
      }),
    }),
  },
  response: {
    throttleTimeMs: since(2, int32, 0),
    topics: listOf({
      topic: string,
      partitions: listOf({
        errorCode: int16,
        partition: int32,
        leaderEpoch: since(1, int32, -1),
        endOffset: defaulted(int64, -1),
      }),
    }),
  },
})
