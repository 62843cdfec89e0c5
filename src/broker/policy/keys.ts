import { limits } from '../../limits/limits.ts'
import { durationOf } from './duration.ts'

/** One thing a policy can set. */
export type PolicyKey = {
  /** What is wrong with a value, said after the value; undefined when it is fine. */
  readonly flaw: (value: unknown) => string | undefined
  /** How an operator's value and a user's become one. Null: operators cannot set it. */
  readonly merge: Merge | null
}
type Merge = (user: unknown, operator: unknown) => unknown

const least: Merge = (user, operator) => Math.min(Number(user), Number(operator))
const most: Merge = (user, operator) => Math.max(Number(user), Number(operator))
const operators: Merge = (_user, operator) => operator

/** A negative limit is none, so a limit wins over it. */
export function leastLimit(one: number, other: number): number {
  return one < 0 || other < 0 ? Math.max(one, other) : Math.min(one, other)
}
const limit: Merge = (user, operator) => leastLimit(Number(user), Number(operator))

type Test = (value: unknown) => boolean
const isInteger: Test = value => Number.isSafeInteger(value)
const isText: Test = value => typeof value === 'string'
const isBoolean: Test = value => typeof value === 'boolean'
const isAnything: Test = () => true
const from =
  (min: number, max = Infinity): Test =>
  value =>
    isInteger(value) && Number(value) >= min && Number(value) <= max
const oneOf =
  (...values: readonly unknown[]): Test =>
  value =>
    values.includes(value)
const isDelays: Test = value =>
  Array.isArray(value) &&
  value.length > 0 &&
  value.length <= limits.retryDelaysMax &&
  value.every(from(0))

const key = (test: Test, flaw: string, merge: Merge | null = null): PolicyKey => ({
  flaw: value => (test(value) ? undefined : flaw),
  merge,
})

/** Accepted because definitions and habits are full of them, and without effect here. */
const ignored = key(isAnything, '')

const queueKeys: Readonly<Record<string, PolicyKey>> = {
  'dead-letter-exchange': key(isText, 'is not a valid dead letter exchange name'),
  'dead-letter-routing-key': key(isText, 'is not a valid dead letter routing key'),
  'dead-letter-strategy': key(
    oneOf('at-most-once', 'at-least-once'),
    'is not a valid dead letter strategy',
  ),
  'message-ttl': key(from(0), 'is not a valid message TTL', least),
  expires: key(from(1), 'is not a valid queue expiry', least),
  'max-length': key(from(0), 'is not a valid maximum length', least),
  'max-length-bytes': key(from(0), 'is not a valid maximum length in bytes', least),
  overflow: key(
    oneOf('drop-head', 'reject-publish', 'reject-publish-dlx'),
    'is not a valid overflow value',
    operators,
  ),
  'delivery-limit': key(isInteger, 'is not a valid delivery limit', limit),
  'consumer-timeout': key(from(0), 'is not a valid consumer timeout'),
  'consumer-disconnected-timeout': key(from(0), 'is not a valid consumer disconnected timeout'),
  'delayed-retry-type': key(
    oneOf('all', 'failed', 'returned', 'disabled'),
    'is not a valid delayed retry type. Must be one of: all, failed, returned, disabled',
    operators,
  ),
  'delayed-retry-min': key(
    from(1),
    'is not a valid delayed retry minimum delay. Must be a positive integer',
    most,
  ),
  'delayed-retry-max': key(
    from(1),
    'is not a valid delayed retry maximum delay. Must be a positive integer',
    least,
  ),
}

/** What RabbitMQ does not have. */
const ownKeys: Readonly<Record<string, PolicyKey>> = {
  'delayed-retry-backoff': key(
    oneOf('linear', 'exponential'),
    'is not a valid delayed retry back-off. Must be one of: linear, exponential',
    operators,
  ),
  'delayed-retry-delays': key(
    isDelays,
    `is not a valid list of delays: 1 to ${limits.retryDelaysMax} whole milliseconds`,
    operators,
  ),
  channel: key(isBoolean, 'is not true or false', operators),
  'list-head': key(oneOf('left', 'right'), 'is neither left nor right', operators),
  'message-groups': key(isBoolean, 'is not true or false', operators),
  'retention-ms': key(from(0), 'is not a valid retention time', least),
  'retention-bytes': key(from(0), 'is not a valid retention size', least),
  'visibility-timeout': key(from(1), 'is not a valid visibility timeout', least),
}

const streamKeys: Readonly<Record<string, PolicyKey>> = {
  'max-age': key(value => durationOf(value) !== undefined, 'is not a valid max age'),
  'stream-max-segment-size-bytes': key(from(0, 3_000_000_000), 'is not a valid segment size'),
  'stream-filter-size-bytes': key(
    from(16, 255),
    'is not a valid filter size. Valid range is 16-255',
  ),
}

/** How RabbitMQ spreads queues over nodes and memory; checked, so that typing errors show. */
const placementKeys: Readonly<Record<string, PolicyKey>> = {
  'max-in-memory-length': key(from(0), 'is not a valid maximum memory in bytes', least),
  'max-in-memory-bytes': key(from(0), 'is not a valid maximum memory in bytes', least),
  'queue-mode': key(oneOf('default', 'lazy'), 'is not a valid queue-mode value'),
  'queue-version': key(oneOf(1, 2), 'is not a valid queue-version value', operators),
  'queue-leader-locator': key(
    oneOf('client-local', 'balanced', 'random', 'least-leaders'),
    'is not a valid queue leader locator value',
  ),
  'initial-cluster-size': key(from(0), 'is not a valid cluster size'),
  'target-group-size': key(from(1), 'is not a valid qq target count value', most),
  'member-placement-tag': key(
    value => isText(value) && value !== '',
    'is not a valid member-placement-tag value. Must be a non-empty string',
    operators,
  ),
}

const ignoredKeys = [
  'ha-mode',
  'ha-params',
  'ha-sync-mode',
  'ha-sync-batch-size',
  'ha-promote-on-shutdown',
  'ha-promote-on-failure',
  'queue-master-locator',
  'federation-upstream',
  'federation-upstream-set',
  'federation-upstream-pattern',
  'shards-per-node',
  'routing-key',
]

/** Everything a policy can set, by name. */
export const policyKeys: ReadonlyMap<string, PolicyKey> = new Map([
  ['alternate-exchange', key(isText, 'is not a valid alternate exchange name')],
  ...Object.entries(queueKeys),
  ...Object.entries(ownKeys),
  ...Object.entries(streamKeys),
  ...Object.entries(placementKeys),
  ...ignoredKeys.map((name): [string, PolicyKey] => [name, { ...ignored, merge: operators }]),
])
