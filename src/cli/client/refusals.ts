import { CommandError } from '../error.ts'
import type { exitCodes } from '../exit-codes.ts'

type Refusal = readonly [name: string, why: string, exit?: keyof typeof exitCodes]

/** What a broker's error codes say to people. The names are Kafka's, to be searched for. */
const refusals: Readonly<Record<number, Refusal>> = {
  1: ['OFFSET_OUT_OF_RANGE', 'the partition has no such offset (any more)'],
  2: ['CORRUPT_MESSAGE', 'the batch arrived damaged'],
  3: ['UNKNOWN_TOPIC_OR_PARTITION', 'there is no such topic or partition', 'notFound'],
  5: ['LEADER_NOT_AVAILABLE', 'the partition has no leader at the moment'],
  6: ['NOT_LEADER_OR_FOLLOWER', 'another broker leads the partition'],
  7: ['REQUEST_TIMED_OUT', 'the broker did not finish in time', 'timedOut'],
  10: ['MESSAGE_TOO_LARGE', 'larger than the topic allows; see its max.message.bytes'],
  14: ['COORDINATOR_LOAD_IN_PROGRESS', 'the group is being loaded; try again'],
  15: ['COORDINATOR_NOT_AVAILABLE', 'no broker looks after the group at the moment'],
  16: ['NOT_COORDINATOR', 'another broker looks after the group'],
  17: ['INVALID_TOPIC_EXCEPTION', 'a name is 1 to 249 letters, digits, ".", "_" or "-"'],
  18: ['RECORD_LIST_TOO_LARGE', 'the batch is larger than a segment'],
  22: ['ILLEGAL_GENERATION', 'the group has moved on'],
  23: ['INCONSISTENT_GROUP_PROTOCOL', 'its members assign partitions in another way'],
  24: ['INVALID_GROUP_ID', 'a group needs a name'],
  25: ['UNKNOWN_MEMBER_ID', 'the group does not know this member'],
  27: ['REBALANCE_IN_PROGRESS', 'the group is sharing its partitions anew'],
  29: ['TOPIC_AUTHORIZATION_FAILED', 'not allowed on this topic'],
  30: ['GROUP_AUTHORIZATION_FAILED', 'not allowed on this group'],
  31: ['CLUSTER_AUTHORIZATION_FAILED', 'not allowed on this broker'],
  35: ['UNSUPPORTED_VERSION', 'the broker does not speak this version'],
  36: ['TOPIC_ALREADY_EXISTS', 'there is a topic of that name'],
  37: ['INVALID_PARTITIONS', 'not a possible number of partitions'],
  38: ['INVALID_REPLICATION_FACTOR', 'not a possible number of replicas'],
  39: ['INVALID_REPLICA_ASSIGNMENT', 'not a possible assignment of replicas'],
  40: ['INVALID_CONFIG', 'not a possible setting'],
  42: ['INVALID_REQUEST', 'the broker does not understand the request'],
  44: ['POLICY_VIOLATION', 'a policy of the broker forbids it'],
  56: ['KAFKA_STORAGE_ERROR', "the broker's disk is full or failing"],
  68: ['NON_EMPTY_GROUP', 'the group has members; stop them first'],
  69: ['GROUP_ID_NOT_FOUND', 'there is no such group', 'notFound'],
  79: ['MEMBER_ID_REQUIRED', 'the member needs an id first'],
  81: ['GROUP_MAX_SIZE_REACHED', 'the group is full'],
  82: ['FENCED_INSTANCE_ID', 'another member has the same instance id'],
  87: ['INVALID_RECORD', 'the topic takes no such record; compacted ones need keys'],
}

/** What was asked, why not, and by which code, as an error to throw. */
export function refused(asked: string, code: number, message: string | null = null): CommandError {
  const [name, why, exit] = refusals[code] ?? [`error ${code}`, 'the broker refused']
  return new CommandError(exit ?? 'failed', `${asked}: ${message || why} (${name})`)
}

export function throwIfRefused(asked: string, code: number, message: string | null = null): void {
  if (code !== 0) throw refused(asked, code, message)
}
