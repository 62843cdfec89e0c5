import { api, defaulted, int16, int32, int64, listOf, nullableString, string } from '../dsl.ts'

/** The producers that wrote to partitions, as far as the broker remembers them. */
export const describeProducers = api({
  key: 61,
  name: 'DescribeProducers',
  versions: [0, 0],
  flexibleFrom: 0,
  request: {
    topics: listOf({
      name: string,
      partitionIndexes: listOf(int32),
    }),
  },
  response: {
    throttleTimeMs: int32,
    topics: listOf({
      name: string,
      partitions: listOf({
        partitionIndex: int32,
        errorCode: int16,
        errorMessage: defaulted(nullableString, null),
        activeProducers: listOf({
          producerId: int64,
          producerEpoch: int32,
          lastSequence: defaulted(int32, -1),
          lastTimestamp: defaulted(int64, -1),
          coordinatorEpoch: int32,
          currentTxnStartOffset: defaulted(int64, -1),
        }),
      }),
    }),
  },
})
