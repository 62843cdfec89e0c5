import { advertisedAddress } from '../../advertised.ts'
import { AUTHORIZED_OPERATIONS_UNKNOWN, errorCode } from '../../constants.ts'
import { describeCluster } from '../../schema/index.ts'
import { handler } from '../handler.ts'
import { CLUSTER_OPERATIONS } from './operations.ts'

const BROKERS = 1

/** Versions 0-2. The cluster is this broker, reached the way the client came. */
export const describeClusterHandler = handler(describeCluster, [0, 2], (request, context) => {
  const { nodeId } = context.broker.runtime.settings
  const { clusterId } = context.broker.topics
  if (request.endpointType !== BROKERS) {
    return {
      throttleTimeMs: 0,
      errorCode: errorCode.MISMATCHED_ENDPOINT_TYPE,
      errorMessage:
        'The request was sent to an endpoint of the wrong type: this one serves brokers.',
      endpointType: BROKERS,
      clusterId,
      brokers: [],
    }
  }
  const { host, port } = advertisedAddress(context.peer)
  return {
    throttleTimeMs: 0,
    errorCode: errorCode.NONE,
    endpointType: BROKERS,
    clusterId,
    controllerId: nodeId,
    brokers: [{ brokerId: nodeId, host, port }],
    clusterAuthorizedOperations: request.includeClusterAuthorizedOperations
      ? CLUSTER_OPERATIONS
      : AUTHORIZED_OPERATIONS_UNKNOWN,
  }
})
