import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type QueueSettings, queueSettingsDefault } from '../queue/settings.ts'
import { policyKeys } from './keys.ts'
import { queueSettingKeys, type QueueType, settingsOf } from './queue-settings.ts'

const plain = queueSettingsDefault
const defaults: Readonly<Record<QueueType, QueueSettings>> = {
  classic: plain,
  quorum: { ...plain, deliveryLimit: 20, priorityMax: 31, consumerTimeoutMs: 1_800_000 },
  stream: plain,
}

type Row = [
  name: string,
  type: QueueType,
  declared: Record<string, unknown>,
  policy: Record<string, unknown>,
  expected: Partial<QueueSettings>,
]
const rows: Row[] = [
  ['nothing', 'classic', {}, {}, {}],
  ['quorum defaults', 'quorum', {}, {}, {}],
  ['a TTL', 'classic', { 'x-message-ttl': 5 }, {}, { messageTtlMs: 5 }],
  ['a TTL of zero', 'classic', { 'x-message-ttl': 0 }, {}, { messageTtlMs: 0 }],
  ['a TTL of a policy', 'classic', {}, { 'message-ttl': 6 }, { messageTtlMs: 6 }],
  ['the lower TTL', 'classic', { 'x-message-ttl': 5 }, { 'message-ttl': 4 }, { messageTtlMs: 4 }],
  ['the lower expiry', 'quorum', { 'x-expires': 5 }, { expires: 9 }, { expiresMs: 5 }],
  ['the lower length', 'classic', { 'x-max-length': 5 }, { 'max-length': 0 }, { lengthMax: 0 }],
  [
    'the lower length in bytes',
    'classic',
    { 'x-max-length-bytes': 5 },
    { 'max-length-bytes': 3 },
    { lengthBytesMax: 3 },
  ],
  [
    "a classic queue's own overflow",
    'classic',
    { 'x-overflow': 'reject-publish' },
    { overflow: 'drop-head' },
    { overflow: 'reject-publish' },
  ],
  [
    "the policy's overflow, of a quorum queue",
    'quorum',
    { 'x-overflow': 'drop-head' },
    { overflow: 'reject-publish' },
    { overflow: 'reject-publish' },
  ],
  [
    'its own dead letter exchange',
    'classic',
    { 'x-dead-letter-exchange': '', 'x-dead-letter-routing-key': 'k' },
    { 'dead-letter-exchange': 'other', 'dead-letter-routing-key': 'other' },
    { deadLetterExchange: '', deadLetterRoutingKey: 'k' },
  ],
  [
    'at-least-once with reject-publish',
    'quorum',
    { 'x-dead-letter-strategy': 'at-least-once', 'x-overflow': 'reject-publish' },
    {},
    { overflow: 'reject-publish', deadLetterStrategy: 'at-least-once' },
  ],
  [
    'at-least-once falls back with drop-head',
    'quorum',
    { 'x-dead-letter-strategy': 'at-least-once' },
    {},
    {},
  ],
  ['a delivery limit', 'classic', { 'x-delivery-limit': 3 }, {}, { deliveryLimit: 3 }],
  ['no delivery limit', 'quorum', { 'x-delivery-limit': -1 }, {}, { deliveryLimit: null }],
  [
    'a limit rather than none',
    'quorum',
    { 'x-delivery-limit': -1 },
    { 'delivery-limit': 7 },
    { deliveryLimit: 7 },
  ],
  ['a priority', 'classic', { 'x-max-priority': 10 }, {}, { priorityMax: 10 }],
  ['single active', 'classic', { 'x-single-active-consumer': true }, {}, { isSingleActive: true }],
  ['message groups', 'classic', { 'x-message-groups': true }, {}, { isGrouped: true }],
  [
    'delayed retries',
    'quorum',
    { 'x-delayed-retry-min': 100 },
    { 'delayed-retry-type': 'failed', 'delayed-retry-max': 900 },
    { retry: { applies: 'failed', backoff: 'linear', delayMsMin: 100, delayMsMax: 900 } },
  ],
  ['a type without a delay', 'quorum', { 'x-delayed-retry-type': 'all' }, {}, {}],
  [
    'exponential retries',
    'classic',
    {
      'x-delayed-retry-type': 'all',
      'x-delayed-retry-min': 100,
      'x-delayed-retry-max': 9000,
      'x-delayed-retry-backoff': 'exponential',
    },
    {},
    { retry: { applies: 'all', backoff: 'exponential', delayMsMin: 100, delayMsMax: 9000 } },
  ],
  [
    'a table of delays',
    'classic',
    { 'x-delayed-retry-delays': [1000, 5000, 2000] },
    {},
    { retry: { applies: 'all', backoff: [1000, 5000, 2000], delayMsMin: 0, delayMsMax: 5000 } },
  ],
  [
    'a table that a policy disables',
    'classic',
    { 'x-delayed-retry-delays': [1000] },
    { 'delayed-retry-type': 'disabled' },
    {},
  ],
  [
    'retention',
    'classic',
    { 'x-retention-ms': 7, 'x-retention-bytes': 8 },
    {},
    {
      retentionMs: 7,
      retentionBytes: 8,
    },
  ],
  [
    'the age and length of a stream',
    'stream',
    { 'x-max-age': '2h', 'x-max-length-bytes': 5 },
    { 'max-length-bytes': 9 },
    { retentionMs: 7_200_000, retentionBytes: 9 },
  ],
  ['a consumer timeout', 'quorum', { 'x-consumer-timeout': 5 }, {}, { consumerTimeoutMs: 5 }],
  ['64-bit integers', 'classic', { 'x-message-ttl': 5n }, {}, { messageTtlMs: 5 }],
  ['what nobody checked', 'classic', { 'x-message-ttl': 'x', 'x-max-priority': -1 }, {}, {}],
]

for (const [name, type, declared, policy, expected] of rows) {
  test(`settings of a ${type} queue: ${name}`, () => {
    expect(settingsOf(type, declared, policy)).toEqual({ ...defaults[type], ...expected })
  })
}

test('settings: every key a queue can be declared with, a policy can set', () => {
  expect(Object.keys(queueSettingKeys).filter(key => !policyKeys.has(key))).toEqual([])
})

test('settings: whatever is declared, the result is usable', () => {
  const keys = Object.keys(queueSettingKeys)
  const table = (prefix: string) =>
    fc.dictionary(fc.constantFrom(...keys.map(key => prefix + key)), fc.jsonValue())
  const types = fc.constantFrom('classic', 'quorum', 'stream') as fc.Arbitrary<QueueType>
  fc.assert(
    fc.property(types, table('x-'), table(''), (type, declared, definition) => {
      const settings = settingsOf(type, declared, definition)
      for (const [key, value] of Object.entries(settings)) {
        if (typeof value === 'number') expect(value, key).toBeGreaterThanOrEqual(0)
      }
      expect(['drop-head', 'reject-publish', 'reject-publish-dlx']).toContain(settings.overflow)
    }),
  )
})
