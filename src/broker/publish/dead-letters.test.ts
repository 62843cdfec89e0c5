import { describe, expect, test } from 'vitest'
import { limits } from '../../limits/limits.ts'
import { type Annotations, decodeAnnotations, type DeathReason } from '../../message/annotations.ts'
import { origins } from '../../message/origin.ts'
import type { Publication } from '../../message/publication.ts'
import { StoredMessage } from '../../message/stored-message.ts'
import type { Queue } from '../queue/queue.ts'
import type { QueueSettings } from '../queue/settings.ts'
import { DeadLetters } from './dead-letters.ts'
import { type FakeQueue, PublishWorld } from './world.fixture.ts'

class Morgue {
  readonly world = new PublishWorld()
  readonly letters = new DeadLetters(this.world.runtime, {
    publisher: this.world.publisher,
    turn: this.world.turn,
    mappings: this.world.mappings,
  })

  queue(name: string, settings: Partial<QueueSettings> = {}): FakeQueue {
    const queue = this.world.queue(name)
    const none = { deadLetterExchange: null, deadLetterRoutingKey: null, overflow: 'drop-head' }
    const limitsOff = { lengthMax: null, lengthBytesMax: null, deadLetterStrategy: 'at-most-once' }
    queue.settings = { ...none, ...limitsOff, ...settings } as QueueSettings
    return queue
  }

  die(queue: FakeQueue, publication: Publication, reason: DeathReason): boolean {
    return this.letters.send(queue as unknown as Queue, stored(publication), reason)
  }
}

/** As a reader would see it. */
function stored(publication: Publication): StoredMessage {
  const message = new StoredMessage()
  const { address, properties, annotations } = publication
  const parts = [
    address.subarray(publication.addressStart, publication.addressEnd),
    properties.subarray(publication.propertiesStart, publication.propertiesEnd),
    annotations ?? Buffer.alloc(0),
  ]
  message.origin = publication.origin
  message.bytes = Buffer.concat(parts)
  message.addressEnd = message.propertiesStart = parts[0]!.length
  message.propertiesEnd = message.annotationsStart = parts[0]!.length + parts[1]!.length
  message.annotationsEnd = message.bytes.length
  message.body = publication.body
  message.bodyStart = publication.bodyStart
  message.bodyEnd = publication.bodyEnd
  message.ttlMs = publication.ttlMs
  message.priority = publication.priority
  return message
}

const annotationsOf = (queue: FakeQueue, index = 0): Annotations =>
  decodeAnnotations(queue.taken[index]!.message.annotations!)

