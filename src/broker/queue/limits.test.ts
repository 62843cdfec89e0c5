import { describe, expect, it } from 'vitest'
import { accept, enqueued, requeue } from './index.ts'
import { QueueWorld } from './world.fixture.ts'

const letters = { deadLetterExchange: 'dlx' }

function publishAll(world: QueueWorld, bodies: readonly string[]): number[] {
  const bits = bodies.map(body => world.publish(body))
  world.settle()
  return bits
}

/** Everything that is ready, pulled. */
function drained(world: QueueWorld): string[] {
  const bodies: string[] = []
  for (;;) {
    const { got } = world.pull(true)
    if (got === null || got === undefined) return bodies
    bodies.push(got.body)
  }
}

describe('a message expires', () => {
  it.each([
    ['by its own time', {}, 100, 100],
    ["by the queue's", { messageTtlMs: 50 }, -1, 50],
    ["by the sooner of both, the queue's", { messageTtlMs: 50 }, 100, 50],
    ['by the sooner of both, its own', { messageTtlMs: 500 }, 100, 100],
  ])('%s, without consumers', (_title, settings, ttlMs, expected) => {
    const world = new QueueWorld()
    world.declare({ ...letters, ...settings })
    world.publish('a', { ttlMs })
    world.settle()
    world.advance(expected - 1)
    expect(world.queue().readyCount).toBe(1)
    world.advance(1)
    expect(world.queue().readyCount).toBe(0)
    expect(world.dead).toEqual([{ queue: 'q', body: 'a', reason: 'expired' }])
  })

  it('at the head only', () => {
    const world = new QueueWorld()
    world.declare(letters)
    world.publish('long', { ttlMs: 1000 })
    world.publish('short', { ttlMs: 10 })
    world.settle()
    world.advance(500)
    expect(world.queue().readyCount).toBe(2)
    world.advance(500)
    expect(world.dead.map(({ body }) => body)).toEqual(['long', 'short'])
  })

  it('behind one that never does, when that one is gone', () => {
    const world = new QueueWorld()
    world.declare()
    world.publish('ever')
    world.publish('short', { ttlMs: 10 })
    world.settle()
    world.advance(500)
    expect(world.queue().readyCount).toBe(2)
    expect(world.pull(true).got).toMatchObject({ body: 'ever' })
    expect(world.pull().got).toBeNull()
  })

  it('at once with a time of 0, unless somebody waits for it', () => {
    const world = new QueueWorld()
    world.declare()
    world.publish('a', { ttlMs: 0 })
    world.settle()
    expect(world.queue().readyCount).toBe(0)
    const consumer = world.consume(1)
    world.publish('b', { ttlMs: 0 })
    world.publish('c', { ttlMs: 0 })
    world.settle()
    expect(consumer.bodies).toEqual(['b'])
    expect(world.queue().readyCount).toBe(0)
  })

  it('not while it is out, but when it comes back', () => {
    const world = new QueueWorld()
    world.declare(letters)
    const consumer = world.consume(1)
    world.publish('a', { ttlMs: 100 })
    world.settle()
    world.advance(500)
    expect(world.dead).toEqual([])
    consumer.settle(world.queue(), requeue)
    world.settle()
    expect(world.dead).toHaveLength(1)
    expect(consumer.got).toHaveLength(1)
  })

  it('when it comes back late, with nobody there', () => {
    const world = new QueueWorld()
    const retry = { backoff: 'linear' as const, delayMsMin: 100, delayMsMax: 100 }
    world.declare({ ...letters, retry: { applies: 'all', ...retry } })
    const consumer = world.consume(1)
    world.publish('a', { ttlMs: 50 })
    world.settle()
    world.queue().detach(consumer)
    world.queue().settle(0, consumer.got[0]!.offset, requeue)
    world.settle()
    world.advance(99)
    expect(world.dead).toEqual([])
    world.advance(1)
    expect(world.dead).toHaveLength(1)
  })

  it('though the broker started again meanwhile', () => {
    const world = new QueueWorld()
    world.declare(letters)
    world.publish('a', { ttlMs: 100 })
    world.settle()
    world.crash()
    world.advance(100)
    expect(world.dead).toHaveLength(1)
  })

  it('in each queue on its topic, also in those that came later, and after a start', () => {
    const world = new QueueWorld()
    world.declare({}, { name: 'base' })
    world.declare({}, { source: 'base' })
    world.publish('a', { ttlMs: 100, queue: 'base' })
    world.settle()
    world.declare({}, { name: 'late', source: 'base' }, 'first')
    world.checkpoint()
    world.crash()
    world.advance(100)
    for (const name of ['q', 'base', 'late']) expect(world.queue(name).readyCount).toBe(0)
  })

  it('and nobody looks for it in a queue where nothing does', () => {
    const world = new QueueWorld()
    const queue = world.declare()
    publishAll(world, ['a'])
    expect(queue.isInterested).toBe(false)
    world.publish('b', { ttlMs: 10 })
    expect(queue.isInterested).toBe(true)
    world.settle()
    drained(world)
    world.turn()
    world.publish('c')
    world.settle()
    world.advance(1000)
    expect(drained(world)).toEqual(['c'])
  })
})

