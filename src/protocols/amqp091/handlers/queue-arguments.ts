import { durationOf, type QueueType } from '../../../broker/policy/index.ts'
import { type FieldTable, type FieldValue, integerTypes } from '../codec/index.ts'
import { AmqpError } from '../errors.ts'
import { type Resource, shown } from './resource.ts'

/** Ten years. */
const EXPIRY_MS_MAX = 315_360_000_000
const PRIORITY_MAX = 255

/** Says what is wrong with an argument, as an Erlang term: that is what clients get to see. */
type Check = (field: FieldValue, args: FieldTable) => string | undefined

const quoted = (text: string): string => JSON.stringify(text)

const integer =
  (flaw: (value: number | bigint) => string | undefined = () => undefined): Check =>
  ({ type, value }) =>
    integerTypes.has(type)
      ? flaw(value as number | bigint) // Of these types it is one.
      : quoted(`expected integer, got ${type}`)

const natural = (value: number | bigint): string | undefined =>
  value < 0 ? `{value_negative,${value}}` : undefined
const positive = (value: number | bigint): string | undefined =>
  natural(value) ?? (Number(value) === 0 ? `{value_zero,${value}}` : undefined)
const retryTypes: readonly string[] = ['disabled', 'all', 'failed', 'returned']
const milliseconds = (value: number | bigint): string | undefined =>
  natural(value) ?? (value > EXPIRY_MS_MAX ? `{value_too_large,${value}}` : undefined)

const text =
  (flaw: (value: string, args: FieldTable) => string | undefined = () => undefined): Check =>
  ({ type, value }, args) =>
    type === 'longstr' ? flaw(String(value), args) : `{unacceptable_type,${type}}`

const oneOf = (flaw: string, ...values: readonly string[]): Check =>
  text(value => (values.includes(value) ? undefined : flaw))

const boolean: Check = ({ type }) => (type === 'bool' ? undefined : `{unacceptable_type,${type}}`)

const queueTypes: readonly string[] = ['classic', 'quorum', 'stream'] satisfies QueueType[]

const checkType: Check = text(value =>
  queueTypes.includes(value) ? undefined : quoted(`unsupported queue type '${value}'`),
)

/** Without effect: what is not read lies on the disk anyway. */
const checkMode: Check = text(value =>
  ['default', 'lazy'].includes(value) ? undefined : quoted(`unsupported queue mode '${value}'`),
)

/** RabbitMQ dropped version 1, but there are definitions that ask for it. */
const checkVersion: Check = integer(
  value =>
    natural(value) ??
    (value === 1 || value === 2 ? undefined : quoted(`unsupported queue version '${value}'`)),
)

const checks: Readonly<Record<string, Check>> = {
  'x-expires': integer(value => positive(value) ?? milliseconds(value)),
  'x-message-ttl': integer(milliseconds),
  'x-dead-letter-exchange': text(),
  'x-dead-letter-routing-key': text((_value, args) =>
    args.has('x-dead-letter-exchange') ? undefined : 'routing_key_but_no_dlx_defined',
  ),
  'x-dead-letter-strategy': oneOf('invalid_dlx_strategy', 'at-most-once', 'at-least-once'),
  'x-max-length': integer(natural),
  'x-max-length-bytes': integer(natural),
  'x-max-in-memory-length': integer(natural),
  'x-max-in-memory-bytes': integer(natural),
  'x-max-priority': integer(
    value => natural(value) ?? (value > PRIORITY_MAX ? `{max_value_exceeded,${value}}` : undefined),
  ),
  'x-overflow': oneOf('invalid_overflow', 'drop-head', 'reject-publish', 'reject-publish-dlx'),
  // RabbitMQ takes anything for these, and then does nothing.
  'x-delivery-limit': integer(),
  'x-quorum-target-group-size': integer(positive),
  'x-delayed-retry-type': oneOf('invalid_delayed_retry_type', ...retryTypes),
  'x-delayed-retry-min': integer(positive),
  'x-delayed-retry-max': integer(positive),
  'x-queue-mode': checkMode,
  'x-queue-version': checkVersion,
  'x-single-active-consumer': boolean,
  'x-consumer-timeout': integer(natural),
  'x-consumer-disconnected-timeout': integer(natural),
  'x-quorum-initial-group-size': integer(positive),
  'x-max-age': text(value => (durationOf(value) === undefined ? 'invalid_max_age' : undefined)),
  'x-stream-max-segment-size-bytes': integer(natural),
  'x-stream-filter-size-bytes': integer(natural),
  'x-initial-cluster-size': integer(positive),
  'x-queue-leader-locator': oneOf(
    'invalid_queue_locator_arg',
    'client-local',
    'balanced',
    'random',
    'least-leaders',
    'min-masters',
  ),
}

