import { api, int16, int32, int64, listOf, string } from '../dsl.ts'

/** State of transactions, by transactional id. */
export const describeTransactions = api({
  key: 65,
  name: 'DescribeTransactions',
  versions: [0, 0],
  flexibleFrom: 0,
  request: {
    transactionalIds: listOf(string),
  },
  response: {
    throttleTimeMs: int32,
    transactionStates: listOf({
      errorCode: int16,
      transactionalId: string,
      transactionState: string,
      transactionTimeoutMs: int32,
      transactionStartTimeMs: int64,
      producerId: int64,
      producerEpoch: int16,
      topics: listOf({
        topic: string,
        partitions: listOf(int32),
      }),
    }),
  },
})
