import { describe, expect, it } from 'vitest'
import { accept, reject, requeue, requeueCounted } from './index.ts'
import { QueueWorld, TestConsumer } from './world.fixture.ts'

describe('a queue hands out', () => {
  it('in order, once it is confirmed', () => {
    const world = new QueueWorld()
    world.declare()
    const consumer = world.consume()
    for (const body of ['a', 'b', 'c']) world.publish(body)
    expect(world.queue().readyCount).toBe(3)
    world.turn()
    expect(consumer.bodies).toEqual([])
    world.settle()
    expect(consumer.bodies).toEqual(['a', 'b', 'c'])
    expect(world.queue()).toMatchObject({ readyCount: 0, unsettledCount: 3 })
  })

  it('to consumers in turn, as far as their credit goes', () => {
    const world = new QueueWorld()
    world.declare()
    const [one, two] = [world.consume(2, {}, 'one'), world.consume(3, {}, 'two')]
    for (let index = 0; index < 7; index++) world.publish(`${index}`)
    world.settle()
    expect(one.bodies).toEqual(['0', '2'])
    expect(two.bodies).toEqual(['1', '3', '4'])
    one.settle(world.queue(), accept)
    world.settle()
    expect(one.bodies).toEqual(['0', '2', '5'])
    expect(world.queue()).toMatchObject({ readyCount: 1, unsettledCount: 5 })
  })

  it('to consumers in turn, also when the messages come one by one', () => {
    const world = new QueueWorld()
    world.declare()
    const consumers = ['one', 'two', 'three'].map(name => world.consume(1, {}, name))
    for (const body of ['a', 'b', 'c']) {
      world.publish(body)
      world.settle()
    }
    expect(consumers.map(({ bodies }) => bodies)).toEqual([['a'], ['b'], ['c']])
  })

  it('to those of the highest priority while they are ready', () => {
    const world = new QueueWorld()
    world.declare()
    const low = world.consume(10, {}, 'low')
    const high = world.consume(2, { priority: 5 }, 'high')
    for (let index = 0; index < 4; index++) world.publish(`${index}`)
    world.settle()
    expect([high.bodies, low.bodies]).toEqual([
      ['0', '1'],
      ['2', '3'],
    ])
  })

  it('and forgets at once what needs no settlement', () => {
    const world = new QueueWorld()
    world.declare()
    const consumer = world.consume(10, { isAutoAccepted: true })
    world.publish('a')
    world.settle()
    expect(consumer.bodies).toEqual(['a'])
    expect(world.queue()).toMatchObject({ readyCount: 0, unsettledCount: 0 })
    world.settle()
    world.crash()
    expect(world.queue().readyCount).toBe(0)
  })

  it('what came back, at its place, and says how often', () => {
    const world = new QueueWorld()
    world.declare()
    const consumer = world.consume(2)
    for (const body of ['a', 'b', 'c']) world.publish(body)
    world.settle()
    consumer.settle(world.queue(), requeue, 'b')
    world.settle()
    expect(consumer.got.at(-1)).toMatchObject({ body: 'b', count: 1, failures: 0 })
    consumer.settle(world.queue(), requeueCounted, 'b')
    world.settle()
    expect(consumer.got.at(-1)).toMatchObject({ body: 'b', count: 2, failures: 1 })
    consumer.settle(world.queue(), accept, 'b')
    world.settle()
    expect(consumer.bodies).toEqual(['a', 'b', 'b', 'b', 'c'])
  })

  it('to one consumer only that asked to be alone', () => {
    const world = new QueueWorld()
    world.declare()
    world.consume(1, { isExclusive: true }, 'one')
    expect(world.queue().activeConsumer).toBe('one')
    expect(() => world.consume(1, {}, 'two')).toThrow('exclusive')
    const free = new QueueWorld()
    free.declare()
    free.consume(1, {}, 'one')
    expect(() => free.consume(1, { isExclusive: true }, 'two')).toThrow('exclusive')
  })

  it('to the single active one, and to the next when it goes', () => {
    const world = new QueueWorld()
    world.declare({ isSingleActive: true })
    const [one, two] = [world.consume(10, {}, 'one'), world.consume(10, {}, 'two')]
    world.publish('a')
    world.settle()
    expect([one.bodies, two.bodies]).toEqual([['a'], []])
    expect([one.isActive, two.isActive]).toEqual([true, null])
    world.queue().detach(one)
    world.publish('b')
    world.settle()
    expect(two.bodies).toEqual(['b'])
    expect(two.isActive).toBe(true)
    expect(world.queue().activeConsumer).toBe('two')
  })

  it('what lies on the disk, when it has been read', async () => {
    const world = new QueueWorld()
    const queue = world.declare()
    world.publish('a')
    world.settle()
    world.store.log(queue.lanes.all[0]!.log.id)!.isCold = true
    world.crash()
    const consumer = world.consume()
    await world.rest()
    expect(consumer.bodies).toEqual(['a'])
  })
})