/** What each type of queue can be declared with; anything that is in no list is let through. */
const argumentsOf: Readonly<Record<QueueType, readonly string[]>> = {
  classic: [
    'x-expires',
    'x-message-ttl',
    'x-dead-letter-exchange',
    'x-dead-letter-routing-key',
    'x-max-length',
    'x-max-length-bytes',
    'x-max-priority',
    'x-overflow',
    'x-queue-mode',
    'x-queue-version',
    'x-single-active-consumer',
    'x-queue-type',
    'x-queue-master-locator',
    'x-queue-leader-locator',
    // Sabir's classic queues can do what RabbitMQ's quorum queues can.
    'x-dead-letter-strategy',
    'x-delivery-limit',
    'x-consumer-timeout',
    'x-delayed-retry-type',
    'x-delayed-retry-min',
    'x-delayed-retry-max',
  ],
  quorum: [
    'x-dead-letter-exchange',
    'x-dead-letter-routing-key',
    'x-dead-letter-strategy',
    'x-expires',
    'x-max-length',
    'x-max-length-bytes',
    'x-max-in-memory-length',
    'x-max-in-memory-bytes',
    'x-overflow',
    'x-single-active-consumer',
    'x-queue-type',
    'x-quorum-initial-group-size',
    'x-quorum-target-group-size',
    'x-delivery-limit',
    'x-message-ttl',
    'x-queue-leader-locator',
    'x-consumer-disconnected-timeout',
    'x-consumer-timeout',
    'x-delayed-retry-type',
    'x-delayed-retry-min',
    'x-delayed-retry-max',
  ],
  stream: [
    'x-max-length-bytes',
    'x-queue-type',
    'x-max-age',
    'x-stream-max-segment-size-bytes',
    'x-stream-filter-size-bytes',
    'x-initial-cluster-size',
    'x-queue-leader-locator',
  ],
}
const knownArguments = new Set(Object.values(argumentsOf).flat())

/** Compared when a queue is declared again; others may differ. */
export const comparedArguments = (type: QueueType): readonly string[] => argumentsOf[type]

/** The type asked for, or `fallback`. Throws PRECONDITION_FAILED for one that is none. */
export function queueTypeOf(queue: Resource, args: FieldTable, fallback: QueueType): QueueType {
  const field = args.get('x-queue-type')
  if (field === undefined) return fallback
  refuseFlaw(queue, 'x-queue-type', checkType(field, args))
  return field.value as QueueType // As just checked.
}

/** Throws PRECONDITION_FAILED for arguments that are wrong, or of another type of queue. */
export function checkQueueArguments(queue: Resource, args: FieldTable, type: QueueType): void {
  const allowed = argumentsOf[type]
  for (const [name, check] of Object.entries(checks)) {
    const field = args.get(name)
    if (field !== undefined && allowed.includes(name)) refuseFlaw(queue, name, check(field, args))
  }
  for (const name of args.keys())
    if (knownArguments.has(name) && !allowed.includes(name))
      throw new AmqpError(
        'PRECONDITION_FAILED',
        `invalid arg '${name}' for ${shown(queue)} of queue type rabbit_${type}_queue`,
      )
}

function refuseFlaw(queue: Resource, name: string, flaw: string | undefined): void {
  if (flaw === undefined) return
  throw new AmqpError('PRECONDITION_FAILED', `invalid arg '${name}' for ${shown(queue)}: ${flaw}`)
}
