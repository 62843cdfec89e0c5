import { describe, expect, test } from 'vitest'
import { origins } from '../../message/origin.ts'
import { StoredMessage } from '../../message/stored-message.ts'
import { addressBytes, type Sender } from '../../message/publication.ts'
import { published } from './publisher.ts'
import { type FakeQueue, PublishWorld, type Taken } from './world.fixture.ts'

const sender: Sender = { connection: '127.0.0.1:1 -> 127.0.0.1:2', channel: 3, user: 'anna' }

function traced(): { world: PublishWorld; traces: FakeQueue } {
  const world = new PublishWorld()
  const traces = world.queue('traces')
  world.queue('q1')
  world.queue('q2')
  world.bind('amq.rabbitmq.trace', 'traces', '#')
  world.bind('amq.fanout', 'q1')
  world.bind('amq.fanout', 'q2')
  world.publisher.tracing.set('/', true)
  return { world, traces }
}

function headersOf(world: PublishWorld, { message }: Taken): Record<string, unknown> {
  const { properties, propertiesStart, propertiesEnd } = message
  const bytes = properties.subarray(propertiesStart, propertiesEnd)
  return Object.fromEntries(world.mappings.of(origins.amqp091).toCommon(bytes).headers)
}

describe('tracing', () => {
  test('shows what was published, and where it went', () => {
    const { world, traces } = traced()
    const more = { contentType: 'text/plain', timestamp: 5000, ttlMs: 100 }
    const message = world.message('amq.fanout', 'key', 'body', { h: 1 }, more)
    message.sender = sender
    message.copies = ['copy']
    expect(world.send(message)).toBe(published.routed | published.sync)
    const place = { body: 'body', exchange: 'amq.rabbitmq.trace', routingKey: 'publish.amq.fanout' }
    expect(traces.taken).toMatchObject([place])
    expect(headersOf(world, traces.taken[0]!)).toEqual({
      exchange_name: 'amq.fanout',
      routing_keys: ['key', 'copy'],
      properties: new Map<string, unknown>([
        ['content_type', 'text/plain'],
        ['headers', new Map([['h', 1]])],
        ['delivery_mode', 2],
        ['expiration', '100'],
        ['timestamp', 5],
      ]),
      node: 'sabir@1',
      vhost: '/',
      connection: sender.connection,
      channel: 3,
      user: 'anna',
      routed_queues: ['q1', 'q2'],
    })
  })

  test('shows what is handed out', () => {
    const { world, traces } = traced()
    const message = new StoredMessage()
    message.origin = origins.amqp091
    message.bytes = addressBytes('amq.fanout', 'key')
    message.addressEnd = message.propertiesStart = message.propertiesEnd = message.bytes.length
    message.body = Buffer.from('body')
    message.bodyEnd = 4
    const delivery = { namespace: '/', queue: 'q1', message, isRedelivered: true, receiver: sender }
    world.publisher.tracing.delivered(delivery)
    expect(traces.taken).toMatchObject([{ body: 'body', routingKey: 'deliver.q1' }])
    const headers = headersOf(world, traces.taken[0]!)
    expect(headers).toMatchObject({ exchange_name: 'amq.fanout', redelivered: 1, user: 'anna' })
    expect(headers).not.toHaveProperty('routed_queues')
  })

  test('is for one namespace, does not trace itself, and ends', () => {
    const { world, traces } = traced()
    const other = world.queue('other', { namespace: 'other' })
    const route = world.publisher.route('other', '', 'other')
    world.publisher.publish(route, world.message('', 'other', 'body'))
    expect(other.bodies).toEqual(['body'])
    expect(traces.taken).toEqual([])
    world.publisher.tracing.set('/', false)
    expect(world.publisher.tracing.isActive).toBe(false)
    world.publish('amq.fanout', 'key')
    expect(traces.taken).toEqual([])
  })

  test('a name of 255 bytes can be traced', () => {
    const { world, traces } = traced()
    const name = 'x'.repeat(255)
    world.exchange(name, 'fanout')
    expect(world.publish(name, '')).toBe(0)
    expect(traces.taken[0]!.routingKey).toHaveLength(255)
  })
})
