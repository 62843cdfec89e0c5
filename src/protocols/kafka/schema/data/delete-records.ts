import { api, int16, int32, int64, listOf, string } from '../dsl.ts'

/** Makes all records below an offset unreadable; -1 stands for the end. */
export const deleteRecords = api({
  key: 21,
  name: 'DeleteRecords',
  versions: [0, 2],
  flexibleFrom: 2,
  request: {
    topics: listOf({
      name: string,
      partitions: listOf({
        partitionIndex: int32,
        offset: int64,
      }),
    }),
    timeoutMs: int32,
  },
  response: {
    throttleTimeMs: int32,
    topics: listOf({
      name: string,
      partitions: listOf({
        partitionIndex: int32,
        lowWatermark: int64,
        errorCode: int16,
      }),
    }),
  },
})
