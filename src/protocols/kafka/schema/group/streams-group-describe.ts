import {
  INT32_MIN,
  api,
  bool,
  defaulted,
  int16,
  int32,
  int64,
  listOf,
  nullableListOf,
  nullableString,
  nullableStruct,
  string,
  struct,
  uint16,
} from '../dsl.ts'

/** State, topology, members and tasks of Kafka Streams groups. */
export const streamsGroupDescribe = api({
  key: 89,
  name: 'StreamsGroupDescribe',
  versions: [0, 0],
  flexibleFrom: 0,
  request: {
    groupIds: listOf(string),
    includeAuthorizedOperations: bool,
  },
  response: {
    throttleTimeMs: int32,
    groups: listOf({
      errorCode: int16,
      errorMessage: defaulted(nullableString, null),
      groupId: string,
      groupState: string,
      groupEpoch: int32,
      assignmentEpoch: int32,
      topology: defaulted(
        nullableStruct({
          epoch: int32,
          subtopologies: defaulted(
            nullableListOf({
              subtopologyId: string,
              sourceTopics: listOf(string),
              repartitionSinkTopics: listOf(string),
              stateChangelogTopics: listOf({
                name: string,
                partitions: int32,
                replicationFactor: int16,
                topicConfigs: listOf({
                  key: string,
                  value: string,
                }),
              }),
              repartitionSourceTopics: listOf({
                name: string,
                partitions: int32,
                replicationFactor: int16,
                topicConfigs: listOf({
                  key: string,
                  value: string,
                }),
              }),
            }),
            null,
          ),
        }),
        null,
      ),
      members: listOf({
        memberId: string,
        memberEpoch: int32,
        instanceId: defaulted(nullableString, null),
        rackId: defaulted(nullableString, null),
        clientId: string,
        clientHost: string,
        topologyEpoch: int32,
        processId: string,
        userEndpoint: defaulted(
          nullableStruct({
            host: string,
            port: uint16,
          }),
          null,
        ),
        clientTags: listOf({
          key: string,
          value: string,
        }),
        taskOffsets: listOf({
          subtopologyId: string,
          partition: int32,
          offset: int64,
        }),
        taskEndOffsets: listOf({
          subtopologyId: string,
          partition: int32,
          offset: int64,
        }),
        assignment: struct({
          activeTasks: listOf({
            subtopologyId: string,
            partitions: listOf(int32),
          }),
          standbyTasks: listOf({
            subtopologyId: string,
            partitions: listOf(int32),
          }),
          warmupTasks: listOf({
            subtopologyId: string,
            partitions: listOf(int32),
          }),
        }),
        targetAssignment: struct({
          activeTasks: listOf({
            subtopologyId: string,
            partitions: listOf(int32),
          }),
          standbyTasks: listOf({
            subtopologyId: string,
            partitions: listOf(int32),
          }),
          warmupTasks: listOf({
            subtopologyId: string,
            partitions: listOf(int32),
          }),
        }),
        isClassic: bool,
      }),
      authorizedOperations: defaulted(int32, INT32_MIN),
    }),
  },
})
