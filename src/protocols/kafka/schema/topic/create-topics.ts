import {
  ZERO_UUID,
  api,
  bool,
  defaulted,
  int16,
  int32,
  int8,
  listOf,
  nullableListOf,
  nullableString,
  since,
  string,
  tagged,
  uuid,
} from '../dsl.ts'

/** Creates topics. -1 partitions or replicas stand for the broker's default. */
export const createTopics = api({
  key: 19,
  name: 'CreateTopics',
  versions: [0, 7],
  flexibleFrom: 5,
  request: {
    topics: listOf({
      name: string,
      numPartitions: int32,
      replicationFactor: int16,
      assignments: listOf({
        partitionIndex: int32,
        brokerIds: listOf(int32),
      }),
      configs: listOf({
        name: string,
        value: nullableString,
      }),
    }),
    timeoutMs: defaulted(int32, 60000),
    validateOnly: since(1, bool, false),
  },
  response: {
    throttleTimeMs: since(2, int32, 0),
    topics: listOf({
      name: string,
      topicId: since(7, uuid, ZERO_UUID),
      errorCode: int16,
      errorMessage: since(1, nullableString, ''),
      topicConfigErrorCode: tagged(0, 5, int16, 0),
      numPartitions: since(5, int32, -1),
      replicationFactor: since(5, int16, -1),
      configs: since(
        5,
        nullableListOf({
          name: string,
          value: nullableString,
          readOnly: bool,
          configSource: defaulted(int8, -1),
          isSensitive: bool,
        }),
        [],
      ),
    }),
  },
})
