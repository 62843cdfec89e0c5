import { errorCode } from '../../constants.ts'
import type { ErrorAnswer } from '../../errors.ts'

/**
 * There is one broker, so a partition has one replica, whatever number is asked for: tutorials and
 * configurations made for three brokers work here unchanged, and see one replica when they look.
 */
export function replicationFactorFlaw(replicationFactor: number): ErrorAnswer | undefined {
  if (replicationFactor === -1 || replicationFactor > 0) return undefined
  return {
    errorCode: errorCode.INVALID_REPLICATION_FACTOR,
    errorMessage: 'Replication factor must be larger than 0, or -1 to use the default value.',
  }
}

/** Why replicas chosen by hand cannot be, in Kafka's words. They can only be on this broker. */
export function assignmentFlaw(
  brokerIds: readonly number[],
  nodeId: number,
): ErrorAnswer | undefined {
  const flaw = brokerIdsFlaw(brokerIds, nodeId)
  if (flaw === undefined) return undefined
  return { errorCode: errorCode.INVALID_REPLICA_ASSIGNMENT, errorMessage: flaw }
}

function brokerIdsFlaw(brokerIds: readonly number[], nodeId: number): string | undefined {
  if (brokerIds.length === 0) {
    return 'The manual partition assignment includes an empty replica list.'
  }
  const stranger = brokerIds.find(id => id !== nodeId)
  if (stranger !== undefined) {
    return (
      `The manual partition assignment includes broker ${stranger}, ` +
      'but no such broker is registered.'
    )
  }
  if (brokerIds.length > 1) {
    return `The manual partition assignment includes the broker ${nodeId} more than once.`
  }
  return undefined
}
