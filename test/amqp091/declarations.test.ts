import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { FieldTable, FieldValue } from '../../src/protocols/amqp091/codec/index.ts'
import { methodFrame } from '../../src/protocols/amqp091/codec/index.ts'
import * as schema from '../../src/protocols/amqp091/schema/index.ts'
import { type AmqpClient, AmqpLoopback } from './loopback.ts'
import { receiveLent } from '../../src/protocols/lent-read.fixture.ts'

type Queue = schema.DraftOf<typeof schema.queueDeclare.fields>
type Exchange = schema.DraftOf<typeof schema.exchangeDeclare.fields>

const none: FieldTable = new Map()
const queue = (name: string, given: Partial<Queue> = {}): Queue => ({
  queue: name,
  passive: false,
  durable: false,
  exclusive: false,
  autoDelete: false,
  nowait: false,
  arguments: none,
  ...given,
})
const exchange = (name: string, given: Partial<Exchange> = {}): Exchange => ({
  exchange: name,
  type: 'direct',
  passive: false,
  durable: false,
  autoDelete: false,
  internal: false,
  nowait: false,
  arguments: none,
  ...given,
})
const args = (...entries: [string, FieldValue][]): FieldTable => new Map(entries)
const text = (value: string): FieldValue => ({ type: 'longstr', value })
const int = (value: number): FieldValue => ({ type: 'signedint', value })
const bind = (queueName: string, exchangeName: string, routingKey = '') => ({
  queue: queueName,
  exchange: exchangeName,
  routingKey,
  nowait: false,
  arguments: none,
})

let world: AmqpLoopback
let client: AmqpClient

beforeEach(async () => {
  world = await AmqpLoopback.open()
  client = await world.opened()
})
afterEach(() => world[Symbol.asyncDispose]())

const declared = (wish: Queue, from = client) =>
  from.ask(schema.queueDeclare, wish, 'queue.declare_ok')

