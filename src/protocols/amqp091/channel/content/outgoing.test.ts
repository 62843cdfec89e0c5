import { expect, test } from 'vitest'
import { type Annotations, encodeAnnotations } from '../../../../message/annotations.ts'
import { Mappings } from '../../../../message/mapping.ts'
import { origins } from '../../../../message/origin.ts'
import { Publication } from '../../../../message/publication.ts'
import type { StoredMessage } from '../../../../message/stored-message.ts'
import type { FieldTable, FieldValue } from '../../codec/index.ts'
import { amqp091Mapping } from '../../mapping.ts'
import { stored } from '../fake-queue.fixture.ts'
import { outgoingProperties } from './outgoing.ts'
import { noProperties, type Properties, readProperties, writeProperties } from './properties.ts'

const mappings = new Mappings()
mappings.register(amqp091Mapping)

function message(properties: Partial<Properties>, annotations: Annotations): StoredMessage {
  const publication = new Publication()
  publication.addressTo('x', 'key')
  publication.properties = writeProperties({ ...noProperties, ...properties })
  publication.propertiesEnd = publication.properties.length
  const view = stored(publication)
  view.annotationsStart = view.bytes.length
  view.bytes = Buffer.concat([view.bytes, encodeAnnotations(annotations)])
  view.annotationsEnd = view.bytes.length
  return view
}

const longstr = (value: string): FieldValue => ({ type: 'longstr', value })
const long = (value: number): FieldValue => ({ type: 'long', value })

test('outgoing: deaths are told as RabbitMQ tells them, types and order included', () => {
  const place = { queue: 'q2', reason: 'expired', exchange: 'dlx' } as const
  const view = message(
    {
      contentType: 'text/plain',
      expiration: '1000',
      headers: new Map([
        ['z', longstr('last')],
        ['x-death', longstr('what a client made up')],
        ['a', longstr('first')],
      ]),
    },
    {
      deaths: [
        { ...place, count: 2, time: 1_700_000_001_999, routingKeys: ['key', 'cc'] },
        {
          queue: 'q1',
          reason: 'rejected',
          count: 1,
          time: 1_700_000_000_000,
          exchange: '',
          routingKeys: ['q1'],
          originalTtlMs: 1000,
        },
      ],
      firstDeath: { queue: 'q1', reason: 'rejected', exchange: '' },
      lastDeath: place,
    },
  )
  const properties = readProperties(outgoingProperties(view, mappings, {}))
  expect([properties.contentType, properties.expiration]).toEqual(['text/plain', null])
  expect([...properties.headers!]).toEqual([
    ['a', longstr('first')],
    [
      'x-death',
      {
        type: 'array',
        value: [
          {
            type: 'table',
            value: new Map<string, FieldValue>([
              ['count', long(2)],
              ['reason', longstr('expired')],
              ['queue', longstr('q2')],
              ['time', { type: 'timestamp', value: 1_700_000_001 }],
              ['exchange', longstr('dlx')],
              ['routing-keys', { type: 'array', value: [longstr('key'), longstr('cc')] }],
            ]),
          },
          {
            type: 'table',
            value: new Map<string, FieldValue>([
              ['original-expiration', longstr('1000')],
              ['count', long(1)],
              ['reason', longstr('rejected')],
              ['queue', longstr('q1')],
              ['time', { type: 'timestamp', value: 1_700_000_000 }],
              ['exchange', longstr('')],
              ['routing-keys', { type: 'array', value: [longstr('q1')] }],
            ]),
          },
        ],
      },
    ],
    ['x-first-death-exchange', longstr('')],
    ['x-first-death-queue', longstr('q1')],
    ['x-first-death-reason', longstr('rejected')],
    ['x-last-death-exchange', longstr('dlx')],
    ['x-last-death-queue', longstr('q2')],
    ['x-last-death-reason', longstr('expired')],
    ['z', longstr('last')],
  ])
  // Field order is visible to those who print a table; equality of maps does not look at it.
  const deaths = properties.headers!.get('x-death')!
  const orders = (deaths.value as readonly FieldValue[]).map(({ value }) => [
    ...(value as FieldTable).keys(),
  ])
  expect(orders[1]).toEqual(['original-expiration', ...orders[0]!])
  expect(orders[0]).toEqual(['count', 'reason', 'queue', 'time', 'exchange', 'routing-keys'])
})

test('outgoing: a delay is told by its negative, in place of what was asked', () => {
  const headers = new Map<string, FieldValue>([['x-delay', { type: 'signedint', value: 500 }]])
  const view = message({ headers, expiration: '9' }, { delayedMs: 500 })
  const properties = readProperties(outgoingProperties(view, mappings, {}))
  expect(properties.headers).toEqual(new Map([['x-delay', long(-500)]]))
  expect(properties.expiration).toBe('9')
})

test('outgoing: counts and offsets are added', () => {
  const added = { 'x-stream-offset': 7 }
  const properties = readProperties(outgoingProperties(message({}, {}), mappings, added))
  expect(properties.headers).toEqual(new Map([['x-stream-offset', long(7)]]))
})

test('outgoing: a record of a Kafka producer has its headers', () => {
  const view = message({}, {})
  const header = (text: string): Buffer =>
    Buffer.concat([Buffer.of(text.length * 2), Buffer.from(text)])
  view.origin = origins.kafka
  view.bytes = Buffer.concat([header('content-type'), header('text/css'), header('h'), header('v')])
  view.addressEnd = view.addressStart = view.propertiesStart = view.propertiesEnd = 0
  view.annotationsStart = view.annotationsEnd = view.headersStart = 0
  view.headersEnd = view.bytes.length
  view.headerCount = 2
  view.timestamp = 1_700_000_000_000
  const properties = readProperties(outgoingProperties(view, mappings, {}))
  expect(properties).toMatchObject({
    contentType: 'text/css',
    timestamp: 1_700_000_000,
    headers: new Map([['h', longstr('v')]]),
  })
})
