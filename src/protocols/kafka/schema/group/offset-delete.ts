import { api, int16, int32, listOf, string } from '../dsl.ts'

/** Forgets a group's committed offsets for some partitions. */
export const offsetDelete = api({
  key: 47,
  name: 'OffsetDelete',
  versions: [0, 0],
  flexibleFrom: null,
  request: {
    groupId: string,
    topics: listOf({
      name: string,
      partitions: listOf({
        partitionIndex: int32,
      }),
    }),
  },
  response: {
    errorCode: int16,
    throttleTimeMs: int32,
    topics: listOf({
      name: string,
      partitions: listOf({
        partitionIndex: int32,
        errorCode: int16,
      }),
    }),
  },
})
