import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type CommonProperties, type CommonValue, propertiesNone } from '../../message/common.ts'
import { noProperties, readProperties, writeProperties } from './channel/content/properties.ts'
import type { FieldValue } from './codec/index.ts'
import { amqp091Mapping } from './mapping.ts'

const text = fc.oneof(fc.string({ maxLength: 40 }), fc.string({ minLength: 300, maxLength: 400 }))
/** Values that come back as they are: others lose their type, but not what they say. */
const value: fc.Arbitrary<CommonValue> = fc.letrec<{ value: CommonValue }>(tie => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.string(),
    fc.boolean(),
    fc.constant(null),
    fc.integer(),
    fc.maxSafeInteger(),
    fc.double({ noNaN: true }),
    fc.bigInt({ min: 2n ** 53n, max: 2n ** 63n - 1n }),
    fc.uint8Array({ maxLength: 20 }).map(bytes => Buffer.from(bytes)),
    fc.nat().map(seconds => ({ kind: 'timestamp', millis: seconds * 1000 }) as const),
    fc.record({ kind: fc.constant('decimal' as const), scale: fc.nat(255), unscaled: fc.nat() }),
    fc.array(tie('value'), { maxLength: 3 }),
    fc
      .array(fc.tuple(fc.string({ maxLength: 9 }), tie('value')), { maxLength: 3 })
      .map(entries => new Map(entries)),
  ),
})).value
const name = fc.string({ minLength: 1, maxLength: 30 }).filter(one => one !== 'timestamp_in_ms')
const common: fc.Arbitrary<CommonProperties> = fc.record({
  key: fc.option(fc.uint8Array({ maxLength: 20 }).map(bytes => Buffer.from(bytes))),
  contentType: fc.option(text),
  contentEncoding: fc.option(text),
  messageId: fc.option(text),
  correlationId: fc.option(text),
  replyTo: fc.option(text),
  subject: fc.option(text),
  userId: fc.option(text),
  appId: fc.option(text),
  timestamp: fc.option(fc.integer({ min: 0, max: 2 ** 50 })),
  priority: fc.option(fc.nat(255)),
  ttlMs: fc.option(fc.nat()),
  isPersistent: fc.boolean(),
  headers: fc.array(fc.tuple(name, value), { maxLength: 5 }).map(entries => new Map(entries)),
})

test('mapping: what all protocols have comes back as it was', () => {
  fc.assert(
    fc.property(common, properties => {
      expect(amqp091Mapping.toCommon(amqp091Mapping.fromCommon(properties))).toEqual(properties)
    }),
  )
})

const fields: [FieldValue, CommonValue][] = [
  [{ type: 'longstr', value: 'text' }, 'text'],
  [{ type: 'longstr', value: Buffer.from([0xff]) }, Buffer.from([0xff])],
  [{ type: 'binary', value: Buffer.from('b') }, Buffer.from('b')],
  [{ type: 'byte', value: -1 }, -1],
  [{ type: 'unsignedbyte', value: 200 }, 200],
  [{ type: 'short', value: -300 }, -300],
  [{ type: 'unsignedshort', value: 60_000 }, 60_000],
  [{ type: 'signedint', value: -70_000 }, -70_000],
  [{ type: 'unsignedint', value: 2 ** 32 - 1 }, 2 ** 32 - 1],
  [{ type: 'long', value: -(2 ** 40) }, -(2 ** 40)],
  [{ type: 'long', value: 2n ** 62n }, 2n ** 62n],
  [{ type: 'float', value: 0.5 }, 0.5],
  [{ type: 'double', value: 0.1 }, 0.1],
  [{ type: 'bool', value: true }, true],
  [{ type: 'void', value: null }, null],
  [
    { type: 'timestamp', value: 5 },
    { kind: 'timestamp', millis: 5000 },
  ],
  [
    { type: 'decimal', value: { scale: 2, unscaled: 314 } },
    { kind: 'decimal', scale: 2, unscaled: 314 },
  ],
  [{ type: 'array', value: [{ type: 'bool', value: false }] }, [false]],
  [
    { type: 'table', value: new Map([['x', { type: 'void', value: null }]]) },
    new Map([['x', null]]),
  ],
]

test.each(fields.map(([field, expected]) => ({ type: field.type, field, expected })))(
  'mapping: a header of type $type has a meaning elsewhere',
  ({ field, expected }) => {
    const bytes = writeProperties({ ...noProperties, headers: new Map([['h', field]]) })
    expect(amqp091Mapping.toCommon(bytes)).toEqual({
      ...propertiesNone,
      headers: new Map([['h', expected]]),
    })
  },
)

test('mapping: every property has its place', () => {
  const bytes = writeProperties({
    contentType: 'text/plain',
    contentEncoding: 'gzip',
    headers: new Map([['x-message-key', { type: 'longstr', value: 'k' }]]),
    deliveryMode: 2,
    priority: 7,
    correlationId: 'c',
    replyTo: 'r',
    expiration: '60000',
    messageId: 'm',
    timestamp: 1_700_000_000,
    type: 't',
    userId: 'u',
    appId: 'a',
    clusterId: 'dropped',
  })
  expect(amqp091Mapping.toCommon(bytes)).toEqual({
    key: Buffer.from('k'),
    contentType: 'text/plain',
    contentEncoding: 'gzip',
    messageId: 'm',
    correlationId: 'c',
    replyTo: 'r',
    subject: 't',
    userId: 'u',
    appId: 'a',
    timestamp: 1_700_000_000_000,
    priority: 7,
    ttlMs: 60_000,
    isPersistent: true,
    headers: new Map(),
  })
})

test('mapping: milliseconds, which a timestamp cannot say, are in a header', () => {
  const properties = readProperties(
    amqp091Mapping.fromCommon({ ...propertiesNone, timestamp: 1_700_000_000_123 }),
  )
  expect(properties.timestamp).toBe(1_700_000_000)
  expect(properties.headers).toEqual(
    new Map([['timestamp_in_ms', { type: 'long', value: 1_700_000_000_123 }]]),
  )
})

test('mapping: a timestamp that is none is left out', () => {
  const bytes = writeProperties({ ...noProperties, timestamp: 2n ** 64n - 1n })
  expect(amqp091Mapping.toCommon(bytes)).toEqual(propertiesNone)
})