describe('queues', () => {
  test('are declared, looked at, and declared again', async () => {
    const wish = queue('q', { durable: true, arguments: args(['x-max-length', int(5)]) })
    const ok = { queue: 'q', messageCount: 0, consumerCount: 0 }
    expect(await declared(wish)).toEqual(ok)
    expect(await declared(wish)).toEqual(ok)
    expect(await declared(queue('q', { passive: true }))).toEqual(ok)
  })

  test('a name of the server is one nobody guesses, and the last one needs no name', async () => {
    const { queue: name } = await declared(queue(''))
    expect(name).toMatch(/^amq\.gen-[\w-]{22}$/)
    await client.ask(schema.queueBind, bind('', 'amq.direct'), 'queue.bind_ok')
    const { broker } = world
    expect([...broker.exchanges.bindingsFrom('/', 'amq.direct')]).toMatchObject([
      { destination: name, routingKey: name },
    ])
    await client.ask(
      schema.queueDelete,
      { queue: '', ifUnused: true, ifEmpty: true, nowait: false },
      'queue.delete_ok',
    )
    expect(broker.queues.find('/', String(name))).toBeUndefined()
  })

  test('nothing was declared', async () => {
    expect(await client.refusal(schema.queuePurge, { queue: '', nowait: false })).toBe(
      'channel.close 404 NOT_FOUND - no previously declared queue',
    )
  })

  test('line breaks in a name are not meant', async () => {
    expect(await declared(queue('q\r\n'))).toMatchObject({ queue: 'q' })
  })

  test('without a reply, nothing comes', async () => {
    client.send(1, schema.queueDeclare, queue('q', { durable: true, nowait: true }))
    await declared(queue('q', { passive: true }))
    expect(client.inbox).toEqual([])
  })

  test('replies keep their order, though some wait for the disk', async () => {
    receiveLent(
      client.connection,
      Buffer.concat([
        methodFrame(1, schema.queueDeclare, queue('durable', { durable: true })),
        methodFrame(1, schema.queueDeclare, queue('transient')),
        methodFrame(1, schema.queueDeclare, queue('durable', { passive: true })),
        methodFrame(1, schema.accessRequest, {
          realm: '',
          exclusive: false,
          passive: false,
          active: false,
          write: false,
          read: false,
        }),
      ]),
    )
    const replies = []
    for (let count = 0; count < 4; count++) replies.push((await client.next()).fields)
    expect(replies).toMatchObject([
      { queue: 'durable' },
      { queue: 'transient' },
      { queue: 'durable' },
      { ticket: 1 },
    ])
  })

  test('exclusive ones are for their connection and end with it', async () => {
    await declared(queue('mine', { exclusive: true, durable: true }))
    const other = await world.opened()
    const locked =
      "channel.close 405 RESOURCE_LOCKED - cannot obtain exclusive access to locked queue 'mine' " +
      "in vhost '/'. It could be originally declared on another connection or the exclusive " +
      'property value does not match that of the original declaration.'
    for (const refused of [
      await other.refusal(schema.queueDeclare, queue('mine', { passive: true })),
      await other.refusal(schema.queueDeclare, queue('mine', { exclusive: true })),
      await other.refusal(schema.queueBind, bind('mine', 'amq.fanout')),
      await other.refusal(schema.queuePurge, { queue: 'mine', nowait: false }),
      await other.refusal(schema.queueDelete, {
        queue: 'mine',
        ifUnused: false,
        ifEmpty: false,
        nowait: false,
      }),
    ])
      expect(refused).toBe(locked)
    client.connection.closed()
    await declared(queue('mine'), other)
  })

  test('a topic of Kafka is there, and stays when it is deleted as a queue', async () => {
    await world.broker.topics.create({ name: 'orders', partitionCount: 3, overrides: {} })
    expect(await declared(queue('orders', { passive: true }))).toMatchObject({ messageCount: 0 })
    await client.ask(schema.queueBind, bind('orders', 'amq.topic', '#'), 'queue.bind_ok')
    await client.ask(
      schema.queueDelete,
      { queue: 'orders', ifUnused: false, ifEmpty: false, nowait: false },
      'queue.delete_ok',
    )
    expect(world.broker.topics.find('/', 'orders')).toBeDefined()
  })

  test('a queue may be a view of another topic', async () => {
    const topic = await world.broker.topics.create({
      name: 'orders',
      partitionCount: 2,
      overrides: {},
    })
    const source = args(['x-source', text('orders')], ['x-source-from', text('first')])
    await declared(queue('view', { durable: true, arguments: source }))
    expect(world.broker.queues.find('/', 'view')!.topic).toBe(topic)
  })

  test('a namespace may have another type as its usual one', async () => {
    world.broker.namespaces.put('/', { defaultQueueType: 'quorum' })
    await declared(queue('big', { durable: true }))
    await declared(queue('small'))
    const { queues } = world.broker
    expect(queues.find('/', 'big')!.spec.type).toBe('quorum')
    expect(queues.find('/', 'small')!.spec.type).toBe('classic')
  })

  test('a namespace may have enough of them', async () => {
    world.broker.namespaces.put('/', { queuesMax: 1 })
    await declared(queue('first'))
    await declared(queue('first'))
    expect(await client.refusal(schema.queueDeclare, queue('second'))).toBe(
      "channel.close 406 PRECONDITION_FAILED - cannot declare queue 'second' in vhost '/': " +
        "queue limit in vhost '/' (1) is reached",
    )
  })

  test.each<[string, Queue, string]>([
    [
      'passive, nothing there',
      queue('none', { passive: true }),
      "404 NOT_FOUND - no queue 'none' in vhost '/'",
    ],
    [
      'a reserved name',
      queue('amq.mine'),
      "403 ACCESS_REFUSED - queue name 'amq.mine' contains reserved prefix 'amq.*'",
    ],
    [
      'more durable',
      queue('there', { durable: true }),
      "406 PRECONDITION_FAILED - inequivalent arg 'durable' for queue 'there' in vhost '/': " +
        "received 'true' but current is 'false'",
    ],
    [
      'deleting itself',
      queue('there', { autoDelete: true }),
      "406 PRECONDITION_FAILED - inequivalent arg 'auto_delete' for queue 'there' in vhost '/': " +
        "received 'true' but current is 'false'",
    ],
    [
      'with a TTL',
      queue('there', { arguments: args(['x-message-ttl', int(9)]) }),
      "406 PRECONDITION_FAILED - inequivalent arg 'x-message-ttl' for queue 'there' in vhost " +
        "'/': received the value '9' of type 'signedint' but current is none",
    ],
    [
      'without its length',
      queue('short'),
      "406 PRECONDITION_FAILED - inequivalent arg 'x-max-length' for queue 'short' in vhost '/': " +
        "received none but current is the value '1' of type 'byte'",
    ],
    [
      'a quorum queue without a name',
      queue('', { durable: true, arguments: args(['x-queue-type', text('quorum')]) }),
      '406 PRECONDITION_FAILED - Cannot declare a server-named queue for type rabbit_quorum_queue',
    ],
    [
      'a retention of nothing',
      queue('q', { arguments: args(['x-retention-ms', int(-1)]) }),
      "406 PRECONDITION_FAILED - invalid arg for queue 'q' in vhost '/': " +
        'argument x-retention-ms: -1 is not a valid retention time',
    ],
    [
      'a source that is not there',
      queue('q', { arguments: args(['x-source', text('none')]) }),
      "404 NOT_FOUND - There is no topic 'none' for queue 'q'.",
    ],
    [
      "a client's reply queue that is not there",
      queue('amq.rabbitmq.reply-to.none', { passive: true }),
      "404 NOT_FOUND - no queue 'amq.rabbitmq.reply-to.none' in vhost '/'",
    ],
  ])('%s', async (_name, wish, expected) => {
    await declared(queue('there'))
    await declared(
      queue('short', { arguments: args(['x-max-length', { type: 'byte', value: 1 }]) }),
    )
    expect(await client.refusal(schema.queueDeclare, wish)).toBe(`channel.close ${expected}`)
  })
})

