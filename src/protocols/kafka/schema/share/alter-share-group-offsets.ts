import {
  api,
  defaulted,
  int16,
  int32,
  int64,
  listOf,
  nullableString,
  string,
  uuid,
} from '../dsl.ts'

/** Sets where share groups begin to read. */
export const alterShareGroupOffsets = api({
  key: 91,
  name: 'AlterShareGroupOffsets',
  versions: [0, 0],
  flexibleFrom: 0,
  request: {
    groupId: string,
    topics: listOf({
      topicName: string,
      partitions: listOf({
        partitionIndex: int32,
        startOffset: int64,
      }),
    }),
  },
  response: {
    throttleTimeMs: int32,
    errorCode: int16,
    errorMessage: defaulted(nullableString, null),
    responses: listOf({
      topicName: string,
      topicId: uuid,
      partitions: listOf({
        partitionIndex: int32,
        errorCode: int16,
        errorMessage: defaulted(nullableString, null),
      }),
    }),
  },
})
