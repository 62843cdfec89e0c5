import { expect, test } from 'vitest'
import { accept } from '../../../../broker/queue/consumer.ts'
import { Offset } from '../../../../lib/brand.ts'
import { limits } from '../../../../limits/limits.ts'
import type { FieldTable, FieldValue } from '../../codec/index.ts'
import * as schema from '../../schema/index.ts'
import { ChannelWorld, type TestChannel } from '../channel.fixture.ts'
import { publishBytes } from '../client-frames.fixture.ts'
import { Consuming } from './consuming.ts'
import type { Holder } from './holder.ts'

const get = (channel: TestChannel, queue: string, noAck = false): void =>
  channel.send(schema.basicGet, { queue, noAck })
const qos = (channel: TestChannel, prefetchCount: number, global = false): void =>
  channel.send(schema.basicQos, { prefetchSize: 0, prefetchCount, global })
const nack = (channel: TestChannel, deliveryTag: number, multiple: boolean, requeue: boolean) =>
  channel.send(schema.basicNack, { deliveryTag, multiple, requeue })
const refuse = (channel: TestChannel, deliveryTag: number, requeue: boolean): void =>
  channel.send(schema.basicReject, { deliveryTag, requeue })

function filled(count: number, options: Parameters<ChannelWorld['queue']>[1] = {}) {
  const world = new ChannelWorld()
  const queue = world.queue('q', options)
  const channel = world.open()
  for (let index = 0; index < count; index++) channel.publish({ routingKey: 'q' }, `m${index}`)
  return { world, queue, channel }
}

test('consume: consume-ok comes before the first delivery', () => {
  const { world, channel } = filled(2)
  channel.consume('q')
  world.turn()
  expect(channel.read()).toEqual([
    'consume_ok t',
    'deliver t 1 false  q = m0',
    'deliver t 2 false  q = m1',
  ])
})

test('consume: an empty tag is replaced by one of ours', () => {
  const { world, channel } = filled(1)
  channel.consume('q', { consumerTag: '' })
  world.turn()
  const [ok, deliver] = channel.read()
  expect(ok).toMatch(/^consume_ok amq\.ctag-[\w-]{22}$/)
  expect(deliver).toBe(`deliver ${ok!.slice(11)} 1 false  q = m0`)
})

const args = (name: string, value: FieldValue): FieldTable => new Map([[name, value]])
const refusals: [name: string, run: (channel: TestChannel) => void, text: string][] = [
  ['no queue', channel => channel.consume('no'), "NOT_FOUND - no queue 'no' in vhost '/'"],
  [
    'a tag that is in use',
    channel => {
      channel.consume('q')
      channel.consume('q')
    },
    "NOT_ALLOWED - attempt to reuse consumer tag 't'",
  ],
  [
    'a queue one may not read',
    channel => channel.consume('secret'),
    "ACCESS_REFUSED - read access to queue 'secret' in vhost '/' refused for user 'guest'",
  ],
  [
    'a queue of another connection',
    channel => channel.consume('foreign'),
    "RESOURCE_LOCKED - cannot obtain exclusive access to locked queue 'foreign' in vhost '/'. " +
      'It could be originally declared on another connection or the exclusive property value ' +
      'does not match that of the original declaration.',
  ],
  [
    'exclusive use beside others',
    channel => {
      channel.consume('q', { consumerTag: 'a' })
      channel.consume('q', { consumerTag: 'b', exclusive: true })
    },
    "ACCESS_REFUSED - queue 'q' in vhost '/' in exclusive use",
  ],
  [
    'a priority that is no number',
    channel =>
      channel.consume('q', { arguments: args('x-priority', { type: 'longstr', value: '1' }) }),
    "PRECONDITION_FAILED - invalid arg 'x-priority' for queue 'q' in vhost '/': " +
      '"expected integer, got longstr"',
  ],
  [
    'an offset in a queue',
    channel =>
      channel.consume('q', { arguments: args('x-stream-offset', { type: 'long', value: 1 }) }),
    "PRECONDITION_FAILED - invalid arg 'x-stream-offset' for queue 'q' in vhost '/' " +
      'of queue type classic',
  ],
  ['get of no queue', channel => get(channel, 'no'), "NOT_FOUND - no queue 'no' in vhost '/'"],
  [
    'a bound of bytes',
    channel => channel.send(schema.basicQos, { prefetchSize: 1, prefetchCount: 1, global: false }),
    'NOT_IMPLEMENTED - prefetch_size!=0 (1)',
  ],
  [
    'an unknown delivery tag',
    channel => channel.ack(7),
    'PRECONDITION_FAILED - unknown delivery tag 7',
  ],
  [
    'recover without requeue',
    channel => channel.send(schema.basicRecover, { requeue: false }),
    'NOT_IMPLEMENTED - requeue=false',
  ],
  [
    'replies that are acknowledged',
    channel => channel.consume('amq.rabbitmq.reply-to'),
    'PRECONDITION_FAILED - reply consumer cannot acknowledge',
  ],
]

