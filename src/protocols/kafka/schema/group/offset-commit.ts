import {
  ZERO_UUID,
  api,
  between,
  int16,
  int32,
  int64,
  int64Saturated,
  listOf,
  nullableString,
  since,
  string,
  until,
  uuid,
} from '../dsl.ts'

/**
 * Commits a group's offsets. 5: how long they are kept is the broker's business. 7: static
 * members. 9: member epochs of the new groups. 10: topics by id.
 */
export const offsetCommit = api({
  key: 8,
  name: 'OffsetCommit',
  versions: [0, 10],
  flexibleFrom: 8,
  request: {
    groupId: string,
    generationIdOrMemberEpoch: since(1, int32, -1),
    memberId: since(1, string, ''),
    groupInstanceId: since(7, nullableString, null),
    retentionTimeMs: between(2, 4, int64Saturated, -1),
    topics: listOf({
      name: until(9, string, ''),
      topicId: since(10, uuid, ZERO_UUID),
      partitions: listOf({
        partitionIndex: int32,
        committedOffset: int64,
        committedLeaderEpoch: since(6, int32, -1),
        // Version 1 alone says when; the broker's own time is taken instead.
        commitTimestamp: between(1, 1, int64Saturated, -1),
        committedMetadata: nullableString,
      }),
    }),
  },
  response: {
    throttleTimeMs: since(3, int32, 0),
    topics: listOf({
      name: until(9, string, ''),
      topicId: since(10, uuid, ZERO_UUID),
      partitions: listOf({
        partitionIndex: int32,
        errorCode: int16,
      }),
    }),
  },
})
