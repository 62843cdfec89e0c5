import { api, defaulted, int16, int32, listOf, nullableString, string, uuid } from '../dsl.ts'

/** Forgets where share groups begin to read in topics. */
export const deleteShareGroupOffsets = api({
  key: 92,
  name: 'DeleteShareGroupOffsets',
  versions: [0, 0],
  flexibleFrom: 0,
  request: {
    groupId: string,
    topics: listOf({
      topicName: string,
    }),
  },
  response: {
    throttleTimeMs: int32,
    errorCode: int16,
    errorMessage: defaulted(nullableString, null),
    responses: listOf({
      topicName: string,
      topicId: uuid,
      errorCode: int16,
      errorMessage: defaulted(nullableString, null),
    }),
  },
})