test.each(refusals)('consume: refuses %s', (_name, run, text) => {
  const world = new ChannelWorld()
  world.queue('q')
  world.queue('secret')
  world.queue('foreign', { owner: 99, isDurable: false })
  world.refused.add('read secret')
  const channel = world.open()
  run(channel)
  expect(channel.error?.replyText).toBe(text)
})

test('consume: priorities and exclusive use reach the queue', () => {
  const { queue, channel } = filled(0)
  const table = args('x-priority', { type: 'signedint', value: -5 })
  channel.consume('q', { arguments: table, exclusive: true, noAck: true })
  expect([...queue.attached.values()]).toEqual([
    { isAutoAccepted: true, isExclusive: true, priority: -5 },
  ])
})

test('cancel: nothing comes after cancel-ok, and what is out can be acknowledged', () => {
  const { world, queue, channel } = filled(1)
  channel.consume('q')
  world.turn()
  channel.send(schema.basicCancel, { consumerTag: 't', nowait: false })
  channel.publish({ routingKey: 'q' }, 'later')
  world.turn()
  expect(channel.read().slice(2)).toEqual(['cancel_ok t'])
  channel.ack(1)
  expect(queue.settled).toEqual(['accept 0'])
  channel.send(schema.basicCancel, { consumerTag: 'unknown', nowait: false })
  expect(channel.read()).toEqual(['cancel_ok unknown'])
})

test('cancel: a deleted queue cancels its consumers, and to acknowledge is no error', () => {
  const { world, queue, channel } = filled(1)
  channel.consume('q')
  world.turn()
  queue.delete()
  expect(channel.read().slice(2)).toEqual(['cancel t true'])
  channel.ack(1)
  expect([channel.error, queue.settled]).toEqual([null, []])
})

test('cancel: clients that do not know of it are not told', () => {
  const world = new ChannelWorld()
  const queue = world.queue('q')
  const channel = world.open({ cancelNotify: false })
  channel.consume('q', { nowait: true })
  queue.delete()
  expect(channel.read()).toEqual([])
})

test('settle: acknowledgements of neighbours become ranges', () => {
  const { world, queue, channel } = filled(6)
  channel.consume('q')
  world.turn()
  channel.ack(2)
  channel.ack(4, true)
  channel.ack(0, true)
  expect(queue.settled).toEqual(['accept 1', 'accept 0', 'accept 2..3', 'accept 4..5'])
})

test('settle: what a client says, as the queue understands it', () => {
  const { world, queue, channel } = filled(6)
  channel.consume('q')
  world.turn()
  refuse(channel, 1, false)
  refuse(channel, 2, true)
  nack(channel, 3, false, false)
  nack(channel, 4, false, true)
  nack(channel, 0, true, true)
  expect(queue.settled).toEqual([
    'reject 0',
    'requeue-counted 1',
    'reject 2',
    'requeue 3',
    'requeue 4..5',
  ])
  channel.read()
  world.turn()
  expect(channel.read()).toEqual([
    'deliver t 7 true  q = m1',
    'deliver t 8 true  q = m3',
    'deliver t 9 true  q = m4',
    'deliver t 10 true  q = m5',
  ])
})