describe('a queue with a limit', () => {
  it.each([
    ['messages', { lengthMax: 2 }, ['a', 'b', 'c', 'd'], ['c', 'd']],
    ['bytes', { lengthBytesMax: 5 }, ['aa', 'bbb', 'cc', 'd'], ['cc', 'd']],
    ['nothing', { lengthMax: 0 }, ['a'], []],
    ['bytes, one of them too large', { lengthBytesMax: 2 }, ['aa', 'bbb'], []],
  ])('drops its first messages: %s', (_title, settings, bodies, left) => {
    const world = new QueueWorld()
    world.declare({ ...letters, ...settings })
    publishAll(world, bodies)
    expect(world.queue().readyCount).toBe(left.length)
    const dead = world.dead.map(({ body, reason }) => `${body} ${reason}`)
    expect(dead).toEqual(bodies.slice(0, bodies.length - left.length).map(body => `${body} maxlen`))
    expect(drained(world)).toEqual(left)
  })

  it('does not count what is with consumers, but what comes back', () => {
    const world = new QueueWorld()
    world.declare({ lengthMax: 1 })
    const consumer = world.consume(1)
    publishAll(world, ['a', 'b'])
    expect(world.queue()).toMatchObject({ readyCount: 1, unsettledCount: 1 })
    world.queue().detach(consumer)
    world.queue().settle(0, consumer.got[0]!.offset, requeue)
    world.settle()
    expect(drained(world)).toEqual(['b'])
  })

  it.each([
    ['messages', { lengthMax: 2 }],
    ['bytes', { lengthBytesMax: 2 }],
  ])('refuses what is too much, if told to: %s', (_title, settings) => {
    const world = new QueueWorld()
    world.declare({ ...letters, ...settings, overflow: 'reject-publish' })
    const { taken, rejected } = enqueued
    expect(publishAll(world, ['a', 'b', 'c'])).toEqual([taken, taken, rejected])
    expect(world.dead).toEqual([])
    world.pull(true)
    expect(publishAll(world, ['d', 'e'])).toEqual([taken, rejected])
    expect(drained(world)).toEqual(['b', 'd'])
  })

  it('and sends that to the dead letters, if told to', () => {
    const world = new QueueWorld()
    world.declare({ ...letters, lengthMax: 1, overflow: 'reject-publish-dlx' })
    publishAll(world, ['a', 'b'])
    expect(world.dead).toEqual([{ queue: 'q', body: 'b', reason: 'maxlen' }])
  })

  it('knows how many bytes there are after a start', () => {
    const world = new QueueWorld()
    world.declare({ lengthBytesMax: 4, overflow: 'reject-publish' })
    publishAll(world, ['aaa'])
    world.crash()
    expect(publishAll(world, ['bb'])).toEqual([enqueued.rejected])
    expect(publishAll(world, ['b'])).toEqual([enqueued.taken])
  })

  it('gets one by a policy', () => {
    const world = new QueueWorld()
    const queue = world.declare()
    publishAll(world, ['a', 'b', 'c'])
    world.queues.effectiveSettings = (_spec, own) => ({ ...own, lengthMax: 1 })
    world.queues.policiesChanged()
    world.settle()
    expect(queue.readyCount).toBe(1)
    expect(drained(world)).toEqual(['c'])
  })
})

describe('priorities', () => {
  it('are strict, and in order within one', () => {
    const world = new QueueWorld()
    const queue = world.declare({ priorityMax: 5 })
    const given = [1, 9, 0, 5, 3, 1, 0]
    for (const [index, priority] of given.entries())
      world.publish(`${priority}-${index}`, { priority })
    world.settle()
    expect(drained(world)).toEqual(['9-1', '5-3', '3-4', '1-0', '1-5', '0-2', '0-6'])
    expect(queue.topic.partitions).toHaveLength(4)
  })

  it('are remembered over restarts, from events and from a snapshot', () => {
    for (const isSnapshot of [false, true]) {
      const world = new QueueWorld()
      world.declare({ priorityMax: 5 })
      for (const priority of [0, 4, 2]) world.publish(`${priority}`, { priority })
      world.settle()
      if (isSnapshot) world.checkpoint()
      world.crash()
      world.publish('again 2', { priority: 2 })
      world.settle()
      expect(drained(world)).toEqual(['4', '2', 'again 2', '0'])
    }
  })

  it('come first though others are waiting for a consumer', () => {
    const world = new QueueWorld()
    world.declare({ priorityMax: 1 })
    publishAll(world, ['low', 'lower'])
    const consumer = world.consume(1)
    world.publish('high', { priority: 1 })
    world.settle()
    consumer.settle(world.queue(), accept)
    world.settle()
    expect(consumer.bodies).toEqual(['low', 'high'])
  })
})

