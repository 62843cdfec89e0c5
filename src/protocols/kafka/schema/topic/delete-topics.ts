import {
  ZERO_UUID,
  api,
  defaulted,
  int16,
  int32,
  listOf,
  nullableSince,
  nullableString,
  since,
  string,
  until,
  uuid,
} from '../dsl.ts'

/** Deletes topics, by name or, from version 6 on, by id. */
export const deleteTopics = api({
  key: 20,
  name: 'DeleteTopics',
  versions: [0, 6],
  flexibleFrom: 4,
  request: {
    topics: since(
      6,
      listOf({
        name: defaulted(nullableString, null),
        topicId: uuid,
      }),
      [],
    ),
    topicNames: until(5, listOf(string), []),
    timeoutMs: int32,
  },
  response: {
    throttleTimeMs: since(1, int32, 0),
    responses: listOf({
      name: nullableSince(6, nullableString),
      topicId: since(6, uuid, ZERO_UUID),
      errorCode: int16,
      errorMessage: since(5, nullableString, null),
    }),
  },
})
