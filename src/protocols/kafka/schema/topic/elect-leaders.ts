import {
  api,
  defaulted,
  int16,
  int32,
  int8,
  listOf,
  nullableListOf,
  nullableString,
  since,
  string,
} from '../dsl.ts'

/**
 * Elects leaders of partitions: the preferred ones (type 0), or whoever is there (1). Null
 * asks for all partitions.
 */
export const electLeaders = api({
  key: 43,
  name: 'ElectLeaders',
  versions: [0, 2],
  flexibleFrom: 2,
  request: {
    electionType: since(1, int8, 0),
    topicPartitions: nullableListOf({
      topic: string,
      partitions: listOf(int32),
    }),
    timeoutMs: defaulted(int32, 60000),
  },
  response: {
    throttleTimeMs: int32,
    errorCode: since(1, int16, 0),
    replicaElectionResults: listOf({
      topic: string,
      partitionResult: listOf({
        partitionId: int32,
        errorCode: int16,
        errorMessage: nullableString,
      }),
    }),
  },
})