describe('exchanges', () => {
  const declare = (wish: Exchange) =>
    client.ask(schema.exchangeDeclare, wish, 'exchange.declare_ok')

  test('are declared, bound to each other, unbound and deleted', async () => {
    await declare(exchange('a', { type: 'topic', durable: true }))
    await declare(exchange('b', { type: 'fanout' }))
    const binding = {
      source: 'a',
      destination: 'b',
      routingKey: 'x.*',
      nowait: false,
      arguments: none,
    }
    await client.ask(schema.exchangeBind, binding, 'exchange.bind_ok')
    expect([...world.broker.exchanges.bindingsFrom('/', 'a')]).toMatchObject([
      { destination: 'b', destinationKind: 'exchange', routingKey: 'x.*' },
    ])
    const deletion = { exchange: 'a', ifUnused: true, nowait: false }
    expect(await client.refusal(schema.exchangeDelete, deletion)).toBe(
      "channel.close 406 PRECONDITION_FAILED - exchange 'a' in vhost '/' in use",
    )
    await client.ask(schema.exchangeUnbind, binding, 'exchange.unbind_ok')
    await client.ask(schema.exchangeUnbind, binding, 'exchange.unbind_ok')
    await client.ask(schema.exchangeDelete, deletion, 'exchange.delete_ok')
    await client.ask(schema.exchangeDelete, deletion, 'exchange.delete_ok')
  })

  test.each<[string, Exchange, string]>([
    [
      'of no type',
      exchange('x', { type: 'magic' }),
      "connection.close 503 COMMAND_INVALID - unknown exchange type 'magic'",
    ],
    [
      'the default one',
      exchange(''),
      'channel.close 403 ACCESS_REFUSED - operation not permitted on the default exchange',
    ],
    [
      'a reserved name',
      exchange('amq.mine'),
      'channel.close 403 ACCESS_REFUSED - ' +
        "exchange name 'amq.mine' contains reserved prefix 'amq.*'",
    ],
    [
      'passive, nothing there',
      exchange('none', { passive: true }),
      "channel.close 404 NOT_FOUND - no exchange 'none' in vhost '/'",
    ],
    [
      'of another type',
      exchange('amq.topic', { durable: true }),
      "channel.close 406 PRECONDITION_FAILED - inequivalent arg 'type' for exchange 'amq.topic' " +
        "in vhost '/': received 'direct' but current is 'topic'",
    ],
    [
      'with an alternate that is no name',
      exchange('x', { arguments: args(['alternate-exchange', int(1)]) }),
      "channel.close 406 PRECONDITION_FAILED - invalid type 'signedint' for arg " +
        "'alternate-exchange' in exchange 'x' in vhost '/'",
    ],
    [
      'delayed by nothing',
      exchange('x', { type: 'x-delayed-message' }),
      "channel.close 406 PRECONDITION_FAILED - Invalid argument, 'x-delayed-type' must be an " +
        'existing exchange type',
    ],
  ])('%s', async (_name, wish, expected) => {
    expect(await client.refusal(schema.exchangeDeclare, wish)).toBe(expected)
  })

  test('those every namespace has cannot be deleted', async () => {
    const deletion = { exchange: 'amq.direct', ifUnused: false, nowait: false }
    expect(await client.refusal(schema.exchangeDelete, deletion)).toBe(
      "channel.close 403 ACCESS_REFUSED - deletion of system exchange 'amq.direct' in vhost '/' " +
        'not allowed',
    )
  })

  test('headers are matched by a text', async () => {
    await declared(queue('q'))
    const binding = { ...bind('q', 'amq.headers'), arguments: args(['x-match', int(1)]) }
    expect(await client.refusal(schema.queueBind, binding)).toBe(
      'channel.close 406 PRECONDITION_FAILED - Invalid x-match field type signedint (value 1); ' +
        'expected longstr',
    )
  })
})