test('settle: twice is an error', () => {
  const { world, channel } = filled(1)
  channel.consume('q')
  world.turn()
  channel.ack(1)
  channel.ack(1)
  expect(channel.error?.replyText).toBe('PRECONDITION_FAILED - unknown delivery tag 1')
})

test('settle: no delivery tag is out when all is acknowledged and nothing was', () => {
  const { channel } = filled(0)
  channel.ack(0, true)
  expect(channel.error).toBeNull()
  channel.ack(0)
  expect(channel.error?.replyText).toBe('PRECONDITION_FAILED - unknown delivery tag 0')
})

test('prefetch: bounds each consumer', () => {
  const { world, channel } = filled(5)
  qos(channel, 2)
  channel.consume('q')
  world.turn()
  expect(channel.read()).toEqual([
    'qos_ok',
    'consume_ok t',
    'deliver t 1 false  q = m0',
    'deliver t 2 false  q = m1',
  ])
  channel.ack(1)
  world.turn()
  expect(channel.read()).toEqual(['deliver t 3 false  q = m2'])
  channel.ack(3, true)
  world.turn()
  expect(channel.read().length).toBe(2)
})

test('prefetch: applies to consumers that come after it', () => {
  const { world, channel } = filled(3)
  channel.consume('q', { consumerTag: 'all' })
  qos(channel, 1)
  world.turn()
  expect(channel.read().length).toBe(2 + 3)
})

test('prefetch: global bounds the channel, and gets do not count', () => {
  const { world, channel } = filled(6)
  get(channel, 'q')
  qos(channel, 2, true)
  channel.consume('q', { consumerTag: 'a' })
  channel.consume('q', { consumerTag: 'b' })
  world.turn()
  expect(channel.read().filter(line => line.startsWith('deliver'))).toEqual([
    'deliver a 2 false  q = m1',
    'deliver b 3 false  q = m2',
  ])
  channel.ack(1)
  world.turn()
  expect(channel.read()).toEqual([])
  channel.ack(3, true)
  world.turn()
  expect(channel.read().length).toBe(2)
  qos(channel, 0, true)
  world.turn()
  expect(channel.read().length).toBe(2)
  expect(channel.port.describe()).toMatchObject({
    messages_unacknowledged: 3,
    consumer_count: 2,
    prefetch_count: 0,
  })
})

test('prefetch: what a channel may hold is bounded in any case', () => {
  const consuming = new Consuming()
  const holder: Holder = { isConsumer: true, unsettledCount: 0, isGone: false, settle() {} }
  const index = consuming.join(holder)
  let woken = 0
  consuming.consumers.set('t', { wake: () => void woken++ })
  let offset = 0
  while (consuming.hasRoom) consuming.handOut(index, holder, 0, Offset(offset++))
  expect(offset).toBe(limits.channelUnsettledMax)
  expect(consuming.settle(1, false, accept)).toBe(true)
  expect([consuming.hasRoom, woken]).toEqual([true, 1])
})

test('prefetch: does not bound those who do not acknowledge', () => {
  const { world, channel } = filled(3)
  qos(channel, 1)
  channel.consume('q', { noAck: true })
  world.turn()
  expect(channel.read().length).toBe(2 + 3)
  expect(channel.port.describe()).toMatchObject({ messages_unacknowledged: 0 })
})

test('deliver: waits while the peer reads too slowly', () => {
  const { world, channel } = filled(2)
  channel.isCongested = true
  channel.consume('q', { nowait: true })
  world.turn()
  expect(channel.read()).toEqual([])
  channel.drained()
  world.turn()
  expect(channel.read().length).toBe(2)
})

test('deliver: bodies are split at the frame size', () => {
  const world = new ChannelWorld()
  world.queue('q')
  const channel = world.open({ frameMax: 4096 })
  const bodies = [0, 1, 4087, 4088, 4089, 20_000, 100_000].map(size => 'x'.repeat(size))
  for (const body of bodies) channel.publish({ routingKey: 'q' }, body)
  channel.consume('q', { nowait: true })
  world.turn()
  const received = channel.read().map(line => line.split(' = ').slice(1))
  expect(received.map(parts => parts.join(''))).toEqual(bodies)
  for (const parts of received)
    for (const part of parts) expect(part.length).toBeLessThanOrEqual(4088)
})

