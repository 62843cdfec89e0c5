import {
  INT32_MIN,
  api,
  bool,
  defaulted,
  int16,
  int32,
  int8,
  listOf,
  nullableString,
  since,
  string,
} from '../dsl.ts'

/** The cluster's id, its brokers and what the client may do. Types: 1 brokers, 2 controllers. */
export const describeCluster = api({
  key: 60,
  name: 'DescribeCluster',
  versions: [0, 2],
  flexibleFrom: 0,
  request: {
    includeClusterAuthorizedOperations: bool,
    endpointType: since(1, int8, 1),
    includeFencedBrokers: since(2, bool, false),
  },
  response: {
    throttleTimeMs: int32,
    errorCode: int16,
    errorMessage: defaulted(nullableString, null),
    endpointType: since(1, int8, 1),
    clusterId: string,
    controllerId: defaulted(int32, -1),
    brokers: listOf({
      brokerId: int32,
      host: string,
      port: int32,
      rack: defaulted(nullableString, null),
      isFenced: since(2, bool, false),
    }),
    clusterAuthorizedOperations: defaulted(int32, INT32_MIN),
  },
})
