import {
  api,
  int16,
  int32,
  int64,
  int64Saturated,
  int8,
  listOf,
  since,
  string,
  until,
} from '../dsl.ts'

/**
 * Finds offsets by time; special times are negative: -1 the end, -2 the start, -3 the newest
 * time, -4 the local start, -5 the end of what is tiered, -6 the start of what is not.
 */
export const listOffsets = api({
  key: 2,
  name: 'ListOffsets',
  versions: [0, 11],
  flexibleFrom: 6,
  request: {
    replicaId: int32,
    isolationLevel: since(2, int8, 0),
    topics: listOf({
      name: string,
      partitions: listOf({
        partitionIndex: int32,
        currentLeaderEpoch: since(4, int32, -1),
        timestamp: int64Saturated,
        maxNumOffsets: until(0, int32, 1),
      }),
    }),
    timeoutMs: since(10, int32, 0),
  },
  response: {
    throttleTimeMs: since(2, int32, 0),
    topics: listOf({
      name: string,
      partitions: listOf({
        partitionIndex: int32,
        errorCode: int16,
        oldStyleOffsets: until(0, listOf(int64), []),
        timestamp: since(1, int64, -1),
        offset: since(1, int64, -1),
        leaderEpoch: since(4, int32, -1),
      }),
    }),
  },
})
