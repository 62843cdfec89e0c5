import { BrokerError, type BrokerErrorKind } from '../../broker/errors.ts'
import { errorCode } from './constants.ts'

/** `satisfies` makes a new broker kind a compile error here. Handlers may be more precise. */
export const kafkaErrorCode = {
  'not-found': errorCode.UNKNOWN_TOPIC_OR_PARTITION,
  'already-exists': errorCode.TOPIC_ALREADY_EXISTS,
  'access-refused': errorCode.TOPIC_AUTHORIZATION_FAILED,
  'precondition-failed': errorCode.POLICY_VIOLATION,
  'too-large': errorCode.MESSAGE_TOO_LARGE,
  throttled: errorCode.THROTTLING_QUOTA_EXCEEDED,
  malformed: errorCode.INVALID_REQUEST,
  'invalid-name': errorCode.INVALID_TOPIC_EXCEPTION,
  'invalid-partitions': errorCode.INVALID_PARTITIONS,
  'invalid-setting': errorCode.INVALID_CONFIG,
  'wrong-type': errorCode.INVALID_TOPIC_EXCEPTION,
  'out-of-range': errorCode.OFFSET_OUT_OF_RANGE,
  unsupported: errorCode.UNSUPPORTED_VERSION,
  fenced: errorCode.PRODUCER_FENCED,
  // The client refreshes its metadata and retries.
  unavailable: errorCode.NOT_LEADER_OR_FOLLOWER,
  storage: errorCode.KAFKA_STORAGE_ERROR,
  internal: errorCode.UNKNOWN_SERVER_ERROR,
} as const satisfies Record<BrokerErrorKind, number>

/** A code and, where the version of the API carries it, a sentence for people. */
export type ErrorAnswer = { readonly errorCode: number; readonly errorMessage: string | null }

export const success: ErrorAnswer = { errorCode: errorCode.NONE, errorMessage: null }

export function errorAnswer(thrown: unknown): ErrorAnswer {
  const error = BrokerError.from(thrown)
  return { errorCode: kafkaErrorCode[error.kind], errorMessage: error.message }
}
