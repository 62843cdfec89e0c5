import fc from 'fast-check'
import { expect, test } from 'vitest'
import { enqueued } from '../../../../broker/queue/queue.ts'
import type { StoreRefusal } from '../../../../log/store.ts'
import { ChannelWorld } from '../channel.fixture.ts'
import { publishBytes } from '../client-frames.fixture.ts'
import type { FieldValue } from '../../codec/index.ts'
import { confirmSelect } from '../../schema/index.ts'
import type { Properties } from '../content/properties.ts'

const longstr = (value: string): FieldValue => ({ type: 'longstr', value })
const headers = (entries: Record<string, FieldValue>): { headers: Map<string, FieldValue> } => ({
  headers: new Map(Object.entries(entries)),
})
const fullDisk: StoreRefusal = { reason: 'disk-full', message: 'the disk is full' }

function facts(world: ChannelWorld): Record<string, unknown>[] {
  return world.publications.map(line => JSON.parse(/\{.*\}/.exec(line)![0]))
}

const understood: [name: string, properties: Partial<Properties>, facts: object][] = [
  ['nothing', {}, { ttlMs: -1, priority: 0, isPersistent: false, delayMs: -1 }],
  ['a persistent message', { deliveryMode: 2 }, { isPersistent: true }],
  ['a transient one', { deliveryMode: 1 }, { isPersistent: false }],
  ['priority', { priority: 9 }, { priority: 9 }],
  ['expiration', { expiration: '60000' }, { ttlMs: 60_000 }],
  ['expiration with a sign', { expiration: '+5' }, { ttlMs: 5 }],
  ['delay', headers({ 'x-delay': { type: 'signedint', value: 5000 } }), { delayMs: 5000 }],
  [
    'delay as a long',
    headers({ 'x-delay': { type: 'long', value: 2 ** 40 } }),
    { delayMs: 2 ** 40 },
  ],
  ['the key', headers({ 'x-message-key': longstr('k1') }), { key: 'k1' }],
  [
    'CC and BCC',
    headers({
      BCC: { type: 'array', value: [longstr('b')] },
      CC: { type: 'array', value: [longstr('c'), { type: 'void', value: null }, longstr('d')] },
    }),
    { copies: ['c', 'd', 'b'] },
  ],
  [
    'all others are passed over',
    {
      contentType: 'text/plain',
      contentEncoding: 'gzip',
      correlationId: 'c',
      replyTo: 'r',
      messageId: 'm',
      timestamp: 1_700_000_000,
      type: 't',
      userId: 'guest',
      appId: 'a',
      clusterId: 'l',
      ...headers({ x: { type: 'table', value: new Map([['y', longstr('z')]]) } }),
    },
    { ttlMs: -1, priority: 0 },
  ],
]

test.each(understood)('publish: understands %s', (_name, properties, expected) => {
  const world = new ChannelWorld()
  world.queue('q')
  const channel = world.open()
  channel.publish({ routingKey: 'q' }, 'hello', properties)
  expect(channel.error).toBeNull()
  expect(facts(world)).toEqual([expect.objectContaining(expected)])
})

const refused: [properties: Partial<Properties>, text: string][] = [
  [{ expiration: 'soon' }, "invalid expiration 'soon': no_integer"],
  [{ expiration: '' }, "invalid expiration '': no_integer"],
  [{ expiration: '12h' }, `invalid expiration '12h': {leftover_string,"h"}`],
  [{ expiration: '-1' }, "invalid expiration '-1': {value_negative,-1}"],
  [
    { expiration: '315360000001' },
    "invalid expiration '315360000001': {value_too_large,315360000001}",
  ],
  [headers({ CC: longstr('q') }), 'invalid message: {unacceptable_type_in_header,"CC",longstr}'],
  [{ userId: 'eve' }, "user_id property set to 'eve' but authenticated user was 'guest'"],
  [{ replyTo: 'amq.rabbitmq.reply-to' }, 'fast reply consumer does not exist'],
]

test.each(refused)('publish: refuses %j', (properties, text) => {
  const world = new ChannelWorld()
  world.queue('q')
  const channel = world.open()
  channel.publish({ routingKey: 'q' }, 'hello', properties)
  expect(channel.error?.replyText).toBe(`PRECONDITION_FAILED - ${text}`)
  expect(world.publications).toEqual([])
})

test('publish: an impersonator may name another user', () => {
  const world = new ChannelWorld()
  world.queue('q')
  const channel = world.open({ user: { tags: ['impersonator'] } })
  channel.publish({ routingKey: 'q' }, 'hello', { userId: 'eve' })
  expect(channel.error).toBeNull()
})

