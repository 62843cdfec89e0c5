import { describe, expect, test } from 'vitest'
import { partitionOf } from '../../lib/partitioner.ts'
import type { StoreRefusal } from '../../log/store.ts'
import type { Publication } from '../../message/publication.ts'
import type { Route } from '../routing/index.ts'
import { published } from './publisher.ts'
import { type FakeQueue, PublishWorld } from './world.fixture.ts'

const { routed, rejected, sync } = published

function worldWith(...queues: string[]): PublishWorld {
  const world = new PublishWorld()
  for (const queue of queues) world.queue(queue)
  return world
}

describe('where messages go', () => {
  test('the default exchange knows every queue by its name', () => {
    const world = worldWith('q1', 'q2')
    expect(world.arrivals('', 'q1')).toBe('q1')
    expect(world.publish('', 'q3')).toBe(0)
    world.queue('q3')
    expect(world.arrivals('', 'q3')).toBe('q3')
    world.queues.remove('/', 'q3')
    expect(world.publish('', 'q3')).toBe(0)
  })

  test('a route is kept until something changes', () => {
    const world = worldWith('q1', 'q2')
    world.bind('amq.direct', 'q1', 'k')
    const route = world.publisher.route('/', 'amq.direct', 'k')
    expect(world.publisher.route('/', 'amq.direct', 'k')).toBe(route)
    expect(world.arrivals('amq.direct', 'k')).toBe('q1')
    world.bind('amq.direct', 'q2', 'k')
    expect(route.isStale).toBe(true)
    expect(world.arrivals('amq.direct', 'k')).toBe('q1 q2')
    world.queues.remove('/', 'q1')
    expect(world.arrivals('amq.direct', 'k')).toBe('q2')
  })

  test('a stale route leads where the address leads now', () => {
    const world = worldWith('q1', 'q2')
    world.bind('amq.direct', 'q1', 'k')
    const route = world.publisher.route('/', 'amq.direct', 'k')
    world.bind('amq.direct', 'q2', 'k')
    world.publisher.publish(route, world.message('amq.direct', 'k', 'm'))
    expect(takenBy(world)).toBe('q1 q2')
  })

  test('a queue gets a message once, however many bindings match', () => {
    const world = worldWith('q')
    for (const key of ['a.*', '*.b', '#']) world.bind('amq.topic', 'q', key)
    expect(world.arrivals('amq.topic', 'a.b')).toBe('q')
  })

  test('through exchanges, in circles as well', () => {
    const world = worldWith('q1', 'q2')
    world.exchange('x', 'fanout')
    world.exchange('y', 'topic')
    const to = { destinationKind: 'exchange' } as const
    world.bind('x', 'y', '', to)
    world.bind('y', 'x', '#', to)
    world.bind('x', 'q1')
    world.bind('y', 'q2', 'a.*')
    expect(world.arrivals('x', 'a.b')).toBe('q1 q2')
    expect(world.arrivals('y', 'b')).toBe('q1')
    const route = world.publisher.route('/', 'x', 'a.b')
    world.bind('y', 'q1', 'a.b')
    expect(route.isStale).toBe(true)
  })

  test('an alternate exchange gets what nothing matches', () => {
    const world = worldWith('q', 'rest')
    world.exchange('x', 'direct', { declared: { 'alternate-exchange': 'else' } })
    world.bind('x', 'q', 'k')
    expect(world.publish('x', 'other')).toBe(0)
    world.exchange('else', 'fanout')
    world.bind('else', 'rest')
    expect(world.arrivals('x', 'other')).toBe('rest')
    expect(world.arrivals('x', 'k')).toBe('q')
  })

  test('an alternate exchange can come from a policy', () => {
    const world = worldWith('q')
    world.exchange('x', 'direct')
    world.bind('amq.fanout', 'q')
    expect(world.publish('x', 'k')).toBe(0)
    world.setPolicy('x', { 'alternate-exchange': 'amq.fanout' })
    expect(world.arrivals('x', 'k')).toBe('q')
    world.reopen()
    expect(world.arrivals('x', 'k')).toBe('q')
    world.setPolicy('x', {})
    expect(world.publish('x', 'k')).toBe(0)
  })

  test('alternates in a circle end', () => {
    const world = worldWith()
    world.exchange('x', 'direct', { declared: { 'alternate-exchange': 'y' } })
    world.exchange('y', 'direct', { declared: { 'alternate-exchange': 'x' } })
    expect(world.publish('x', 'k')).toBe(0)
  })

  test('copies go to further keys, each queue once', () => {
    const world = worldWith('q1', 'q2', 'q3')
    world.bind('amq.direct', 'q1', 'a')
    world.bind('amq.direct', 'q2', 'b')
    world.bind('amq.direct', 'q1', 'b')
    const message = world.message('amq.direct', 'a', 'm')
    message.copies = ['b', 'nowhere', 'b']
    expect(world.send(message)).toBe(routed | sync)
    expect(takenBy(world)).toBe('q1 q2')
    const direct = world.message('', 'q3', 'm')
    direct.copies = ['q3', 'q1']
    world.send(direct)
    expect(takenBy(world)).toBe('q1 q1 q2 q3')
  })

  test('a queue that refuses says so, and the others have the message', () => {
    const world = worldWith('q1', 'q2')
    world.bind('amq.fanout', 'q1')
    world.bind('amq.fanout', 'q2')
    queueOf(world, 'q1').isFull = true
    expect(world.publish('amq.fanout', '')).toBe(routed | rejected | sync)
    expect(takenBy(world)).toBe('q2')
  })

  test('only what is to survive has to be synced', () => {
    const world = worldWith('durable')
    world.queue('transient', { isDurable: false })
    const message = world.message('', 'durable', 'm')
    expect(world.send(message)).toBe(routed | sync)
    message.isPersistent = false
    expect(world.send(message)).toBe(routed)
    expect(world.publish('', 'transient')).toBe(routed)
  })

  test('exchanges that are missing or internal are refused', () => {
    const world = worldWith('q')
    world.exchange('inner', 'fanout', { isInternal: true })
    world.bind('inner', 'q')
    expect(() => world.publisher.route('/', 'nope', 'k')).toThrow("no exchange 'nope' in vhost '/'")
    expect(() => world.publisher.route('/', 'inner', 'k')).toThrow(
      "cannot publish to internal exchange 'inner' in vhost '/'",
    )
    const route = world.publisher.innerRoute('/', 'inner', 'k')
    world.publisher.publish(route!, world.message('inner', 'k', 'm'))
    expect(takenBy(world)).toBe('q')
    expect(() => world.publisher.route('/', 'inner', 'k')).toThrow('internal')
  })

  test('a namespace has its own names', () => {
    const world = worldWith('q')
    const elsewhere = world.queue('q', { namespace: 'other' })
    world.publisher.publish(
      world.publisher.route('other', '', 'q'),
      world.message('', 'q', 'elsewhere'),
    )
    expect(queueOf(world, 'q').taken).toHaveLength(0)
    expect(elsewhere.bodies).toEqual(['elsewhere'])
  })
})