describe('dead letters', () => {
  test('go to the exchange of their queue, with their own keys', () => {
    const morgue = new Morgue()
    const queue = morgue.queue('q', { deadLetterExchange: 'amq.direct' })
    const dead = morgue.queue('dead')
    morgue.world.bind('amq.direct', 'dead', 'key')
    const message = morgue.world.message('amq.topic', 'key', 'body')
    message.ttlMs = 100
    message.priority = 3
    expect(morgue.die(queue, message, 'expired')).toBe(true)
    expect(dead.taken).toMatchObject([{ body: 'body', exchange: 'amq.direct', routingKey: 'key' }])
    const { message: letter } = dead.taken[0]!
    expect([letter.ttlMs, letter.priority, letter.isPersistent]).toEqual([-1, 3, true])
    const { properties, propertiesStart, propertiesEnd } = letter
    expect(properties.subarray(propertiesStart, propertiesEnd)).toEqual(message.properties)
    const place = { queue: 'q', reason: 'expired', exchange: 'amq.topic' }
    const time = morgue.world.now
    expect(annotationsOf(dead)).toEqual({
      deaths: [{ ...place, count: 1, time, routingKeys: ['key'], originalTtlMs: 100 }],
      firstDeath: place,
      lastDeath: place,
    })
  })

  test('get the routing key of their queue, if it has one', () => {
    const morgue = new Morgue()
    const queue = morgue.queue('q', { deadLetterExchange: '', deadLetterRoutingKey: 'dead' })
    const dead = morgue.queue('dead')
    morgue.die(queue, morgue.world.message('amq.topic', 'key', 'body'), 'rejected')
    expect(dead.taken).toMatchObject([{ exchange: '', routingKey: 'dead' }])
    expect(annotationsOf(dead).deaths?.[0]?.routingKeys).toEqual(['key'])
  })

  test('keep the keys that were copied in, and lose them to a key of the queue', () => {
    const morgue = new Morgue()
    const first = morgue.queue('first', { deadLetterExchange: '' })
    const [a, b] = [morgue.queue('a'), morgue.queue('b')]
    const message = morgue.world.message('amq.topic', 'a', 'body', { CC: ['b'] })
    morgue.die(first, message, 'rejected')
    expect([a.taken.length, b.taken.length]).toEqual([1, 1])
    expect(annotationsOf(a).deaths?.[0]?.routingKeys).toEqual(['a', 'b'])

    const second = morgue.queue('second', { deadLetterExchange: '', deadLetterRoutingKey: 'third' })
    const third = morgue.queue('third', { deadLetterExchange: '' })
    morgue.die(second, message, 'rejected')
    morgue.die(third, third.taken[0]!.message, 'rejected')
    expect([a.taken.length, b.taken.length, third.taken.length]).toEqual([1, 1, 2])
  })

  test('count what happened before, the latest first', () => {
    const morgue = new Morgue()
    const queue = morgue.queue('q', { deadLetterExchange: '', deadLetterRoutingKey: 'retry' })
    const retry = morgue.queue('retry', { deadLetterExchange: '', deadLetterRoutingKey: 'q' })
    const message = morgue.world.message('amq.topic', 'key', 'body')
    const start = morgue.world.now
    let last = message
    for (let round = 0; round < 3; round++) {
      morgue.world.now += 10
      morgue.die(queue, last, 'rejected')
      last = retry.taken.at(-1)!.message
      morgue.die(retry, last, 'expired')
      last = queue.taken.at(-1)!.message
    }
    expect(annotationsOf(queue, 2)).toMatchObject({
      deaths: [
        { queue: 'retry', reason: 'expired', count: 3, time: start + 10, routingKeys: ['retry'] },
        { queue: 'q', reason: 'rejected', count: 3, time: start + 10, routingKeys: ['key'] },
      ],
      firstDeath: { queue: 'q', reason: 'rejected', exchange: 'amq.topic' },
      lastDeath: { queue: 'retry', reason: 'expired', exchange: '' },
    })
  })

  test('that go in a circle by themselves are dropped', () => {
    const morgue = new Morgue()
    const one = morgue.queue('one', { deadLetterExchange: '', deadLetterRoutingKey: 'two' })
    const two = morgue.queue('two', { deadLetterExchange: '', deadLetterRoutingKey: 'one' })
    morgue.die(one, morgue.world.message('', 'one', 'body'), 'expired')
    expect(morgue.die(two, two.taken[0]!.message, 'maxlen')).toBe(true)
    expect(one.taken).toEqual([])
  })

  test('go round when somebody rejected them on the way', () => {
    const morgue = new Morgue()
    const one = morgue.queue('one', { deadLetterExchange: '', deadLetterRoutingKey: 'two' })
    const two = morgue.queue('two', { deadLetterExchange: '', deadLetterRoutingKey: 'one' })
    morgue.die(one, morgue.world.message('', 'one', 'body'), 'rejected')
    morgue.die(two, two.taken[0]!.message, 'expired')
    expect(one.taken).toHaveLength(1)
  })

  test('of records that Kafka clients wrote keep key and headers', () => {
    const morgue = new Morgue()
    const queue = morgue.queue('q', { deadLetterExchange: '', deadLetterRoutingKey: 'dead' })
    const dead = morgue.queue('dead')
    const message = new StoredMessage()
    message.origin = origins.kafka
    message.bytes = Buffer.from('keyheaders')
    message.keyEnd = message.headersStart = 3
    message.headersEnd = 10
    message.headerCount = 1
    message.body = Buffer.from('body')
    message.bodyEnd = 4
    morgue.letters.send(queue as unknown as Queue, message, 'rejected')
    const { message: letter, body } = dead.taken[0]!
    expect(body).toBe('body')
    expect(letter.key?.toString()).toBe('key')
    expect(letter.origin).toBe(origins.kafka)
    const { properties, propertiesStart, propertiesEnd } = letter
    expect(properties.toString('utf8', propertiesStart, propertiesEnd)).toBe('headers')
  })
})