const wrongTargets: [name: string, target: object, text: string][] = [
  ['an unknown exchange', { exchange: 'no' }, "NOT_FOUND - no exchange 'no' in vhost '/'"],
  [
    'an internal exchange',
    { exchange: 'internal' },
    "ACCESS_REFUSED - cannot publish to internal exchange 'internal' in vhost '/'",
  ],
  [
    'an exchange one may not write to',
    { exchange: 'closed' },
    "ACCESS_REFUSED - write access to exchange 'closed' in vhost '/' refused for user 'guest'",
  ],
  [
    'a topic one may not write to',
    { exchange: 'topics', routingKey: 'secret' },
    "ACCESS_REFUSED - write access to topic 'secret' in exchange 'topics' in vhost '/' " +
      "refused for user 'guest'",
  ],
  ['immediate', { immediate: true }, 'NOT_IMPLEMENTED - immediate=true'],
]

test.each(wrongTargets)('publish: refuses %s', (_name, target, text) => {
  const world = new ChannelWorld()
  world.exchanges.set('internal', { type: 'direct', queues: [], isInternal: true })
  world.exchanges.set('closed', { type: 'direct', queues: [] })
  world.exchanges.set('topics', { type: 'topic', queues: [] })
  world.refused.add('write closed').add('topic topics secret')
  const channel = world.open()
  channel.publish(target, 'hello')
  expect(channel.error?.replyText).toBe(text)
})

test('publish: permissions that change are noticed', () => {
  const world = new ChannelWorld()
  world.queue('q')
  const channel = world.open()
  channel.publish({ routingKey: 'q' }, '1')
  world.refused.add('write amq.default')
  channel.publish({ routingKey: 'q' }, '2')
  expect(channel.error).toBeNull() // Nobody said so yet.
  world.accessVersion++
  channel.publish({ routingKey: 'q' }, '3')
  expect(channel.error?.reply).toBe('ACCESS_REFUSED')
})

test('publish: bindings that change are noticed', () => {
  const world = new ChannelWorld()
  const channel = world.open()
  channel.publish({ routingKey: 'q' }, '1')
  const queue = world.queue('q')
  channel.publish({ routingKey: 'q' }, '2')
  expect(queue.readyCount).toBe(1)
})

test('publish: BCC is not stored, all else is', () => {
  const world = new ChannelWorld()
  world.queue('q')
  const channel = world.open()
  const table = {
    a: longstr('1'),
    BCC: { type: 'array', value: [longstr('other')] } as const,
    CC: { type: 'array', value: [longstr('third')] } as const,
  }
  channel.publish({ routingKey: 'q' }, 'x', { ...headers(table), correlationId: 'id' })
  channel.consume('q', { noAck: true })
  world.turn()
  expect(channel.read()).toEqual([
    'consume_ok t',
    'deliver t 1 false  q headers=' +
      '[["a",{"type":"longstr","value":"1"}],' +
      '["CC",{"type":"array","value":[{"type":"longstr","value":"third"}]}]]' +
      ' correlationId=id = x',
  ])
})

test('publish: a message that is too large is refused before it comes', () => {
  const world = new ChannelWorld({ messageBytesMax: 100 })
  world.queue('q')
  const channel = world.open()
  const bytes = publishBytes(1, { routingKey: 'q' }, Buffer.alloc(101))
  channel.receive(bytes.subarray(0, -60))
  expect(channel.error?.replyText).toBe(
    'PRECONDITION_FAILED - message size 101 is larger than configured max size 100',
  )
})

test('publish: mandatory messages come back before they are confirmed', () => {
  const world = new ChannelWorld()
  world.queue('q')
  const channel = world.open()
  channel.send(confirmSelect, { nowait: false })
  channel.publish({ routingKey: 'q', mandatory: true }, 'here')
  channel.publish({ routingKey: 'nobody', mandatory: true }, 'back', { messageId: 'm' })
  channel.publish({ routingKey: 'nobody' }, 'lost')
  world.turn()
  world.synced()
  expect(channel.read()).toEqual([
    'confirm.select_ok'.slice(8),
    'return 312 NO_ROUTE  nobody messageId=m = back',
    'ack 3 true',
  ])
})

test('publish: large messages that come back are whole, whatever comes behind them', () => {
  const channel = new ChannelWorld().open()
  const target = { routingKey: 'nobody', mandatory: true }
  for (const letter of ['a', 'b'])
    channel.receive(publishBytes(1, target, Buffer.from(letter.repeat(50_000)), {}, 20_000))
  const bodies = channel.read().map(line => line.split('= ')[1])
  expect(bodies).toEqual(['a'.repeat(50_000), 'b'.repeat(50_000)])
})

test('confirms: come when the disk has the messages, one for each turn', () => {
  const world = new ChannelWorld()
  world.queue('q')
  const channel = world.open()
  channel.publish({ routingKey: 'q' }, 'not counted')
  channel.send(confirmSelect, { nowait: true })
  for (const body of ['1', '2', '3']) channel.publish({ routingKey: 'q' }, body)
  world.turn()
  channel.publish({ routingKey: 'q' }, '4')
  expect(channel.read()).toEqual([])
  expect(channel.port.describe()).toMatchObject({ confirm: true, messages_unconfirmed: 4 })
  world.synced()
  expect(channel.read()).toEqual(['ack 3 true'])
  world.turn()
  world.synced()
  expect(channel.read()).toEqual(['ack 4 false'])
})