describe('a pull', () => {
  it('gets one message, or hears that there is none', () => {
    const world = new QueueWorld()
    world.declare()
    expect(world.pull().got).toBeNull()
    world.publish('a')
    world.settle()
    expect(world.pull().got).toMatchObject({ body: 'a', count: 0 })
    expect(world.pull().got).toBeNull()
    expect(world.queue().unsettledCount).toBe(1)
  })

  it('finds what was published just before it, in order of calls', () => {
    const world = new QueueWorld()
    world.declare()
    world.publish('a')
    const [first, second] = [world.pull(), world.pull()]
    expect([first.got, second.got]).toEqual([undefined, undefined])
    world.settle()
    expect(first.got).toMatchObject({ body: 'a' })
    expect(second.got).toBeNull()
  })

  it('is answered when the disk does not take what was published', () => {
    const world = new QueueWorld()
    world.declare()
    world.publish('a')
    const pulled = world.pull()
    world.store.refuse({ reason: 'disk-full', message: 'full' })
    world.turn()
    world.turn()
    expect(pulled.got).toBeNull()
  })

  it('waits for the disk', async () => {
    const world = new QueueWorld()
    const queue = world.declare()
    world.publish('a')
    world.settle()
    world.store.log(queue.lanes.all[0]!.log.id)!.isCold = true
    world.crash()
    const [first, second] = [world.pull(), world.pull()]
    expect(first.got).toBeUndefined()
    await world.rest()
    expect(first.got).toMatchObject({ body: 'a' })
    expect(second.got).toBeNull()
  })
})

describe('dead letters', () => {
  const letters = { deadLetterExchange: 'dlx' }

  it.each([
    ['with an exchange for them', letters, [{ queue: 'q', body: 'a', reason: 'rejected' }]],
    ['without', {}, []],
  ])('are what was rejected: %s', (_title, settings, dead) => {
    const world = new QueueWorld()
    world.declare(settings)
    const consumer = world.consume(1)
    world.publish('a')
    world.settle()
    consumer.settle(world.queue(), reject)
    world.settle()
    expect(world.dead).toEqual(dead)
    expect(world.queue()).toMatchObject({ readyCount: 0, unsettledCount: 0 })
  })

  it('are what came back too often, where it counts', () => {
    const world = new QueueWorld()
    world.declare({ ...letters, deliveryLimit: 2 })
    const consumer = world.consume(1)
    world.publish('a')
    world.settle()
    for (let index = 0; index < 2; index++) {
      consumer.settle(world.queue(), requeueCounted)
      world.settle()
      consumer.settle(world.queue(), requeue)
      world.settle()
    }
    expect(consumer.got.at(-1)).toMatchObject({ count: 4, failures: 2 })
    consumer.settle(world.queue(), requeueCounted)
    world.settle()
    expect(world.dead).toEqual([{ queue: 'q', body: 'a', reason: 'delivery_limit' }])
  })

  it('are read from the disk, one after the other', async () => {
    const world = new QueueWorld()
    const queue = world.declare(letters)
    const consumer = world.consume(3)
    for (const body of ['a', 'b', 'c']) world.publish(body)
    world.settle()
    world.store.log(queue.lanes.all[0]!.log.id)!.isCold = true
    for (let index = 0; index < 3; index++) consumer.settle(queue, reject)
    expect(queue.unsettledCount).toBe(3)
    await world.rest()
    expect(world.dead.map(({ body }) => body)).toEqual(['a', 'b', 'c'])
    expect(queue.unsettledCount).toBe(0)
  })

  it('stay and are tried again when nobody takes them', () => {
    const world = new QueueWorld()
    world.declare({ ...letters, deadLetterStrategy: 'at-least-once' })
    const consumer = world.consume(1)
    world.takesDead = false
    world.publish('a')
    world.settle()
    consumer.settle(world.queue(), reject)
    world.settle()
    world.advance(60_000)
    expect(world.queue().unsettledCount).toBe(1)
    world.takesDead = true
    world.advance(60_000)
    expect(world.dead).toHaveLength(1)
    expect(world.queue().unsettledCount).toBe(0)
  })
})

