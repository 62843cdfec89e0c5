import { deepEqual, equal } from 'node:assert/strict'
import fc from 'fast-check'
import { test } from 'vitest'
import { encodeBatch } from '../log/batch/index.ts'
import type { CommonProperties, CommonValue } from './common.ts'
import { Mappings } from './mapping.ts'
import { MessageReader } from './message-reader.ts'
import { addressHeaders, propertyHeaders, recordMapping } from './record-mapping.ts'
import { StoredMessage } from './stored-message.ts'

const { toCommon, fromCommon } = recordMapping

const text = fc.string({ unit: 'grapheme', maxLength: 20 })
const taken = [...Object.values(propertyHeaders), ...Object.values(addressHeaders)]
const name = fc.oneof(
  text,
  fc.constantFrom(...taken),
  fc.constantFrom(...taken.map(one => `header.${one}`), 'header.', 'header.header.priority'),
)
/** What is not text in itself: the rest comes back as the text it was written as. */
const binary = fc.constantFrom(Buffer.of(0xff), Buffer.of(0xc3, 0x28), Buffer.of(0, 0x80))
const whole = (max: number) => fc.integer({ min: 0, max })
const properties = {
  key: fc.constant(null),
  contentType: fc.option(text),
  contentEncoding: fc.option(text),
  messageId: fc.option(text),
  correlationId: fc.option(text),
  replyTo: fc.option(text),
  subject: fc.option(text),
  userId: fc.option(text),
  appId: fc.option(text),
  timestamp: fc.option(whole(Number.MAX_SAFE_INTEGER)),
  priority: fc.option(whole(255)),
  ttlMs: fc.option(whole(2 ** 48)),
  isPersistent: fc.boolean(),
  headers: fc
    .array(fc.tuple(name, fc.oneof(text, binary, fc.constant(null))))
    .map(entries => new Map<string, CommonValue>(entries)),
}
const common: fc.Arbitrary<CommonProperties> = fc.record(properties, { noNullPrototype: true })

test('record headers: what is written is read again', () => {
  fc.assert(fc.property(common, given => deepEqual(toCommon(fromCommon(given)), given)))
})

const values: [value: CommonValue, text: string][] = [
  [true, 'true'],
  [12.5, '12.5'],
  [2n ** 63n, '9223372036854775808'],
  [{ kind: 'timestamp', millis: 1_700_000_000_123 }, '2023-11-14T22:13:20.123Z'],
  [{ kind: 'timestamp', millis: 9e15 }, '9000000000000000'],
  [{ kind: 'decimal', scale: 2, unscaled: -5 }, '-0.05'],
  [{ kind: 'decimal', scale: 0, unscaled: 12 }, '12'],
  [['a', 1n, null, Buffer.of(0xff)], '["a","1",null,"/w=="]'],
  [new Map<string, CommonValue>([['deep', new Map([['down', 1]])]]), '{"deep":{"down":1}}'],
]
for (const [value, expected] of values) {
  test(`record headers: a value is written as ${expected}`, () => {
    const headers = new Map([['h', value]])
    const { headers: read } = toCommon(fromCommon({ ...toCommon(Buffer.alloc(0)), headers }))
    equal(read.get('h'), expected)
  })
}

const notProperties: [name: string, value: string][] = [
  ['priority', 'high'],
  ['priority', '256'],
  ['timestamp', '2023-11-14'],
  ['expiration', '-1'],
  ['delivery-mode', '3'],
]
for (const [header, value] of notProperties) {
  test(`record headers: ${header} is the application's own when it is ${value}`, () => {
    deepEqual([...shown([{ key: header, value: Buffer.from(value) }]).headers], [[header, value]])
  })
}

test('record headers: a producer says key and time in the record itself', () => {
  const { key, timestamp, isPersistent } = shown([], { key: Buffer.from('k'), timestamp: 77 })
  deepEqual(
    { key, timestamp, isPersistent },
    { key: Buffer.from('k'), timestamp: 77, isPersistent: true },
  )
  equal(shown([{ key: 'timestamp', value: Buffer.from('5') }], { timestamp: 77 }).timestamp, 5)
})

test('record headers: the last of several with one name counts', () => {
  const twice = ['one', 'two'].map(value => ({ key: 'h', value: Buffer.from(value) }))
  deepEqual([...shown(twice).headers], [['h', 'two']])
})

test('record headers: garbage is left out, never a crash', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), bytes => void toCommon(Buffer.from(bytes))),
  )
})

function shown(
  headers: { key: string; value: Buffer | null }[],
  { key = null, timestamp = 1 }: { key?: Buffer | null; timestamp?: number } = {},
): CommonProperties {
  const reader = new MessageReader()
  const message = new StoredMessage()
  reader.open(encodeBatch([{ timestamp, key, value: Buffer.from('v'), headers }]))
  reader.find(0, message)
  return new Mappings().commonOf(message)
}