test('deliver: quorum queues say how often a message was handed out', () => {
  const { world, channel } = filled(1, { type: 'quorum' })
  channel.consume('q', { nowait: true })
  world.turn()
  expect(channel.read()).toEqual(['deliver t 1 false  q = m0'])
  refuse(channel, 1, true)
  world.turn()
  expect(channel.read()).toEqual([
    'deliver t 2 true  q headers=[["x-acquired-count",{"type":"long","value":1}],' +
      '["x-delivery-count",{"type":"long","value":1}]] = m0',
  ])
})

test('deliver: so do others that have a limit', () => {
  const { world, queue, channel } = filled(1)
  queue.settings.deliveryLimit = 3
  channel.consume('q')
  world.turn()
  refuse(channel, 1, true)
  channel.read()
  world.turn()
  expect(channel.read()).toEqual([
    'deliver t 2 true  q headers=[["x-acquired-count",{"type":"long","value":1}],' +
      '["x-delivery-count",{"type":"long","value":1}]] = m0',
  ])
})

test('deliver: what was given back without blame was acquired, and did not fail', () => {
  const { world, channel } = filled(1, { type: 'quorum' })
  channel.consume('q', { nowait: true })
  world.turn()
  nack(channel, 1, false, true)
  channel.read()
  world.turn()
  expect(channel.read()).toEqual([
    'deliver t 2 true  q headers=[["x-acquired-count",{"type":"long","value":1}]] = m0',
  ])
})

test('cancel: a consumer that took too long is told, and what it held goes back', () => {
  const { world, queue, channel } = filled(3)
  get(channel, 'q')
  channel.consume('q')
  world.turn()
  channel.read()
  const [consumer] = queue.attached.keys()
  queue.detach(consumer!)
  consumer!.cancelled('timeout')
  expect([channel.read(), queue.settled]).toEqual([['cancel t true'], ['requeue 1..2']])
  channel.ack(3, true)
  expect([channel.error, queue.settled.slice(1)]).toEqual([null, ['accept 0']])
})

test('cancel: a client that does not know of it loses the channel when it takes too long', () => {
  const world = new ChannelWorld()
  const queue = world.queue('q')
  const channel = world.open({ cancelNotify: false })
  channel.consume('q')
  const [consumer] = queue.attached.keys()
  consumer!.cancelled('timeout')
  expect(channel.error?.replyText).toMatch(
    /^PRECONDITION_FAILED - delivery acknowledgement on channel 1 timed out\. Timeout value used:/,
  )
})

test('deliver: traces are told who got what', () => {
  const { world, channel } = filled(2)
  world.tracing.isActive = true
  get(channel, 'q')
  channel.send(schema.basicRecover, { requeue: true })
  channel.consume('q')
  world.turn()
  expect(world.traced).toEqual([
    'q 0 false test 1 guest',
    'q 0 true test 1 guest',
    'q 1 false test 1 guest',
  ])
})

test('get: one message, with what is left, or none', () => {
  const { queue, channel } = filled(2)
  get(channel, 'q')
  get(channel, 'q', true)
  get(channel, 'q')
  expect(channel.read()).toEqual([
    'get_ok 1 false  q 1 = m0',
    'get_ok 2 false  q 0 = m1',
    'get_empty ',
  ])
  channel.ack(1)
  expect(queue.settled).toEqual(['accept 0'])
  channel.ack(2)
  expect(channel.error?.replyText).toBe('PRECONDITION_FAILED - unknown delivery tag 2')
})

test('get: while the disk is read, the channel waits', () => {
  const { queue, channel } = filled(1)
  queue.isLoading = true
  get(channel, 'q')
  expect(channel.holdCount).toBe(1)
  queue.loaded()
  expect(channel.holdCount).toBe(0)
  expect(channel.read()).toEqual(['get_ok 1 false  q 0 = m0'])
})

