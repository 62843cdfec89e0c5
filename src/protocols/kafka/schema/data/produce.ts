import {
  ZERO_UUID,
  api,
  defaulted,
  int16,
  int32,
  int64,
  listOf,
  nullableString,
  records,
  since,
  string,
  tagged,
  taggedStruct,
  until,
  uuid,
} from '../dsl.ts'

/**
 * Appends record batches. 3: record batches instead of message sets, and a transactional id.
 * 8: errors of single records. 10: says who leads now. 12: transactions add their partitions
 * implicitly. 13: topics by id instead of name.
 */
export const produce = api({
  key: 0,
  name: 'Produce',
  versions: [0, 13],
  flexibleFrom: 9,
  request: {
    transactionalId: since(3, nullableString, null),
    acks: int16,
    timeoutMs: int32,
    topicData: listOf({
      name: until(12, string, ''),
      topicId: since(13, uuid, ZERO_UUID),
      partitionData: listOf({
        index: int32,
        records: records,
      }),
    }),
  },
  response: {
    responses: listOf({
      name: until(12, string, ''),
      topicId: since(13, uuid, ZERO_UUID),
      partitionResponses: listOf({
        index: int32,
        errorCode: int16,
        baseOffset: int64,
        logAppendTimeMs: since(2, int64, -1),
        logStartOffset: since(5, int64, -1),
        recordErrors: since(
          8,
          listOf({
            batchIndex: int32,
            batchIndexErrorMessage: defaulted(nullableString, null),
          }),
          [],
        ),
        errorMessage: since(8, nullableString, null),
        currentLeader: taggedStruct(0, 10, {
          leaderId: defaulted(int32, -1),
          leaderEpoch: defaulted(int32, -1),
        }),
      }),
    }),
    throttleTimeMs: since(1, int32, 0),
    nodeEndpoints: tagged(
      0,
      10,
      listOf({
        nodeId: int32,
        host: string,
        port: int32,
        rack: defaulted(nullableString, null),
      }),
      [],
    ),
  },
})
