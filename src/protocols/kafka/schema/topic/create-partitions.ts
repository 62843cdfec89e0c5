import {
  api,
  bool,
  defaulted,
  int16,
  int32,
  listOf,
  nullableListOf,
  nullableString,
  string,
} from '../dsl.ts'

/** Adds partitions to topics. `count` is how many there are to be in all. */
export const createPartitions = api({
  key: 37,
  name: 'CreatePartitions',
  versions: [0, 3],
  flexibleFrom: 2,
  request: {
    topics: listOf({
      name: string,
      count: int32,
      assignments: nullableListOf({
        brokerIds: listOf(int32),
      }),
    }),
    timeoutMs: int32,
    validateOnly: bool,
  },
  response: {
    throttleTimeMs: int32,
    results: listOf({
      name: string,
      errorCode: int16,
      errorMessage: defaulted(nullableString, null),
    }),
  },
})
