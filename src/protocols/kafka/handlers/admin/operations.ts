import { aclOperation } from '../../constants.ts'

/** As long as nobody is refused anything, everybody may do all there is. */
const mask = (...operations: readonly (keyof typeof aclOperation)[]): number =>
  operations.reduce((bits, operation) => bits | (1 << aclOperation[operation]), 0)

export const TOPIC_OPERATIONS = mask(
  'READ',
  'WRITE',
  'CREATE',
  'DELETE',
  'ALTER',
  'DESCRIBE',
  'DESCRIBE_CONFIGS',
  'ALTER_CONFIGS',
)

export const CLUSTER_OPERATIONS = mask(
  'CREATE',
  'ALTER',
  'DESCRIBE',
  'CLUSTER_ACTION',
  'DESCRIBE_CONFIGS',
  'ALTER_CONFIGS',
  'IDEMPOTENT_WRITE',
)