describe('topics', () => {
  test('are bound and named like queues', () => {
    const world = worldWith()
    const topic = world.topic('orders')
    world.bind('amq.topic', 'orders', 'orders.#')
    expect(world.publish('amq.topic', 'orders.new')).toBe(routed | sync)
    expect(world.publish('', 'orders')).toBe(routed | sync)
    world.endTurn()
    expect(world.appended).toEqual([topic.partitions[0]!.logId])
    world.topics.remove('/', 'orders')
    expect(world.publish('amq.topic', 'orders.new')).toBe(0)
  })

  test('a queue on it takes over its name, and leaves it again', () => {
    const world = worldWith()
    world.topic('orders')
    const route = world.publisher.route('/', '', 'orders')
    const queue = world.queue('orders')
    world.publisher.publish(route, world.message('', 'orders', 'm'))
    expect(queue.bodies).toEqual(['m'])
    world.queues.remove('/', 'orders')
    world.publisher.publish(route, world.message('', 'orders', 'm'))
    expect(queue.bodies).toEqual(['m'])
    world.endTurn()
    expect(world.appended).toHaveLength(1)
  })

  test('a key decides on the partition, as Kafka decides', () => {
    const world = worldWith()
    const topic = world.topic('orders', 5)
    for (const key of ['anna', 'bert', 'carla']) {
      const message = world.message('', 'orders', 'm')
      message.key = Buffer.from(key)
      world.send(message)
      world.endTurn()
      const index = partitionOf(Buffer.from(key), 5)
      expect(world.appended.splice(0)).toEqual([topic.partitions[index]!.logId])
    }
  })

  test('without a key, a turn stays together and the next goes on', () => {
    const world = worldWith()
    world.topic('orders', 3)
    for (let turn = 0; turn < 3; turn++) {
      for (let count = 0; count < 10; count++) world.publish('', 'orders')
      world.endTurn()
    }
    expect(new Set(world.appended).size).toBe(3)
    expect(world.appended).toHaveLength(3)
  })
})

