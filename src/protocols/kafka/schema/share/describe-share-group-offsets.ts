import {
  api,
  defaulted,
  int16,
  int32,
  int64,
  listOf,
  nullableListOf,
  nullableString,
  since,
  string,
  uuid,
} from '../dsl.ts'

/** Where share groups begin to read. Null asks for all topics. */
export const describeShareGroupOffsets = api({
  key: 90,
  name: 'DescribeShareGroupOffsets',
  versions: [0, 1],
  flexibleFrom: 0,
  request: {
    groups: listOf({
      groupId: string,
      topics: nullableListOf({
        topicName: string,
        partitions: listOf(int32),
      }),
    }),
  },
  response: {
    throttleTimeMs: int32,
    groups: listOf({
      groupId: string,
      topics: listOf({
        topicName: string,
        topicId: uuid,
        partitions: listOf({
          partitionIndex: int32,
          startOffset: int64,
          leaderEpoch: int32,
          lag: since(1, int64, -1),
          errorCode: int16,
          errorMessage: defaulted(nullableString, null),
        }),
      }),
      errorCode: int16,
      errorMessage: defaulted(nullableString, null),
    }),
  },
})
