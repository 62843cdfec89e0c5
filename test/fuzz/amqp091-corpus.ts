import {
  type FieldTable,
  type FieldValue,
  methodFrame,
} from '../../src/protocols/amqp091/codec/index.ts'
import { FRAME_END } from '../../src/protocols/amqp091/constants.ts'
import * as schema from '../../src/protocols/amqp091/schema/index.ts'

const table: FieldTable = new Map<string, FieldValue>([
  ['x-max-length', { type: 'signedint', value: 3 }],
  ['x-dead-letter-exchange', { type: 'longstr', value: '' }],
  ['x-match', { type: 'longstr', value: 'any' }],
  ['deep', { type: 'table', value: new Map([['yes', { type: 'bool', value: true }]]) }],
  ['list', { type: 'array', value: [{ type: 'double', value: 1.5 }] }],
  ['when', { type: 'timestamp', value: 1_700_000_000 }],
])

const values: schema.FieldTypes = {
  bit: true,
  octet: 1,
  short: 2,
  long: 3,
  longlong: 4,
  shortstr: 'q',
  longstr: Buffer.from('long'),
  table,
}

/** Arguments of every method, by its key: what the mutations begin with. */
export const everyMethod: ReadonlyMap<number, readonly Buffer[]> = new Map(
  schema.methods.map(method => {
    const fields = Object.fromEntries(
      Object.entries(method.fields).map(([name, type]) => [name, values[type]]),
    )
    const frame = methodFrame(1, method, fields as schema.DraftOf<schema.Fields>)
    return [method.key, [frame.subarray(11, -1)]]
  }),
)

const none: FieldTable = new Map()
const flags = { passive: false, autoDelete: false, nowait: false }

function frame(type: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(7)
  head[0] = type
  head.writeUInt16BE(1, 1)
  head.writeUInt32BE(payload.length, 3)
  return Buffer.concat([head, payload, Buffer.of(FRAME_END)])
}

/** Delivery mode and a text as content type; the body size in front. */
function header(bodyBytes: number): Buffer {
  const properties = Buffer.from('9000 0a746578742f706c61696e 02'.replaceAll(' ', ''), 'hex')
  const head = Buffer.alloc(12)
  head.writeUInt16BE(60, 0)
  head.writeUInt32BE(bodyBytes, 8)
  return frame(2, Buffer.concat([head, properties]))
}

const publish = (exchange: string, routingKey: string, body: string): Buffer =>
  Buffer.concat([
    methodFrame(1, schema.basicPublish, {
      exchange,
      routingKey,
      mandatory: true,
      immediate: false,
    }),
    header(body.length),
    ...(body === '' ? [] : [frame(3, Buffer.from(body))]),
  ])

/** What a client does on channel 1 once it is open. */
export const conversation = Buffer.concat([
  methodFrame(1, schema.exchangeDeclare, {
    ...flags,
    exchange: 'x',
    type: 'topic',
    durable: true,
    internal: false,
    arguments: none,
  }),
  methodFrame(1, schema.queueDeclare, {
    ...flags,
    nowait: true,
    queue: 'q',
    durable: false,
    exclusive: true,
    arguments: table,
  }),
  methodFrame(1, schema.queueBind, {
    queue: 'q',
    exchange: 'x',
    routingKey: '#.a',
    nowait: true,
    arguments: none,
  }),
  methodFrame(1, schema.confirmSelect, { nowait: true }),
  methodFrame(1, schema.basicQos, { prefetchSize: 0, prefetchCount: 2, global: false }),
  methodFrame(1, schema.basicConsume, {
    queue: 'q',
    consumerTag: 'c',
    noLocal: false,
    noAck: false,
    exclusive: false,
    nowait: true,
    arguments: none,
  }),
  publish('x', 'b.a', 'hello'),
  publish('', 'q', ''),
  publish('', 'nowhere', 'lost'),
  methodFrame(1, schema.basicAck, { deliveryTag: 0, multiple: true }),
  methodFrame(1, schema.basicNack, { deliveryTag: 1, multiple: false, requeue: true }),
  methodFrame(1, schema.basicGet, { queue: '', noAck: true }),
  methodFrame(1, schema.basicRecover, { requeue: true }),
  methodFrame(1, schema.queuePurge, { queue: 'q', nowait: true }),
  methodFrame(1, schema.basicCancel, { consumerTag: 'c', nowait: true }),
  methodFrame(1, schema.queueUnbind, {
    queue: 'q',
    exchange: 'x',
    routingKey: '#.a',
    arguments: none,
  }),
  methodFrame(1, schema.queueDelete, { queue: 'q', ifUnused: false, ifEmpty: false, nowait: true }),
  methodFrame(1, schema.exchangeDelete, { exchange: 'x', ifUnused: true, nowait: false }),
  methodFrame(1, schema.channelClose, { replyCode: 200, replyText: '', classId: 0, methodId: 0 }),
])
