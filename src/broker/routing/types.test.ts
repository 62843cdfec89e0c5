import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { CommonValue } from '../../message/common.ts'
import { PublishWorld } from '../publish/world.fixture.ts'
import type { ExchangeType } from './exchange.ts'

/** What matches what, as RabbitMQ's own tests have it. */
const patterns: readonly (readonly [pattern: string, queue: string])[] = [
  ['a.b.c', 't1'],
  ['a.*.c', 't2'],
  ['a.#.b', 't3'],
  ['a.b.b.c', 't4'],
  ['#', 't5'],
  ['#.#', 't6'],
  ['#.b', 't7'],
  ['*.*', 't8'],
  ['a.*', 't9'],
  ['*.b.c', 't10'],
  ['a.#', 't11'],
  ['a.#.#', 't12'],
  ['b.b.c', 't13'],
  ['a.b.b', 't14'],
  ['a.b', 't15'],
  ['b.c', 't16'],
  ['', 't17'],
  ['*.*.*', 't18'],
  ['vodka.martini', 't19'],
  ['a.b.c', 't20'],
  ['*.#', 't21'],
  ['#.*.#', 't22'],
  ['*.#.#', 't23'],
  ['*', 't25'],
  ['#.b.#', 't26'],
]
const allMatches: readonly (readonly [key: string, queues: string])[] = [
  ['a.b.c', 't1 t10 t11 t12 t18 t2 t20 t21 t22 t23 t26 t5 t6'],
  ['a.b', 't11 t12 t15 t21 t22 t23 t26 t3 t5 t6 t7 t8 t9'],
  ['a.b.b', 't11 t12 t14 t18 t21 t22 t23 t26 t3 t5 t6 t7'],
  ['', 't17 t5 t6'],
  ['b.c.c', 't18 t21 t22 t23 t26 t5 t6'],
  ['a.a.a.a.a', 't11 t12 t21 t22 t23 t5 t6'],
  ['vodka.gin', 't21 t22 t23 t5 t6 t8'],
  ['vodka.martini', 't19 t21 t22 t23 t5 t6 t8'],
  ['b.b.c', 't10 t13 t18 t21 t22 t23 t26 t5 t6'],
  ['nothing.here.at.all', 't21 t22 t23 t5 t6'],
  ['oneword', 't21 t22 t23 t25 t5 t6'],
]
const fewerMatches: readonly (readonly [key: string, queues: string])[] = [
  ['a.b.c', 't10 t12 t18 t2 t20 t22 t23 t26 t6'],
  ['a.b', 't12 t15 t22 t23 t26 t3 t6 t7 t8 t9'],
  ['', 't17 t6'],
  ['vodka.martini', 't22 t23 t6 t8'],
  ['oneword', 't22 t23 t25 t6'],
]

describe('topic', () => {
  const world = new PublishWorld()
  world.exchange('x', 'topic')
  for (const [pattern, queue] of patterns) {
    world.queue(queue)
    world.bind('x', queue, pattern)
  }

  for (const [key, queues] of allMatches)
    test(`'${key}' goes to ${queues}`, () => {
      expect(world.arrivals('x', key)).toBe(queues)
    })

  test('unbinding leaves the others', () => {
    for (const queue of ['t1', 't5', 't11', 't19', 't21']) {
      const [routingKey] = patterns.find(([, name]) => name === queue)!
      const rest = { namespace: '/', destinationKind: 'queue', declared: {} } as const
      world.exchanges.unbind({ ...rest, source: 'x', destination: queue, routingKey })
    }
    for (const [key, queues] of fewerMatches) expect(world.arrivals('x', key)).toBe(queues)
  })

  test('agrees with a naive matcher, whatever the patterns', () => {
    const word = fc.constantFrom('a', 'b', '')
    const pattern = fc.array(fc.oneof(word, fc.constantFrom('*', '#')), { maxLength: 5 })
    const key = fc.array(word, { maxLength: 5 })
    const patternList = fc.uniqueArray(
      pattern.map(words => words.join('.')),
      { maxLength: 6 },
    )
    fc.assert(
      fc.property(patternList, fc.array(key, { maxLength: 6 }), (names, keys) => {
        const fresh = new PublishWorld()
        fresh.exchange('x', 'topic')
        for (const name of names) {
          fresh.queue(`q:${name}`)
          fresh.bind('x', `q:${name}`, name)
        }
        for (const words of keys.map(list => list.join('.'))) {
          const expected = names.filter(name => naive(split(name), split(words)))
          const queues = expected.map(name => `q:${name}`).sort()
          expect(fresh.arrivals('x', words)).toBe(queues.join(' '))
        }
      }),
      { numRuns: 300 },
    )
  })

  test('many wildcards do not explode', () => {
    const fresh = new PublishWorld()
    fresh.exchange('x', 'topic')
    fresh.queue('q')
    fresh.bind('x', 'q', Array.from({ length: 60 }, () => '#.a').join('.'))
    const key = Array.from({ length: 120 }, () => 'a').join('.')
    expect(fresh.arrivals('x', key)).toBe('q')
    expect(fresh.arrivals('x', `${key}.b`)).toBe('')
  })
})

