import { describe, expect, test } from 'vitest'
import { PublishWorld } from '../publish/world.fixture.ts'
import type { Binding } from './exchange.ts'

const toExchange = { destinationKind: 'exchange' } as const

const names = (world: PublishWorld): string[] =>
  [...world.exchanges.inNamespace('/')].map(({ spec }) => spec.name).sort()

const own = (world: PublishWorld): string[] =>
  names(world).filter(name => name !== '' && !name.startsWith('amq.'))

const shown = (bindings: Iterable<Binding>): string[] =>
  [...bindings]
    .map(({ source, destination, routingKey }) => `${source}-${routingKey}-${destination}`)
    .sort()

describe('exchanges', () => {
  test('every namespace has its own', () => {
    const world = new PublishWorld()
    const expected = [
      '',
      'amq.direct',
      'amq.fanout',
      'amq.headers',
      'amq.match',
      'amq.rabbitmq.trace',
      'amq.topic',
    ]
    expect(names(world)).toEqual(expected)
    const other = [...world.exchanges.inNamespace('other')]
    expect(other.map(({ spec }) => spec.name).sort()).toEqual(expected)
    expect(world.exchanges.find('/', 'amq.rabbitmq.trace')?.spec.isInternal).toBe(true)
    expect(world.journaled).toBe(0)
  })

  test('that are there cannot go', () => {
    const world = new PublishWorld()
    expect(() => world.exchanges.delete(world.exchanges.existing('/', 'amq.topic'))).toThrow(
      "deletion of system exchange 'amq.topic' in vhost '/' not allowed",
    )
  })

  test('declaring again gives the one that is there', () => {
    const world = new PublishWorld()
    world.exchange('x', 'fanout')
    expect(world.exchange('x', 'topic').type).toBe('fanout')
    expect(world.journaled).toBe(1)
  })

  test('deleting takes bindings along, in both directions', () => {
    const world = new PublishWorld()
    world.queue('q')
    world.exchange('x', 'fanout')
    world.exchange('y', 'fanout')
    world.bind('x', 'y', '', toExchange)
    world.bind('y', 'q')
    const exchange = world.exchanges.existing('/', 'y')
    const deleted: unknown[] = []
    world.exchanges.onDeleted(gone => deleted.push(gone))
    world.exchanges.delete(exchange)
    expect(exchange.isDeleted).toBe(true)
    expect(deleted).toEqual([exchange])
    expect(shown(world.exchanges.bindings('/'))).toEqual(['-q-q'])
    expect(() => world.exchanges.delete(exchange)).toThrow("no exchange 'y' in vhost '/'")
    expect(() => world.publisher.route('/', 'y', '')).toThrow("no exchange 'y' in vhost '/'")
  })

  test('with auto-delete go with the last binding, and so do those behind', () => {
    const world = new PublishWorld()
    world.queue('q')
    world.exchange('x', 'fanout', { isAutoDelete: true })
    world.exchange('y', 'fanout', { isAutoDelete: true })
    world.bind('x', 'y', '', toExchange)
    world.bind('y', 'q', 'a')
    world.bind('y', 'q', 'b')
    world.exchanges.unbind({ ...bindingOf('y', 'q', 'a') })
    expect(own(world)).toEqual(['x', 'y'])
    world.queues.remove('/', 'q')
    expect(own(world)).toEqual([])
    world.reopen()
    expect(own(world)).toEqual([])
  })

  test('are gone with their namespace', () => {
    const world = new PublishWorld()
    world.queue('q', { namespace: 'other' })
    world.exchange('x', 'fanout', { namespace: 'other' })
    world.bind('x', 'q', '', { namespace: 'other' })
    const deleted: string[] = []
    world.exchanges.onDeleted(({ spec }) => deleted.push(spec.name))
    world.exchanges.dropNamespace('other')
    expect(deleted).toContain('x')
    expect(world.exchanges.find('other', 'x')).toBeUndefined()
    world.reopen()
    expect(world.exchanges.find('other', 'x')).toBeUndefined()
    expect([...world.exchanges.bindingsTo('other', 'queue', 'q')]).toHaveLength(1)
  })

  test('are refused while the store takes nothing', () => {
    const world = new PublishWorld()
    world.exchange('x', 'fanout')
    const { journaled } = world
    world.refusal = { reason: 'closing', message: 'stopping' }
    expect(() => world.exchange('y', 'fanout')).toThrow('stopping')
    expect(own(world)).toEqual(['x'])
    expect(world.journaled).toBe(journaled)
  })
})

const bindingOf = (source: string, destination: string, routingKey: string): Binding => ({
  namespace: '/',
  source,
  destination,
  destinationKind: 'queue',
  routingKey,
  declared: {},
})

