import { api, int16, int32, listOf, string } from '../dsl.ts'

/** Moves replicas to other folders of their brokers. */
export const alterReplicaLogDirs = api({
  key: 34,
  name: 'AlterReplicaLogDirs',
  versions: [0, 2],
  flexibleFrom: 2,
  request: {
    dirs: listOf({
      path: string,
      topics: listOf({
        name: string,
        partitions: listOf(int32),
      }),
    }),
  },
  response: {
    throttleTimeMs: int32,
    results: listOf({
      topicName: string,
      partitions: listOf({
        partitionIndex: int32,
        errorCode: int16,
      }),
    }),
  },
})
