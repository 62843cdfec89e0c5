import { api, bool, int16, int32, int64, listOf, nullableListOf, since, string } from '../dsl.ts'

/** Which partitions lie in which folders, and how large they are. Null asks for all topics. */
export const describeLogDirs = api({
  key: 35,
  name: 'DescribeLogDirs',
  versions: [0, 4],
  flexibleFrom: 2,
  request: {
    topics: nullableListOf({
      topic: string,
      partitions: listOf(int32),
    }),
  },
  response: {
    throttleTimeMs: int32,
    errorCode: since(3, int16, 0),
    results: listOf({
      errorCode: int16,
      logDir: string,
      topics: listOf({
        name: string,
        partitions: listOf({
          partitionIndex: int32,
          partitionSize: int64,
          offsetLag: int64,
          isFutureKey: bool,
        }),
      }),
      totalBytes: since(4, int64, -1),
      usableBytes: since(4, int64, -1),
    }),
  },
})
