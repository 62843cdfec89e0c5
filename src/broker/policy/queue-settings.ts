import { isDeepStrictEqual } from 'node:util'
import type { QueueSettings, RetryPolicy } from '../queue/settings.ts'
import { durationOf } from './duration.ts'
import { leastLimit, policyKeys } from './keys.ts'
import type { Definition } from './validation.ts'

export type QueueType = 'classic' | 'quorum' | 'stream'

/** Whose value counts when a queue was declared with one and a policy sets another. */
type Resolve = (declared: unknown, policy: unknown) => unknown
const declaration: Resolve = declared => declared
const policy: Resolve = (_declared, ofPolicy) => ofPolicy
const least: Resolve = (declared, ofPolicy) => Math.min(Number(declared), Number(ofPolicy))
const limit: Resolve = (declared, ofPolicy) => leastLimit(Number(declared), Number(ofPolicy))

/**
 * Everything that can be set for a queue, by a policy under this name, and when it is declared
 * under the same name with `x-` before it. Which of the two counts is RabbitMQ's choice.
 */
export const queueSettingKeys = {
  'message-ttl': least,
  expires: least,
  'max-length': least,
  'max-length-bytes': least,
  overflow: declaration,
  'dead-letter-exchange': declaration,
  'dead-letter-routing-key': declaration,
  'dead-letter-strategy': declaration,
  'delivery-limit': limit,
  'consumer-timeout': least,
  'delayed-retry-type': policy,
  'delayed-retry-min': least,
  'delayed-retry-max': least,
  'delayed-retry-backoff': policy,
  'delayed-retry-delays': policy,
  'message-groups': declaration,
  'list-head': policy,
  'visibility-timeout': least,
  'retention-ms': least,
  'retention-bytes': least,
  'max-age': policy,
} as const satisfies Record<string, Resolve>
export type QueueSettingKey = keyof typeof queueSettingKeys

/** RabbitMQ's defaults for quorum queues; other queues have no limit. */
const QUORUM_DELIVERY_LIMIT = 20
const QUORUM_CONSUMER_TIMEOUT_MS = 1_800_000
/** Quorum queues have so many levels of priority without being asked. */
const QUORUM_PRIORITY_MAX = 31

/** What is in force for a queue: what it was declared with, policies, and its type's defaults. */
export function settingsOf(
  type: QueueType,
  declared: Readonly<Record<string, unknown>>,
  definition: Definition,
): QueueSettings {
  const value = lookup(type, declared, definition)
  const isQuorum = type === 'quorum'
  const isStream = type === 'stream'
  const overflow = (value('overflow') ?? 'drop-head') as QueueSettings['overflow']
  const strategy = value('dead-letter-strategy')
  const deliveryLimit = numeric(value('delivery-limit')) ?? (isQuorum ? QUORUM_DELIVERY_LIMIT : -1)
  const lengthBytesMax = numeric(value('max-length-bytes'))
  const priorityMax = numeric(checked('max-priority', declared['x-max-priority']))
  return {
    messageTtlMs: numeric(value('message-ttl')),
    expiresMs: numeric(value('expires')),
    lengthMax: numeric(value('max-length')),
    // A stream is as long as what it keeps; it refuses and drops nothing else.
    lengthBytesMax: isStream ? null : lengthBytesMax,
    overflow,
    deadLetterExchange: textual(value('dead-letter-exchange')),
    deadLetterRoutingKey: textual(value('dead-letter-routing-key')),
    // Whoever may not lose dead letters must not have room made by dropping others.
    deadLetterStrategy:
      strategy === 'at-least-once' && overflow === 'reject-publish'
        ? 'at-least-once'
        : 'at-most-once',
    deliveryLimit: deliveryLimit < 0 ? null : deliveryLimit,
    priorityMax: priorityMax ?? (isQuorum ? QUORUM_PRIORITY_MAX : 0),
    isSingleActive: declared['x-single-active-consumer'] === true,
    isGrouped: value('message-groups') === true,
    retry: retryOf(value),
    retentionMs: (isStream ? durationOf(value('max-age')) : null) ?? numeric(value('retention-ms')),
    retentionBytes: (isStream ? lengthBytesMax : null) ?? numeric(value('retention-bytes')),
    consumerTimeoutMs:
      numeric(value('consumer-timeout')) ?? (isQuorum ? QUORUM_CONSUMER_TIMEOUT_MS : null),
    listHead: textual(value('list-head')) as QueueSettings['listHead'],
    visibilityTimeoutMs: numeric(value('visibility-timeout')),
  }
}

/** Settings of a queue, wherever it has them from, with what a policy makes of them. */
export function withPolicy(
  {
    type,
    declared,
    definition,
  }: {
    readonly type: QueueType
    readonly declared: Readonly<Record<string, unknown>>
    readonly definition: Definition
  },
  settings: QueueSettings,
): QueueSettings {
  const without = settingsOf(type, declared, {})
  const changes = Object.entries(settingsOf(type, declared, definition)).filter(
    ([key, value]) => !isDeepStrictEqual(value, without[key as keyof QueueSettings]),
  )
  return changes.length === 0 ? settings : { ...settings, ...Object.fromEntries(changes) }
}

type Lookup = (key: QueueSettingKey) => unknown

function lookup(
  type: QueueType,
  declared: Readonly<Record<string, unknown>>,
  definition: Definition,
): Lookup {
  return key => {
    const own = checked(key, declared[`x-${key}`])
    const ofPolicy = checked(key, definition[key])
    if (own === undefined) return ofPolicy
    if (ofPolicy === undefined) return own
    return resolverOf(type, key)(own, ofPolicy)
  }
}

function resolverOf(type: QueueType, key: QueueSettingKey): Resolve {
  if (key === 'overflow' && type === 'quorum') return policy
  if (key === 'max-length-bytes' && type === 'stream') return policy
  return queueSettingKeys[key]
}

/** Clients may have sent what nobody checked: such a value is as good as none. */
function checked(key: string, value: unknown): unknown {
  if (value === undefined || value === null) return undefined
  const plain = typeof value === 'bigint' ? Number(value) : value
  if (key === 'max-priority') return isPriority(plain) ? plain : undefined
  return policyKeys.get(key)!.flaw(plain) === undefined ? plain : undefined
}

export const isPriority = (value: unknown): boolean =>
  Number.isInteger(value) && Number(value) >= 0 && Number(value) <= 255

const numeric = (value: unknown): number | null => (typeof value === 'number' ? value : null)
const textual = (value: unknown): string | null => (typeof value === 'string' ? value : null)

function retryOf(value: Lookup): RetryPolicy | null {
  const delays = value('delayed-retry-delays') as readonly number[] | undefined
  const min = numeric(value('delayed-retry-min'))
  const type = value('delayed-retry-type') ?? (delays === undefined ? 'disabled' : 'all')
  if (type === 'disabled') return null
  const applies = type as RetryPolicy['applies']
  if (delays !== undefined) {
    const delayMsMax = numeric(value('delayed-retry-max')) ?? Math.max(...delays)
    return { applies, backoff: delays, delayMsMin: min ?? 0, delayMsMax }
  }
  if (min === null) return null
  const backoff = value('delayed-retry-backoff') === 'exponential' ? 'exponential' : 'linear'
  const delayMsMax = Math.max(min, numeric(value('delayed-retry-max')) ?? min)
  return { applies, backoff, delayMsMin: min, delayMsMax }
}