describe('when nobody takes them', () => {
  const least = { deadLetterStrategy: 'at-least-once', overflow: 'reject-publish' } as const

  test('they are dropped: no exchange, no queue, a full queue', () => {
    const morgue = new Morgue()
    const message = morgue.world.message('', 'q', 'body')
    const nowhere = morgue.queue('q1', { deadLetterExchange: 'nope' })
    const unbound = morgue.queue('q2', { deadLetterExchange: 'amq.direct' })
    const full = morgue.queue('q3', { deadLetterExchange: '', deadLetterRoutingKey: 'dead' })
    morgue.queue('dead').isFull = true
    for (const queue of [nowhere, unbound, full])
      expect(morgue.die(queue, message, 'expired')).toBe(true)
  })

  test('they stay where they are, if they are to arrive at least once', () => {
    const morgue = new Morgue()
    const message = morgue.world.message('', 'q', 'body')
    const nowhere = morgue.queue('q1', { deadLetterExchange: 'nope', ...least })
    const unbound = morgue.queue('q2', { deadLetterExchange: 'amq.direct', ...least })
    for (const queue of [nowhere, unbound])
      expect(morgue.die(queue, message, 'expired')).toBe(false)
    const dead = morgue.queue('dead')
    morgue.world.bind('amq.direct', 'dead', 'q')
    expect(morgue.die(unbound, message, 'expired')).toBe(true)
    expect(dead.bodies).toEqual(['body'])
  })

  test('one full queue of several holds all back', () => {
    const morgue = new Morgue()
    const message = morgue.world.message('', 'q', 'body')
    const queue = morgue.queue('q', { deadLetterExchange: 'amq.fanout', ...least })
    const open = morgue.queue('open')
    const full = morgue.queue('full', { lengthMax: 1, overflow: 'reject-publish' })
    Object.assign(full, { readyCount: 1 })
    for (const name of ['open', 'full']) morgue.world.bind('amq.fanout', name)
    expect(morgue.die(queue, message, 'expired')).toBe(false)
    expect(open.bodies).toEqual([])
    Object.assign(full, { readyCount: 0 })
    expect(morgue.die(queue, message, 'expired')).toBe(true)
    expect([open.bodies, full.bodies]).toEqual([['body'], ['body']])
  })

  test.each([least, {}])('nothing dies while the store takes nothing: %j', strategy => {
    const morgue = new Morgue()
    const queue = morgue.queue('q', { deadLetterExchange: '', ...strategy })
    morgue.world.refusal = { reason: 'disk-full', message: 'no room' }
    expect(morgue.die(queue, morgue.world.message('', 'q', 'body'), 'expired')).toBe(false)
  })
})

test('a long chain of full queues does not take all of the stack', () => {
  const morgue = new Morgue()
  const count = limits.deadLetterDepthMax * 3
  const arrived: string[] = []
  for (let index = 0; index < count; index++) {
    const queue = morgue.queue(`q${index}`, {
      deadLetterExchange: '',
      deadLetterRoutingKey: `q${index + 1}`,
    })
    queue.enqueue = publication => {
      arrived.push(queue.spec.name)
      morgue.die(queue, publication.copy(), 'maxlen')
      return 1
    }
  }
  const end = morgue.queue(`q${count}`)
  morgue.world.publish('', 'q0', 'body')
  morgue.world.endTurn()
  expect(arrived).toHaveLength(count)
  expect(end.bodies).toEqual(['body'])
  expect(annotationsOf(end).deaths).toHaveLength(count)
})
