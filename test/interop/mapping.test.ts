import { deepEqual, equal } from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { test } from 'vitest'
import type { CommonProperties, CommonValue } from '../../src/message/common.ts'
import type { Mapping } from '../../src/message/mapping.ts'
import { addressHeaders, propertyHeaders, recordMapping } from '../../src/message/record-mapping.ts'
import * as amqp091 from '../../src/protocols/amqp091/mapping.ts'

const isMapping = (value: unknown): value is Mapping =>
  typeof value === 'object' && value !== null && 'fromCommon' in value
const amqpMapping = Object.values(amqp091).find(isMapping)!

const text = fc.string({ unit: 'grapheme', maxLength: 20 })
const shortText = text.filter(value => Buffer.byteLength(value) < 256)
const name = text.filter(value => Buffer.byteLength(value) < 120)
const binary = fc.constantFrom(Buffer.of(0xff), Buffer.of(0xc3, 0x28))
const rows = {
  contentType: fc.option(shortText),
  contentEncoding: fc.option(shortText),
  messageId: fc.option(shortText),
  correlationId: fc.option(shortText),
  replyTo: fc.option(shortText),
  subject: fc.option(shortText),
  userId: fc.option(shortText),
  appId: fc.option(shortText),
  // AMQP 0-9-1 counts seconds.
  timestamp: fc.option(fc.nat(2 ** 32).map(seconds => seconds * 1000)),
  priority: fc.option(fc.nat(255)),
  ttlMs: fc.option(fc.nat(2 ** 32 - 1)),
  isPersistent: fc.boolean(),
  headers: fc
    .array(fc.tuple(name, fc.oneof(text, binary, fc.constant(null))))
    .map(entries => new Map<string, CommonValue>(entries)),
  key: fc.constant(null),
}
const common: fc.Arbitrary<CommonProperties> = fc.record(rows, { noNullPrototype: true })

const through = (mapping: Mapping, given: CommonProperties): CommonProperties =>
  mapping.toCommon(mapping.fromCommon(given))

test('mapping: AMQP 0-9-1 to Kafka and back changes nothing that both can say', () => {
  fc.assert(
    fc.property(common, given => {
      const asAmqp = through(amqpMapping, given)
      deepEqual(asAmqp, given)
      deepEqual(through(amqpMapping, through(recordMapping, asAmqp)), asAmqp)
    }),
  )
})

test('mapping: Kafka to AMQP 0-9-1 and back changes nothing that both can say', () => {
  fc.assert(
    fc.property(common, given => {
      const asRecord = through(recordMapping, given)
      deepEqual(through(recordMapping, through(amqpMapping, asRecord)), asRecord)
    }),
  )
})

test('mapping: what AMQP has a type for becomes text, and stays that', () => {
  const values: CommonValue[] = [true, 5, 2n ** 40n, 1.5, [1], new Map([['a', 1]])]
  const headers = new Map(values.map((value, index) => [`h${index}`, value]))
  const given = { ...recordMapping.toCommon(Buffer.alloc(0)), headers }
  const read = through(recordMapping, through(amqpMapping, given)).headers
  deepEqual([...read.values()], ['true', '5', '1099511627776', '1.5', '[1]', '{"a":1}'])
})

test('mapping: the table in docs/mapping.md has every name', () => {
  const table = readFileSync(new URL('../../docs/mapping.md', import.meta.url), 'utf8')
  for (const header of [...Object.values(propertyHeaders), ...Object.values(addressHeaders)])
    equal(table.includes(`\`${header}\``), true, `${header} is explained`)
})
