import { api, bool, defaulted, int16, int32, int64, listOf, since, string, until } from '../dsl.ts'

/** Adds partitions to a transaction. From version 4 on the form in which brokers ask for many. */
export const addPartitionsToTxn = api({
  key: 24,
  name: 'AddPartitionsToTxn',
  versions: [0, 5],
  flexibleFrom: 3,
  request: {
    transactions: since(
      4,
      listOf({
        transactionalId: string,
        producerId: int64,
        producerEpoch: int16,
        verifyOnly: defaulted(bool, false),
        topics: listOf({
          name: string,
          partitions: listOf(int32),
        }),
      }),
      [],
    ),
    v3AndBelowTransactionalId: until(3, string, ''),
    v3AndBelowProducerId: until(3, int64, 0),
    v3AndBelowProducerEpoch: until(3, int16, 0),
    v3AndBelowTopics: until(
      3,
      listOf({
        name: string,
        partitions: listOf(int32),
      }),
      [],
    ),
  },
  response: {
    throttleTimeMs: int32,
    errorCode: since(4, int16, 0),
    resultsByTransaction: since(
      4,
      listOf({
        transactionalId: string,
        topicResults: listOf({
          name: string,
          resultsByPartition: listOf({
            partitionIndex: int32,
            partitionErrorCode: int16,
          }),
        }),
      }),
      [],
    ),
    resultsByTopicV3AndBelow: until(
      3,
      listOf({
        name: string,
        resultsByPartition: listOf({
          partitionIndex: int32,
          partitionErrorCode: int16,
        }),
      }),
      [],
    ),
  },
})