test('get: a channel that closed meanwhile gives back what it gets', () => {
  const { queue, channel } = filled(1)
  queue.isLoading = true
  get(channel, 'q')
  channel.ack(9)
  expect(channel.error).not.toBeNull()
  queue.loaded()
  expect([queue.settled, channel.read()]).toEqual([['requeue 0'], []])
})

test('recover: all that is out comes again', () => {
  const { world, queue, channel } = filled(2)
  channel.consume('q', { nowait: true })
  world.turn()
  channel.read()
  channel.send(schema.basicRecover, { requeue: true })
  world.turn()
  expect(queue.settled).toEqual(['requeue 0..1'])
  expect(channel.read()).toEqual([
    'recover_ok',
    'deliver t 3 true  q = m0',
    'deliver t 4 true  q = m1',
  ])
  channel.send(schema.basicRecoverAsync, { requeue: true })
  expect(channel.read()).toEqual([])
})

test('close: consumers leave, and what is out goes back as a failed delivery', () => {
  const { world, queue, channel } = filled(3)
  get(channel, 'q')
  channel.consume('q')
  world.turn()
  channel.port.closed()
  expect([queue.attached.size, queue.settled]).toEqual([
    0,
    ['requeue-counted 0', 'requeue-counted 1..2'],
  ])
})

test('reply-to: requests carry a name, and replies to it come to the channel', () => {
  const world = new ChannelWorld()
  world.queue('rpc')
  const client = world.open()
  const server = world.open({ number: 2 })
  client.consume('amq.rabbitmq.reply-to', { noAck: true })
  client.publish({ routingKey: 'rpc' }, 'ask', { replyTo: 'amq.rabbitmq.reply-to' })
  server.consume('rpc', { noAck: true, consumerTag: 's' })
  world.turn()
  const [, request] = server.read()
  const name = /replyTo=(\S+)/.exec(request!)![1]!
  expect(name).toMatch(/^amq\.rabbitmq\.reply-to\.[\w-]{22}$/)
  server.publish({ routingKey: name, mandatory: true }, 'answer', { correlationId: '1' })
  expect(client.read()).toEqual([
    'consume_ok t',
    `deliver t 1 false  ${name} correlationId=1 = answer`,
  ])
  for (const letter of ['a', 'b'])
    server.receive(publishBytes(2, { routingKey: name }, Buffer.alloc(50_000, letter), {}, 20_000))
  const bodies = client.read().map(line => line.split('= ')[1])
  expect(bodies).toEqual(['a'.repeat(50_000), 'b'.repeat(50_000)])
  client.send(schema.basicCancel, { consumerTag: 't', nowait: true })
  server.publish({ routingKey: name, mandatory: true }, 'late')
  expect(server.read()).toEqual([`return 312 NO_ROUTE  ${name} = late`])
})

test('reply-to: there is one such consumer in a channel', () => {
  const channel = new ChannelWorld().open()
  channel.consume('amq.rabbitmq.reply-to', { noAck: true })
  channel.consume('amq.rabbitmq.reply-to', { noAck: true, consumerTag: 'u' })
  expect(channel.error?.replyText).toBe('PRECONDITION_FAILED - reply consumer already set')
})

test('reply-to: who replies waits for a peer that reads too slowly', () => {
  const world = new ChannelWorld()
  world.queue('rpc')
  const client = world.open()
  const server = world.open({ number: 2 })
  client.consume('amq.rabbitmq.reply-to', { noAck: true })
  client.publish({ routingKey: 'rpc' }, 'ask', { replyTo: 'amq.rabbitmq.reply-to' })
  server.consume('rpc', { noAck: true })
  world.turn()
  const name = /replyTo=(\S+)/.exec(server.read()[1]!)![1]!
  client.isCongested = true
  server.publish({ routingKey: name }, 'answer')
  expect(server.paused.size).toBe(1)
  client.drained()
  expect(server.paused.size).toBe(0)
})
