import {
  ZERO_UUID,
  api,
  between,
  bool,
  defaulted,
  int16,
  int32,
  int64,
  listOf,
  nullableListOf,
  nullableSince,
  nullableString,
  since,
  string,
  until,
  uuid,
} from '../dsl.ts'

/**
 * A group's committed offsets; from version 8 on, those of several groups at once. Null asks
 * for all topics. 9: member epochs of the new groups. 10: topics by id.
 */
export const offsetFetch = api({
  key: 9,
  name: 'OffsetFetch',
  versions: [0, 10],
  flexibleFrom: 6,
  request: {
    groupId: until(7, string, ''),
    topics: until(
      7,
      nullableSince(
        2,
        nullableListOf({
          name: string,
          partitionIndexes: listOf(int32),
        }),
      ),
      [],
    ),
    groups: since(
      8,
      listOf({
        groupId: string,
        memberId: since(9, nullableString, null),
        memberEpoch: since(9, int32, -1),
        topics: nullableListOf({
          name: until(9, string, ''),
          topicId: since(10, uuid, ZERO_UUID),
          partitionIndexes: listOf(int32),
        }),
      }),
      [],
    ),
    requireStable: since(7, bool, false),
  },
  response: {
    throttleTimeMs: since(3, int32, 0),
    topics: until(
      7,
      listOf({
        name: string,
        partitions: listOf({
          partitionIndex: int32,
          committedOffset: int64,
          committedLeaderEpoch: since(5, int32, -1),
          metadata: nullableString,
          errorCode: int16,
        }),
      }),
      [],
    ),
    errorCode: between(2, 7, int16, 0),
    groups: since(
      8,
      listOf({
        groupId: string,
        topics: listOf({
          name: until(9, string, ''),
          topicId: since(10, uuid, ZERO_UUID),
          partitions: listOf({
            partitionIndex: int32,
            committedOffset: int64,
            committedLeaderEpoch: defaulted(int32, -1),
            metadata: nullableString,
            errorCode: int16,
          }),
        }),
        errorCode: defaulted(int16, 0),
      }),
      [],
    ),
  },
})
