import type { GroupRefusal } from '../../../../broker/group/index.ts'
import { errorCode } from '../../constants.ts'

/** What a group's refusals are called in this protocol. */
export const groupErrorCode = {
  'invalid-group-id': errorCode.INVALID_GROUP_ID,
  'group-not-found': errorCode.GROUP_ID_NOT_FOUND,
  'group-not-empty': errorCode.NON_EMPTY_GROUP,
  'group-full': errorCode.GROUP_MAX_SIZE_REACHED,
  'session-out-of-range': errorCode.INVALID_SESSION_TIMEOUT,
  'member-id-required': errorCode.MEMBER_ID_REQUIRED,
  'unknown-member': errorCode.UNKNOWN_MEMBER_ID,
  'fenced-instance': errorCode.FENCED_INSTANCE_ID,
  'illegal-generation': errorCode.ILLEGAL_GENERATION,
  'inconsistent-protocol': errorCode.INCONSISTENT_GROUP_PROTOCOL,
  rebalancing: errorCode.REBALANCE_IN_PROGRESS,
  // As for group metadata that does not fit into a message.
  'too-large': errorCode.UNKNOWN_SERVER_ERROR,
  // The client looks for its coordinator and tries again.
  unavailable: errorCode.COORDINATOR_NOT_AVAILABLE,
} as const satisfies Record<GroupRefusal, number>

export const groupError = (refusal: GroupRefusal | null): number =>
  refusal === null ? errorCode.NONE : groupErrorCode[refusal]