describe('permissions', () => {
  const refused = (operation: string, resource: string): string =>
    `channel.close 403 ACCESS_REFUSED - ${operation} access to ${resource} in vhost '/' refused ` +
    "for user 'anna'"
  let anna: AmqpClient

  beforeEach(async () => {
    const { access } = world.broker
    access.add('anna', 'secret')
    access.setPermission('anna', '/', { configure: '^c', write: '^w', read: '^r' })
    await declared(queue('r', { durable: true }))
    await declared(queue('w', { durable: true }))
    await declared(queue('other'))
    anna = await world.opened({ user: 'anna', password: 'secret' })
  })

  test('configure, to declare and delete', async () => {
    await declared(queue('c'), anna)
    expect(await anna.refusal(schema.queueDeclare, queue('x'))).toBe(
      refused('configure', "queue 'x'"),
    )
    expect(await anna.refusal(schema.exchangeDeclare, exchange('x'))).toBe(
      refused('configure', "exchange 'x'"),
    )
    const deletion = { queue: 'r', ifUnused: false, ifEmpty: false, nowait: false }
    expect(await anna.refusal(schema.queueDelete, deletion)).toBe(refused('configure', "queue 'r'"))
  })

  test('any, to see whether it is there', async () => {
    await declared(queue('r', { passive: true }), anna)
    await declared(queue('w', { passive: true }), anna)
    expect(await anna.refusal(schema.queueDeclare, queue('other', { passive: true }))).toBe(
      refused('configure', "queue 'other'"),
    )
  })

  test('write on the queue and read on the exchange, to bind', async () => {
    expect(await anna.refusal(schema.queueBind, bind('r', 'amq.direct'))).toBe(
      refused('write', "queue 'r'"),
    )
    expect(await anna.refusal(schema.queueBind, bind('w', 'amq.direct'))).toBe(
      refused('read', "exchange 'amq.direct'"),
    )
  })

  test('read, to purge', async () => {
    expect(await anna.refusal(schema.queuePurge, { queue: 'w', nowait: false })).toBe(
      refused('read', "queue 'w'"),
    )
  })

  test('read and write, for where dead letters go', async () => {
    const letters = args(['x-dead-letter-exchange', text('w')])
    expect(await anna.refusal(schema.queueDeclare, queue('c', { arguments: letters }))).toBe(
      refused('read', "queue 'c'"),
    )
  })

  test('of topics, to bind to a topic exchange', async () => {
    const { access } = world.broker
    access.setPermission('anna', '/', { configure: '', write: '.*', read: '.*' })
    access.setTopicPermission('anna', '/', 'amq.topic', { write: '', read: '^mine' })
    await anna.ask(schema.queueBind, bind('r', 'amq.topic', 'mine.x'), 'queue.bind_ok')
    expect(await anna.refusal(schema.queueBind, bind('r', 'amq.topic', 'yours'))).toBe(
      "channel.close 403 ACCESS_REFUSED - read access to topic 'yours' in exchange 'amq.topic' " +
        "in vhost '/' refused for user 'anna'",
    )
  })
})