describe('bindings', () => {
  test('are told apart by key and arguments, not by their order', () => {
    const world = new PublishWorld()
    world.queue('q')
    world.bind('amq.headers', 'q', '', { declared: { a: 1, b: 2 } })
    world.bind('amq.headers', 'q', '', { declared: { b: 2, a: 1 } })
    world.bind('amq.headers', 'q', '', { declared: { a: 1 } })
    world.bind('amq.headers', 'q', 'k', { declared: { a: 1 } })
    expect([...world.exchanges.bindingsFrom('/', 'amq.headers')]).toHaveLength(3)
    world.exchanges.unbind(world.bind('amq.headers', 'q', '', { declared: { a: 1 } }))
    expect([...world.exchanges.bindingsFrom('/', 'amq.headers')]).toHaveLength(2)
    world.exchanges.unbind(bindingOf('amq.headers', 'q', 'never bound'))
  })

  const refused: [what: string, binding: Partial<Binding>, flaw: string][] = [
    ['from nowhere', { source: 'nope' }, "no exchange 'nope' in vhost '/'"],
    ['to nowhere', { destination: 'nope' }, "no queue 'nope' in vhost '/'"],
    ['to no exchange', { destination: 'nope', ...toExchange }, "no exchange 'nope' in vhost '/'"],
    ['the default exchange', { source: '' }, 'operation not permitted on the default exchange'],
    [
      'to the default exchange',
      { destination: '', ...toExchange },
      'operation not permitted on the default exchange',
    ],
  ]
  for (const [what, more, flaw] of refused)
    test(`${what}: refused`, () => {
      const world = new PublishWorld()
      world.queue('q')
      const binding = { ...bindingOf('amq.direct', 'q', 'k'), ...more }
      expect(() => world.exchanges.bind(binding)).toThrow(flaw)
    })

  test('are listed by both ends, implicit ones included', () => {
    const world = new PublishWorld()
    world.queue('q1')
    world.queue('q2')
    world.exchange('x', 'direct')
    world.bind('x', 'q1', 'a')
    world.bind('amq.topic', 'q1', 'b')
    world.bind('amq.topic', 'x', 'c', toExchange)
    const { exchanges } = world
    expect(shown(exchanges.bindingsTo('/', 'queue', 'q1'))).toEqual([
      '-q1-q1',
      'amq.topic-b-q1',
      'x-a-q1',
    ])
    expect(shown(exchanges.bindingsTo('/', 'exchange', 'x'))).toEqual(['amq.topic-c-x'])
    expect(shown(exchanges.bindingsFrom('/', ''))).toEqual(['-q1-q1', '-q2-q2'])
    expect(shown(exchanges.bindingsFrom('/', 'amq.topic'))).toEqual([
      'amq.topic-b-q1',
      'amq.topic-c-x',
    ])
    expect(shown(exchanges.bindings('/'))).toHaveLength(5)
    expect(shown(exchanges.bindingsFrom('/', 'nope'))).toEqual([])
  })

  test('go with their queue or topic', () => {
    const world = new PublishWorld()
    world.queue('q')
    world.topic('t')
    world.bind('amq.topic', 'q', 'k')
    world.bind('amq.fanout', 't')
    world.queues.remove('/', 'q')
    world.topics.remove('/', 't')
    world.queue('q')
    world.topic('t')
    expect([...world.exchanges.bindingsFrom('/', 'amq.topic')]).toEqual([])
    expect([...world.exchanges.bindingsFrom('/', 'amq.fanout')]).toEqual([])
    world.reopen()
    expect([...world.exchanges.bindingsFrom('/', 'amq.topic')]).toEqual([])
  })

  test('ten thousand on one exchange', () => {
    for (const type of ['direct', 'topic', 'headers', 'fanout'] as const) {
      const world = new PublishWorld()
      world.exchange('x', type)
      const count = 10_000
      for (let index = 0; index < count; index++) world.queue(`q${index}`)
      for (let index = 0; index < count; index++) {
        const declared = type === 'headers' ? { n: index } : {}
        world.bind('x', `q${index}`, `key.${index}`, { declared })
      }
      for (const index of [0, 77, 9999]) {
        world.publish('x', `key.${index}`, 'm', { n: index })
        const expected = type === 'fanout' ? count : 1
        expect(world.exchanges.find('/', 'x')?.publishedOut).toBe(expected)
        world.exchanges.existing('/', 'x') // Still there.
        Object.assign(world.exchanges.find('/', 'x')!, { publishedOut: 0 })
      }
      for (let index = 0; index < count; index++) world.queues.remove('/', `q${index}`)
      expect(world.exchanges.isUsed(world.exchanges.existing('/', 'x'))).toBe(false)
      expect(world.publish('x', 'key.77', 'm', { n: 77 })).toBe(0)
    }
  })
})

describe('after a restart', () => {
  function furnished(): PublishWorld {
    const world = new PublishWorld()
    for (const name of ['q1', 'q2']) world.queue(name)
    world.queue('transient', { isDurable: false })
    world.topic('t')
    world.exchange('x', 'topic', { declared: { 'alternate-exchange': 'y' } })
    world.exchange('y', 'fanout')
    world.exchange('gone', 'fanout', { isDurable: false })
    world.exchange('deleted', 'fanout')
    world.bind('x', 'q1', 'a.*')
    world.bind('x', 't', 'b.#')
    world.bind('x', 'transient', 'a.*')
    world.bind('y', 'q2')
    world.bind('gone', 'q1')
    world.bind('deleted', 'q1')
    world.bind('amq.direct', 'q2', 'k')
    world.bind('amq.direct', 'q1', 'unbound')
    return world
  }

  function change(world: PublishWorld): void {
    world.exchanges.delete(world.exchanges.existing('/', 'deleted'))
    world.exchanges.unbind(bindingOf('amq.direct', 'q1', 'unbound'))
  }

  function check(world: PublishWorld): void {
    world.reopen()
    expect(own(world)).toEqual(['x', 'y'])
    const explicit = shown(world.exchanges.bindings('/')).filter(text => !text.startsWith('-'))
    expect(explicit).toEqual(['amq.direct-k-q2', 'x-a.*-q1', 'x-b.#-t', 'y--q2'])
    expect(world.arrivals('x', 'a.b')).toBe('q1')
    expect(world.arrivals('x', 'elsewhere')).toBe('q2')
    expect(world.arrivals('amq.direct', 'k')).toBe('q2')
    expect(world.publish('x', 'b.c')).not.toBe(0)
  }

  test('what is durable is there, from events', () => {
    const world = furnished()
    change(world)
    check(world)
  })

  test('and from a snapshot with events after it', () => {
    const world = furnished()
    world.checkpoint()
    change(world)
    check(world)
    world.checkpoint()
    check(world)
  })
})