const split = (text: string): string[] => (text === '' ? [] : text.split('.'))

function naive(pattern: string[], key: string[]): boolean {
  const [head, ...rest] = pattern
  if (head === undefined) return key.length === 0
  if (head === '#') return naive(rest, key) || (key.length > 0 && naive(pattern, key.slice(1)))
  if (key.length === 0) return false
  return (head === '*' || head === key[0]) && naive(rest, key.slice(1))
}

describe('headers', () => {
  type Case = [
    name: string,
    declared: Record<string, unknown>,
    headers: Record<string, CommonValue>,
    matches: boolean,
  ]
  const cases: Case[] = [
    ['all: all there', { 'x-match': 'all', a: 1, b: 'x' }, { a: 1, b: 'x', c: 0 }, true],
    ['all: one missing', { 'x-match': 'all', a: 1, b: 'x' }, { a: 1 }, false],
    ['all: one differs', { 'x-match': 'all', a: 1, b: 'x' }, { a: 1, b: 'y' }, false],
    ['all is the default', { a: 1, b: 2 }, { a: 1 }, false],
    ['all of nothing', {}, { a: 1 }, true],
    ['all of nothing, no headers', { 'x-match': 'all' }, {}, true],
    ['any: one is enough', { 'x-match': 'any', a: 1, b: 2 }, { b: 2 }, true],
    ['any: none', { 'x-match': 'any', a: 1, b: 2 }, { a: 2, b: 1 }, false],
    ['any of nothing', { 'x-match': 'any' }, { a: 1 }, false],
    ['void is presence', { 'x-match': 'all', a: null }, { a: 'whatever' }, true],
    ['void is not absence', { 'x-match': 'any', a: null }, { b: 1 }, false],
    ['a text is no number', { a: '1' }, { a: 1 }, false],
    ['widths do not matter', { a: 5 }, { a: 5n }, true],
    ['bytes are a text', { a: 'x' }, { a: Buffer.from('x') }, true],
    ['bytes that are no text', { a: '_w' }, { a: Buffer.from([0xff]) }, true],
    ['numbers beyond JSON', { a: '9007199254740993' }, { a: 9007199254740993n }, true],
    ['seconds', { a: 5 }, { a: { kind: 'timestamp', millis: 5000 } }, true],
    ['decimals', { a: 1.25 }, { a: { kind: 'decimal', scale: 2, unscaled: 125 } }, true],
    ['booleans', { a: true }, { a: true }, true],
    ['a boolean is no text', { a: true }, { a: 'true' }, false],
    ['lists', { a: [1, 'b'] }, { a: [1, 'b'] }, true],
    ['lists that differ', { a: [1, 'b'] }, { a: ['1', 'b'] }, false],
    ['tables', { a: { k: 1 } }, { a: new Map([['k', 1]]) }, true],
    ['all: x- is skipped', { 'x-match': 'all', 'x-a': 1, b: 2 }, { b: 2 }, true],
    ['all-with-x: x- counts', { 'x-match': 'all-with-x', 'x-a': 1, b: 2 }, { b: 2 }, false],
    ['all-with-x', { 'x-match': 'all-with-x', 'x-a': 1, b: 2 }, { b: 2, 'x-a': 1 }, true],
    ['any: x- is skipped', { 'x-match': 'any', 'x-a': 1, b: 2 }, { 'x-a': 1 }, false],
    ['any-with-x: x- counts', { 'x-match': 'any-with-x', 'x-a': 1, b: 2 }, { 'x-a': 1 }, true],
  ]

  for (const [name, declared, headers, matches] of cases)
    test(name, () => {
      const world = new PublishWorld()
      world.queue('q')
      world.bind('amq.headers', 'q', 'ignored', { declared })
      expect(world.arrivals('amq.headers', 'key', headers)).toBe(matches ? 'q' : '')
      world.exchanges.unbind(world.bind('amq.headers', 'q', 'ignored', { declared }))
      expect(world.arrivals('amq.headers', 'key', headers)).toBe('')
    })

  test('an x-match that nobody knows is refused', () => {
    const world = new PublishWorld()
    world.queue('q')
    expect(() => world.bind('amq.match', 'q', '', { declared: { 'x-match': 'some' } })).toThrow(
      'Invalid x-match field value <<"some">>; expected all, any, all-with-x, or any-with-x',
    )
  })
})