describe('message groups', () => {
  const publishKeys = (world: QueueWorld, bodies: readonly string[]): void => {
    for (const body of bodies) world.publish(body, { key: body[0]! })
    world.settle()
  }

  it('are with one consumer at a time, in order, while others get on', () => {
    const world = new QueueWorld()
    world.declare({ isGrouped: true })
    const [one, two] = [world.consume(1, {}, 'one'), world.consume(2, {}, 'two')]
    publishKeys(world, ['a1', 'a2', 'b1', 'a3', 'b2', 'c1'])
    expect([one.bodies, two.bodies]).toEqual([['a1'], ['b1', 'b2']])
    expect(world.queue()).toMatchObject({ readyCount: 3, unsettledCount: 3 })
    two.settle(world.queue(), accept, 'b1')
    world.settle()
    expect(two.bodies).toEqual(['b1', 'b2', 'c1'])
    one.settle(world.queue(), accept, 'a1')
    world.settle()
    expect(one.bodies).toEqual(['a1', 'a2'])
  })

  it('pass on when their consumer has none of them', () => {
    const world = new QueueWorld()
    world.declare({ isGrouped: true })
    const one = world.consume(1, {}, 'one')
    publishKeys(world, ['a1', 'a2'])
    const two = world.consume(5, {}, 'two')
    expect(two.bodies).toEqual([])
    world.queue().detach(one)
    world.queue().settle(0, one.got[0]!.offset, requeue)
    world.settle()
    expect(two.bodies).toEqual(['a1', 'a2'])
  })

  it('lose nothing in a crash', () => {
    const world = new QueueWorld()
    world.declare({ isGrouped: true })
    world.consume(1)
    publishKeys(world, ['a1', 'a2', 'b1', 'a3'])
    world.settle()
    world.crash()
    const again = world.consume()
    expect(again.bodies).toEqual(['a1', 'a2', 'b1', 'a3'])
  })

  it('are no matter for what has no key', () => {
    const world = new QueueWorld()
    world.declare({ isGrouped: true })
    const [one, two] = [world.consume(2, {}, 'one'), world.consume(2, {}, 'two')]
    publishAll(world, ['1', '2', '3', '4'])
    expect([one.bodies, two.bodies]).toEqual([
      ['1', '3'],
      ['2', '4'],
    ])
  })
})

describe('a purge', () => {
  it('takes what is ready, confirmed or not, and leaves what is out', () => {
    const world = new QueueWorld()
    world.declare()
    const consumer = world.consume(1)
    publishAll(world, ['a', 'b'])
    world.publish('c')
    expect(world.queue().purge()).toBe(2)
    expect(world.queue()).toMatchObject({ readyCount: 0, unsettledCount: 1 })
    world.settle()
    consumer.settle(world.queue(), requeue)
    world.settle()
    expect(consumer.bodies).toEqual(['a', 'a'])
    world.settle()
    world.crash()
    expect(drained(world)).toEqual(['a'])
  })
})

describe('consumed messages', () => {
  const room = (world: QueueWorld): [number, number] => {
    const { startOffset, endOffset } = world.queue().topic.partitions[0]!.log
    return [startOffset, endOffset]
  }

  it('are let go of in the background', () => {
    const world = new QueueWorld()
    world.declare()
    publishAll(world, ['a', 'b', 'c'])
    const consumer = world.consume(2)
    consumer.settle(world.queue(), accept)
    world.settle()
    expect(room(world)).toEqual([0, 3])
    world.advance(5000)
    expect(room(world)).toEqual([1, 3])
  })

  it('stay readable for a while, and can be had again', async () => {
    const world = new QueueWorld()
    world.declare({ retentionMs: 60_000 })
    publishAll(world, ['a', 'b'])
    const half = world.now + 1000
    world.advance(2000)
    publishAll(world, ['c'])
    const consumer = world.consume(10, { isAutoAccepted: true })
    await world.rest()
    world.advance(30_000)
    await world.rest()
    expect(room(world)).toEqual([0, 3])
    await world.queue().seek({ kind: 'first' })
    world.settle()
    expect(consumer.bodies).toEqual(['a', 'b', 'c', 'a', 'b', 'c'])
    await world.queue().seek({ kind: 'time', millis: half })
    await world.queue().seek({ kind: 'offset', lane: 0, offset: room(world)[0] as never })
    await world.queue().seek({ kind: 'next' })
    world.settle()
    expect(consumer.bodies).toHaveLength(6)
    await world.queue().seek({ kind: 'time', millis: half })
    world.settle()
    expect(consumer.bodies.slice(6)).toEqual(['c'])
    for (let round = 0; round < 40; round++) {
      world.advance(1000)
      await world.rest()
    }
    expect(room(world)).toEqual([3, 3])
  })
})