describe('what is delayed after it failed', () => {
  it.each([
    ['linear', 'linear' as const, [100, 200, 300, 350]],
    ['exponential', 'exponential' as const, [100, 200, 350, 350]],
    ['by a table', [100, 150], [100, 150, 150, 150]],
  ])('comes again later: %s', (_title, backoff, delays) => {
    const world = new QueueWorld()
    world.declare({ retry: { applies: 'failed', backoff, delayMsMin: 100, delayMsMax: 350 } })
    const consumer = world.consume(1)
    world.publish('a')
    world.settle()
    for (const delay of delays) {
      const before = consumer.got.length
      consumer.settle(world.queue(), requeueCounted)
      world.settle()
      world.advance(delay - 1)
      expect(consumer.got).toHaveLength(before)
      world.advance(1)
      expect(consumer.got).toHaveLength(before + 1)
    }
    consumer.settle(world.queue(), requeue)
    world.settle()
    expect(consumer.got).toHaveLength(delays.length + 2)
  })

  it('though the broker started again meanwhile', () => {
    const world = new QueueWorld()
    const retry = { backoff: 'linear' as const, delayMsMin: 1000, delayMsMax: 5000 }
    world.declare({ retry: { applies: 'all', ...retry } })
    const consumer = world.consume(1)
    world.publish('a')
    world.settle()
    consumer.settle(world.queue(), requeueCounted)
    world.settle()
    world.crash()
    const other = world.consume(1)
    world.advance(999)
    expect(other.got).toEqual([])
    world.advance(1)
    expect(other.got).toMatchObject([{ body: 'a', failures: 1 }])
  })
})

describe('a queue goes', () => {
  it('when it is deleted, and its consumers hear of it', () => {
    const world = new QueueWorld()
    const queue = world.declare()
    const consumer = world.consume()
    world.publish('a')
    world.queues.delete(queue)
    expect(consumer.cancelledFor).toBe('deleted')
    expect(world.queues.find('/', 'q')).toBeUndefined()
    expect(world.topics.find('/', 'q')).toBeUndefined()
    world.settle()
    world.crash()
    expect([...world.queues.all()]).toEqual([])
  })

  it('with its topic', () => {
    const world = new QueueWorld()
    const queue = world.declare()
    const consumer = world.consume()
    world.topics.deleteNow(queue.topic.id)
    world.settle()
    expect(queue.isDeleted).toBe(true)
    expect(consumer.cancelledFor).toBe('deleted')
  })

  it('with its last consumer, if it is told to', () => {
    const world = new QueueWorld()
    const queue = world.declare({}, { isAutoDelete: true })
    const [one, two] = [world.consume(1, {}, 'one'), world.consume(1, {}, 'two')]
    queue.detach(one)
    expect(queue.isDeleted).toBe(false)
    queue.detach(two)
    expect(queue.isDeleted).toBe(true)
  })

  it('with its session, if it belongs to one', () => {
    const world = new QueueWorld()
    const queue = world.declare({}, { owner: 7, isDurable: false })
    world.queues.sessionClosed(8)
    expect(queue.isDeleted).toBe(false)
    expect([...world.queues.ofOwner(7)]).toEqual([queue])
    world.queues.sessionClosed(7)
    expect(queue.isDeleted).toBe(true)
  })

  it('when the broker starts again, unless it is durable', () => {
    const world = new QueueWorld()
    world.declare({}, { isDurable: false })
    world.declare({}, { name: 'kept' })
    world.settle()
    world.crash()
    expect([...world.queues.all()].map(({ spec }) => spec.name)).toEqual(['kept'])
    expect(world.topics.find('/', 'q')).toBeUndefined()
  })

  it('when nobody used it for long', () => {
    const world = new QueueWorld()
    const queue = world.declare({ expiresMs: 1000 })
    world.advance(900)
    world.declare()
    world.advance(900)
    expect(world.pull().got).toBeNull()
    world.advance(900)
    const consumer = world.consume()
    world.advance(5000)
    expect(queue.isDeleted).toBe(false)
    queue.detach(consumer)
    world.advance(999)
    expect(queue.isDeleted).toBe(false)
    world.advance(1)
    expect(queue.isDeleted).toBe(true)
  })

  it('later, while the disk takes nothing', () => {
    const world = new QueueWorld()
    const queue = world.declare({}, { isAutoDelete: true })
    const consumer = new TestConsumer('c', 1)
    queue.attach(consumer, consumer.options)
    world.store.refuse({ reason: 'io-error', message: 'broken' }, true)
    queue.detach(consumer)
    expect(queue.isDeleted).toBe(false)
    world.store.refuse(null)
    expect(queue.isDeleted).toBe(true)
  })
})
