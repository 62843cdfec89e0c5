import {
  api,
  bool,
  defaulted,
  int16,
  int32,
  listOf,
  nullableListOf,
  nullableString,
  since,
  string,
} from '../dsl.ts'

/** Assigns partitions to other brokers; null instead of replicas cancels what is under way. */
export const alterPartitionReassignments = api({
  key: 45,
  name: 'AlterPartitionReassignments',
  versions: [0, 1],
  flexibleFrom: 0,
  request: {
    timeoutMs: defaulted(int32, 60000),
    allowReplicationFactorChange: since(1, bool, true),
    topics: listOf({
      name: string,
      partitions: listOf({
        partitionIndex: int32,
        replicas: defaulted(nullableListOf(int32), null),
      }),
    }),
  },
  response: {
    throttleTimeMs: int32,
    allowReplicationFactorChange: since(1, bool, true),
    errorCode: int16,
    errorMessage: nullableString,
    responses: listOf({
      name: string,
      partitions: listOf({
        partitionIndex: int32,
        errorCode: int16,
        errorMessage: nullableString,
      }),
    }),
  },
})