describe('hashing', () => {
  const spread = (world: PublishWorld, count: number): Map<string, string> =>
    new Map(
      Array.from({ length: count }, (_, index) => {
        return [`key-${index}`, world.arrivals('x', `key-${index}`)] as const
      }),
    )
  const share = (routes: Map<string, string>, queue: string): number =>
    [...routes.values()].filter(found => found === queue).length / routes.size

  function hashed(type: ExchangeType, queues: readonly string[], weight = '1'): PublishWorld {
    const world = new PublishWorld()
    world.exchange('x', type)
    for (const queue of queues) {
      world.queue(queue)
      world.bind('x', queue, weight)
    }
    return world
  }

  test('a consistent hash spreads evenly, and each key keeps its queue', () => {
    const queues = ['q1', 'q2', 'q3', 'q4']
    const routes = spread(hashed('x-consistent-hash', queues), 4000)
    for (const queue of queues) expect(Math.abs(share(routes, queue) - 0.25)).toBeLessThan(0.04)
    expect(spread(hashed('x-consistent-hash', [...queues].reverse()), 4000)).toEqual(routes)
  })

  test('weights are shares', () => {
    const world = hashed('x-consistent-hash', ['q1'], '3')
    world.queue('q2')
    world.bind('x', 'q2', '1')
    expect(Math.abs(share(spread(world, 4000), 'q1') - 0.75)).toBeLessThan(0.04)
  })

  test('only keys of a queue that came or went move', () => {
    const world = hashed('x-consistent-hash', ['q1', 'q2', 'q3'])
    const before = spread(world, 2000)
    world.queue('q4')
    world.bind('x', 'q4', '1')
    for (const [key, queue] of spread(world, 2000))
      if (queue !== 'q4') expect(queue).toBe(before.get(key))
    world.queues.remove('/', 'q4')
    expect(spread(world, 2000)).toEqual(before)
  })

  test('a header or a property can be hashed instead', () => {
    const world = new PublishWorld()
    world.exchange('h', 'x-consistent-hash', { declared: { 'hash-header': 'user' } })
    world.exchange('p', 'x-consistent-hash', { declared: { 'hash-property': 'message_id' } })
    const queues = Array.from({ length: 8 }, (_, index) => world.queue(`q${index}`))
    for (const { spec } of queues) for (const x of ['h', 'p']) world.bind(x, spec.name, '1')
    const byHeader = new Set<string>()
    for (let index = 0; index < 50; index++)
      byHeader.add(world.arrivals('h', `k${index}`, { user: 'anna' }))
    expect(byHeader.size).toBe(1)
    for (let index = 0; index < 50; index++)
      world.send(world.message('p', `k${index}`, 'm', {}, { messageId: 'same' }))
    expect(queues.filter(({ taken }) => taken.length > 1)).toHaveLength(1)
  })

  const weights: [key: string, flaw: string][] = [
    ['x', 'The binding key must be an integer'],
    ['', 'The binding key must be an integer'],
    ['0', 'The binding key must be greater than 0'],
    ['10001', 'The binding key must not exceed 10000'],
  ]
  for (const [key, flaw] of weights)
    test(`a weight of '${key}' is refused`, () => {
      const world = hashed('x-consistent-hash', [])
      world.queue('q')
      expect(() => world.bind('x', 'q', key)).toThrow(flaw)
    })

  test('the modulus keeps to the order of names', () => {
    const one = spread(hashed('x-modulus-hash', ['q1', 'q2', 'q3']), 900)
    expect(spread(hashed('x-modulus-hash', ['q3', 'q1', 'q2']), 900)).toEqual(one)
    for (const queue of ['q1', 'q2', 'q3'])
      expect(Math.abs(share(one, queue) - 1 / 3)).toBeLessThan(0.06)
  })

  test('random ones reach all, one at a time', () => {
    for (const type of ['x-random', 'x-local-random'] as const) {
      const world = hashed(type, ['q1', 'q2', 'q3'], '')
      const found = new Set(Array.from({ length: 100 }, () => world.arrivals('x', 'k')))
      expect([...found].sort()).toEqual(['q1', 'q2', 'q3'])
    }
  })
})

describe('recent history', () => {
  test('the last messages go to whoever is bound later, the oldest first', () => {
    const world = new PublishWorld()
    world.exchange('x', 'x-recent-history', { declared: { 'x-recent-history-length': 2 } })
    for (const body of ['1', '2', '3']) world.publish('x', 'key', body)
    world.send(world.message('x', 'key', 'not this', { 'x-recent-history-no-store': true }))
    const queue = world.queue('q')
    world.bind('x', 'q')
    expect(queue.bodies).toEqual(['2', '3'])
    world.publish('x', 'key', '4')
    expect(queue.bodies).toEqual(['2', '3', '4'])
    expect(queue.taken[0]?.routingKey).toBe('key')
  })

  test('also through an exchange that is bound later', () => {
    const world = new PublishWorld()
    world.exchange('x', 'x-recent-history')
    world.exchange('y', 'direct')
    const queue = world.queue('q')
    world.bind('y', 'q', 'key')
    world.publish('x', 'key', '1')
    world.publish('x', 'other', '2')
    world.bind('x', 'y', '', { destinationKind: 'exchange' })
    expect(queue.bodies).toEqual(['1'])
  })

  test('a length that is none is refused', () => {
    const declared = { 'x-recent-history-length': 0 }
    expect(() => new PublishWorld().exchange('x', 'x-recent-history', { declared })).toThrow(
      "'x-recent-history-length' must be a positive integer",
    )
  })
})
