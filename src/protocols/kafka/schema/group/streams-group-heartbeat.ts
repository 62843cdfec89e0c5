import {
  api,
  bool,
  defaulted,
  int16,
  int32,
  int64,
  int8,
  listOf,
  nullableListOf,
  nullableString,
  nullableStruct,
  string,
  struct,
  uint16,
} from '../dsl.ts'

/** A member of a Kafka Streams group says it is alive, what it runs and what it should run. */
export const streamsGroupHeartbeat = api({
  key: 88,
  name: 'StreamsGroupHeartbeat',
  versions: [0, 0],
  flexibleFrom: 0,
  request: {
    groupId: string,
    memberId: string,
    memberEpoch: int32,
    endpointInformationEpoch: int32,
    instanceId: defaulted(nullableString, null),
    rackId: defaulted(nullableString, null),
    rebalanceTimeoutMs: defaulted(int32, -1),
    topology: defaulted(
      nullableStruct({
        epoch: int32,
        subtopologies: listOf({
          subtopologyId: string,
          sourceTopics: listOf(string),
          sourceTopicRegex: listOf(string),
          stateChangelogTopics: listOf({
            name: string,
            partitions: int32,
            replicationFactor: int16,
            topicConfigs: listOf({
              key: string,
              value: string,
            }),
          }),
          repartitionSinkTopics: listOf(string),
          repartitionSourceTopics: listOf({
            name: string,
            partitions: int32,
            replicationFactor: int16,
            topicConfigs: listOf({
              key: string,
              value: string,
            }),
          }),
          copartitionGroups: listOf({
            sourceTopics: listOf(int16),
            sourceTopicRegex: listOf(int16),
            repartitionSourceTopics: listOf(int16),
          }),
        }),
      }),
      null,
    ),
    activeTasks: defaulted(
      nullableListOf({
        subtopologyId: string,
        partitions: listOf(int32),
      }),
      null,
    ),
    standbyTasks: defaulted(
      nullableListOf({
        subtopologyId: string,
        partitions: listOf(int32),
      }),
      null,
    ),
    warmupTasks: defaulted(
      nullableListOf({
        subtopologyId: string,
        partitions: listOf(int32),
      }),
      null,
    ),
    processId: defaulted(nullableString, null),
    userEndpoint: defaulted(
      nullableStruct({
        host: string,
        port: uint16,
      }),
      null,
    ),
    clientTags: defaulted(
      nullableListOf({
        key: string,
        value: string,
      }),
      null,
    ),
    taskOffsets: defaulted(
      nullableListOf({
        subtopologyId: string,
        partition: int32,
        offset: int64,
      }),
      null,
    ),
    taskEndOffsets: defaulted(
      nullableListOf({
        subtopologyId: string,
        partition: int32,
        offset: int64,
      }),
      null,
    ),
    shutdownApplication: defaulted(bool, false),
  },
  response: {
    throttleTimeMs: int32,
    errorCode: int16,
    errorMessage: defaulted(nullableString, null),
    memberId: string,
    memberEpoch: int32,
    heartbeatIntervalMs: int32,
    acceptableRecoveryLag: int32,
    taskOffsetIntervalMs: int32,
    status: nullableListOf({
      statusCode: int8,
      statusDetail: string,
    }),
    activeTasks: defaulted(
      nullableListOf({
        subtopologyId: string,
        partitions: listOf(int32),
      }),
      null,
    ),
    standbyTasks: defaulted(
      nullableListOf({
        subtopologyId: string,
        partitions: listOf(int32),
      }),
      null,
    ),
    warmupTasks: defaulted(
      nullableListOf({
        subtopologyId: string,
        partitions: listOf(int32),
      }),
      null,
    ),
    endpointInformationEpoch: int32,
    partitionsByUserEndpoint: defaulted(
      nullableListOf({
        userEndpoint: struct({
          host: string,
          port: uint16,
        }),
        activePartitions: listOf({
          topic: string,
          partitions: listOf(int32),
        }),
        standbyPartitions: listOf({
          topic: string,
          partitions: listOf(int32),
        }),
      }),
      null,
    ),
  },
})