test('confirms: a queue that refuses is told', () => {
  const world = new ChannelWorld()
  world.queue('q')
  world.queue('full').answer = enqueued.rejected
  const channel = world.open()
  channel.send(confirmSelect, { nowait: true })
  channel.publish({ routingKey: 'q' }, '1')
  channel.publish({ routingKey: 'full' }, '2')
  channel.publish({ routingKey: 'q' }, '3')
  world.turn()
  world.synced()
  expect(channel.read()).toEqual(['ack 1 false', 'nack 2 false false', 'ack 3 false'])
})

test('confirms: a disk that fails, or is known to be full, is told', () => {
  const world = new ChannelWorld()
  world.queue('q')
  const channel = world.open()
  channel.send(confirmSelect, { nowait: true })
  channel.publish({ routingKey: 'q' }, '1')
  channel.publish({ routingKey: 'q' }, '2')
  world.turn()
  world.synced(fullDisk)
  world.store.refusal = fullDisk
  channel.publish({ routingKey: 'q' }, '3')
  world.turn()
  expect(channel.read()).toEqual(['nack 2 true false', 'nack 3 false false'])
})

test('publish: without confirms, messages wait for a full disk to have room', () => {
  const world = new ChannelWorld()
  const queue = world.queue('q')
  const channel = world.open()
  world.store.refusal = fullDisk
  channel.publish({ routingKey: 'q' }, 'kept')
  expect([channel.holdCount, queue.readyCount]).toEqual([1, 0])
  world.advanced()
  expect(channel.holdCount).toBe(1)
  world.store.refusal = null
  world.advanced()
  expect([channel.holdCount, queue.readyCount]).toEqual([0, 1])
})

test('publish: a connection is paused while the disk lags behind', () => {
  const world = new ChannelWorld()
  world.queue('q')
  const channel = world.open()
  world.store.unconfirmedBytes = 2 ** 30
  channel.publish({ routingKey: 'q' }, '1')
  world.turn()
  expect(channel.paused.size).toBe(1)
  world.advanced()
  expect(channel.paused.size).toBe(1)
  world.store.unconfirmedBytes = 0
  world.advanced()
  expect(channel.paused.size).toBe(0)
})

test('publish: how the bytes were cut does not matter', () => {
  const message = fc.record({
    body: fc.uint8Array({ maxLength: 3000 }),
    routingKey: fc.constantFrom('q', 'r', 'nobody'),
    frameBytes: fc.integer({ min: 1, max: 3000 }),
    messageId: fc.option(fc.string({ maxLength: 20 })),
    priority: fc.option(fc.nat(255)),
  })
  const run = (reads: readonly Buffer[]): unknown => {
    const world = new ChannelWorld()
    world.queue('q')
    world.queue('r')
    const channel = world.open()
    channel.send(confirmSelect, { nowait: true })
    for (const read of reads) {
      const socket = Buffer.from(read)
      channel.receive(socket)
      socket.fill(0xaa) // The bytes are the socket's: whoever kept them sees this.
    }
    channel.consume('q', { noAck: true })
    channel.consume('r', { noAck: true, consumerTag: 'u' })
    world.turn()
    world.synced()
    return [channel.error, world.publications, channel.readBytes().toString('hex')]
  }
  const cuts = fc.array(fc.nat(), { maxLength: 30 })
  fc.assert(
    fc.property(fc.array(message, { maxLength: 5 }), cuts, (messages, at) => {
      const bytes = Buffer.concat(
        messages.map(({ body, routingKey, frameBytes, messageId, priority }) =>
          publishBytes(1, { routingKey }, Buffer.from(body), { messageId, priority }, frameBytes),
        ),
      )
      const ends = [...at.map(cut => cut % (bytes.length + 1)), bytes.length].sort((a, b) => a - b)
      const reads = ends.map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end))
      expect(run(reads)).toEqual(run([bytes]))
    }),
    { numRuns: 60 },
  )
})

test('publish: property lists that make no sense close the channel, and nothing worse', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), garbage => {
      const world = new ChannelWorld()
      world.queue('q')
      const channel = world.open()
      const bytes = publishBytes(1, { routingKey: 'q' }, Buffer.from('x'))
      const headerAt = bytes.indexOf(Buffer.of(2, 0, 1))
      const head = Buffer.from(bytes.subarray(headerAt, headerAt + 19))
      head.writeUInt32BE(12 + garbage.length, 3)
      channel.receive(bytes.subarray(0, headerAt))
      channel.receive(Buffer.concat([head, garbage, Buffer.of(206)]))
      channel.receive(bytes.subarray(-9))
      if (channel.error === null) {
        channel.consume('q', { noAck: true })
        world.turn()
        expect(channel.read().length).toBe(2)
      } else expect(['FRAME_ERROR', 'PRECONDITION_FAILED']).toContain(channel.error.reply)
    }),
  )
})
