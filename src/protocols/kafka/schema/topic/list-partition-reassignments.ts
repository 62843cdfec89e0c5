import {
  api,
  defaulted,
  int16,
  int32,
  listOf,
  nullableListOf,
  nullableString,
  string,
} from '../dsl.ts'

/** Lists the reassignments under way. Null asks for all topics. */
export const listPartitionReassignments = api({
  key: 46,
  name: 'ListPartitionReassignments',
  versions: [0, 0],
  flexibleFrom: 0,
  request: {
    timeoutMs: defaulted(int32, 60000),
    topics: defaulted(
      nullableListOf({
        name: string,
        partitionIndexes: listOf(int32),
      }),
      null,
    ),
  },
  response: {
    throttleTimeMs: int32,
    errorCode: int16,
    errorMessage: nullableString,
    topics: listOf({
      name: string,
      partitions: listOf({
        partitionIndex: int32,
        replicas: listOf(int32),
        addingReplicas: listOf(int32),
        removingReplicas: listOf(int32),
      }),
    }),
  },
})