describe('a queue on a topic that is there', () => {
  it.each([
    ['its end', undefined, ['c', 'd']],
    ['its first record', 'first' as const, ['a', 'b', 'c', 'd']],
  ])('begins at %s, and copies nothing', (_title, from, expected) => {
    const world = new QueueWorld()
    world.declare({}, { name: 'base' })
    for (const body of ['a', 'b']) world.publish(body, { queue: 'base' })
    world.settle()
    const queue = world.declare({}, { source: 'base' }, from)
    for (const body of ['c', 'd']) world.publish(body, { queue: 'base' })
    world.settle()
    expect(drained(world)).toEqual(expected)
    expect(queue.ownsTopic).toBe(false)
    expect(world.queue('base').readyCount).toBe(4)
    world.settle()
    world.crash()
    expect(drained(world)).toEqual([])
    world.queues.delete(world.queue())
    expect(world.topics.find('/', 'base')).toBeDefined()
  })

  it('has a lane for each partition, also for those that come later', () => {
    const world = new QueueWorld()
    const topic = world.topics.createNow({ name: 'q', partitionCount: 2, overrides: {} })
    world.settle()
    const queue = world.declare()
    expect(queue.ownsTopic).toBe(false)
    const consumer = world.consume()
    world.topics.growNow(topic.id, 3)
    const keys = Array.from({ length: 30 }, (_, index) => `k${index}`)
    for (const key of keys) world.publish(key, { key })
    world.settle()
    expect(consumer.bodies.toSorted()).toEqual(keys.toSorted())
    expect(new Set(consumer.got.map(({ lane }) => lane))).toEqual(new Set([0, 1, 2]))
    world.settle()
    world.crash()
    expect(world.queue().lanes.all).toHaveLength(3)
    expect(world.queue().readyCount).toBe(30)
  })

  it('keeps the topic from being shortened before both are done', () => {
    const world = new QueueWorld()
    world.declare({}, { name: 'base' })
    world.declare({}, { source: 'base' })
    world.publish('a', { queue: 'base' })
    world.settle()
    const { log } = world.queue('base').topic.partitions[0]!
    world.queue('base').purge()
    world.advance(5000)
    expect(log.startOffset).toBe(0)
    world.queue().purge()
    world.advance(5000)
    expect(log.startOffset).toBe(1)
  })
})

describe('a stream', () => {
  it('is a topic that is kept, and not consumed here', () => {
    const world = new QueueWorld()
    const queue = world.declare({ retentionMs: 1000 }, { type: 'stream' })
    publishAll(world, ['a', 'b'])
    expect(queue.readyCount).toBe(2)
    expect(queue.topic.overrides.get('retention.ms')).toBe('1000')
    expect(() => world.consume()).toThrow('stream')
    expect(() => queue.purge()).toThrow('stream')
    world.settle()
    world.crash()
    expect(world.queue()).toMatchObject({ readyCount: 2, spec: { type: 'stream' } })
    world.queues.effectiveSettings = (_spec, own) => ({ ...own, retentionBytes: 5000 })
    world.queues.policiesChanged()
    world.settle()
    expect(world.queue().topic.overrides.get('retention.bytes')).toBe('5000')
  })
})

describe('a consumer that takes too long', () => {
  it('is cancelled, and what it holds stays out until it is given back', () => {
    const world = new QueueWorld()
    world.declare({ consumerTimeoutMs: 1000 })
    const [slow, quick] = [world.consume(1, {}, 'slow'), world.consume(1, {}, 'quick')]
    publishAll(world, ['a', 'b'])
    world.advance(500)
    quick.settle(world.queue(), accept)
    world.advance(499)
    expect(slow.cancelledFor).toBeNull()
    world.advance(1)
    expect([slow.cancelledFor, quick.cancelledFor]).toEqual(['timeout', null])
    expect(world.queue()).toMatchObject({ unsettledCount: 1, consumerCount: 1 })
    world.queue().settle(0, slow.got[0]!.offset, requeue)
    world.settle()
    expect(quick.bodies).toEqual(['b', 'a'])
  })
})