describe('what is safe', () => {
  const refusal: StoreRefusal = { reason: 'disk-full', message: 'no room' }

  test('is asked once a turn, and all are told', () => {
    const world = worldWith('q')
    const told: (StoreRefusal | null)[] = []
    world.publisher.whenSafe(outcome => told.push(outcome))
    world.publisher.whenSafe(outcome => told.push(outcome))
    world.endTurn()
    expect(world.confirms).toHaveLength(1)
    world.confirms[0]!(null)
    expect(told).toEqual([null, null])
    world.publisher.whenSafe(outcome => told.push(outcome))
    world.endTurn()
    world.confirms[1]!(refusal)
    expect(told.at(-1)).toBe(refusal)
  })

  test('a store that takes nothing rejects', () => {
    const world = worldWith('q')
    world.refusal = refusal
    expect(world.publish('', 'q')).toBe(rejected)
    world.refusal = null
    expect(world.publish('', 'q')).toBe(routed | sync)
  })

  test('what belongs together is appended before anything else happens', () => {
    const world = worldWith()
    world.topic('a')
    world.topic('b')
    world.publisher.atomically(() => {
      world.publish('', 'a')
      world.publish('', 'b')
    })
    expect(world.appended).toHaveLength(2)
  })
})

describe('delays', () => {
  type Waiting = { route: Route; body: string; dueAt: number }

  function delaying(world: PublishWorld): Waiting[] {
    const waiting: Waiting[] = []
    world.publisher.schedule = {
      add: (route, publication, dueAt) => waiting.push({ route, body: bodyOf(publication), dueAt }),
    }
    const declared = { 'x-delayed-type': 'topic' }
    world.exchange('later', 'x-delayed-message', { declared })
    world.bind('later', 'q', 'a.*')
    return waiting
  }

  test('a message waits, and is then routed as the type says', () => {
    const world = worldWith('q')
    const waiting = delaying(world)
    const message = world.message('later', 'a.b', 'm')
    message.delayMs = 500
    expect(world.send(message)).toBe(routed | sync)
    expect(takenBy(world)).toBe('')
    expect(waiting).toEqual([
      { route: world.publisher.route('/', 'later', 'a.b'), body: 'm', dueAt: world.now + 500 },
    ])
    message.delayMs = -1
    world.publisher.publish(waiting[0]!.route, message)
    expect(takenBy(world)).toBe('q')
  })

  test('who asks for no delay is not delayed', () => {
    const world = worldWith('q')
    const waiting = delaying(world)
    expect(world.arrivals('later', 'a.b')).toBe('q')
    const message = world.message('later', 'a.b', 'm')
    message.delayMs = 0
    world.send(message)
    expect(waiting).toEqual([])
    expect(takenBy(world)).toBe('q q')
  })

  test('behind another exchange, only that part waits', () => {
    const world = worldWith('q', 'now')
    const waiting = delaying(world)
    world.bind('amq.fanout', 'now')
    world.bind('amq.fanout', 'later', '', { destinationKind: 'exchange' })
    const message = world.message('amq.fanout', 'a.b', 'm')
    message.delayMs = 1
    world.send(message)
    expect(takenBy(world)).toBe('now')
    expect(waiting.map(({ route }) => [route.exchange, route.routingKey])).toEqual([
      ['later', 'a.b'],
    ])
  })

  test('a type to route by is needed', () => {
    for (const type of ['x-delayed-message', 'nonsense', undefined]) {
      const declared = type === undefined ? {} : { 'x-delayed-type': type }
      expect(() => worldWith().exchange('x', 'x-delayed-message', { declared })).toThrow(
        "'x-delayed-type' must be an existing exchange type",
      )
    }
  })
})

const bodyOf = ({ body, bodyStart, bodyEnd }: Publication): string =>
  body.toString('utf8', bodyStart, bodyEnd)

const fakesOf = (world: PublishWorld): FakeQueue[] =>
  [...world.queues.byKey.values()] as unknown as FakeQueue[]

const queueOf = (world: PublishWorld, name: string): FakeQueue =>
  fakesOf(world).find(({ spec }) => spec.name === name)!

const takenBy = (world: PublishWorld): string =>
  fakesOf(world)
    .flatMap(({ spec, taken }) => taken.map(() => spec.name))
    .sort()
    .join(' ')
