import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Binding, ExchangeType, Route } from '../routing/index.ts'
import { type FakeQueue, PublishWorld } from './world.fixture.ts'

const queueNames = ['q1', 'q2', 'q3'] as const
const exchangeNames = ['x', 'y', 'z'] as const
const keys = ['q1', 'a.b', 'a'] as const
const patterns = [...keys, '#', 'a.*'] as const

type Model = {
  queues: Set<string>
  exchanges: Map<string, { type: ExchangeType; alternate: string | null; isAutoDelete: boolean }>
  bindings: Map<string, Binding>
}

type Step =
  | { kind: 'queue' | 'noQueue'; queue: string }
  | { kind: 'exchange'; name: string; type: ExchangeType; alternate: string | null; auto: boolean }
  | { kind: 'noExchange'; name: string }
  | { kind: 'bind' | 'unbind'; source: string; destination: string; key: string }
  | { kind: 'publish'; exchange: string; key: string; copies: string[] | null }
  | { kind: 'restart'; withSnapshot: boolean }

const queue = fc.constantFrom(...queueNames)
const exchange = fc.constantFrom(...exchangeNames)
const key = fc.constantFrom(...keys)
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('queue' as const), queue }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('noQueue' as const), queue }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('exchange' as const),
      name: exchange,
      type: fc.constantFrom('direct', 'fanout', 'topic'),
      alternate: fc.option(fc.constantFrom(...exchangeNames, ''), { freq: 2 }),
      auto: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('noExchange' as const), name: exchange }) },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constantFrom('bind' as const, 'bind' as const, 'unbind' as const),
      source: exchange,
      destination: fc.oneof(queue, exchange),
      key: fc.constantFrom(...patterns),
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('publish' as const),
      exchange: fc.oneof(exchange, fc.constant('')),
      key,
      copies: fc.option(fc.array(key, { minLength: 1, maxLength: 2 }), { freq: 4 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('restart' as const), withSnapshot: fc.boolean() }),
  },
)

function matches(type: ExchangeType, pattern: string, routingKey: string): boolean {
  if (type === 'fanout' || pattern === routingKey) return true
  if (type === 'direct') return false
  return pattern === '#' || (pattern === 'a.*' && routingKey === 'a.b')
}

/** Where a message goes, worked out from lists. */
function naive(model: Model, exchangeName: string, routingKeys: readonly string[]): string {
  const found = new Set<string>()
  const seen = new Set<string>()
  const visit = (name: string): void => {
    if (seen.has(name)) return
    seen.add(name)
    if (name === '') {
      for (const routingKey of routingKeys) if (model.queues.has(routingKey)) found.add(routingKey)
      return
    }
    const here = model.exchanges.get(name)
    if (here === undefined) return
    const matching = [...model.bindings.values()].filter(
      binding =>
        binding.source === name &&
        routingKeys.some(one => matches(here.type, binding.routingKey, one)),
    )
    for (const { destination, destinationKind } of matching) {
      if (destinationKind === 'exchange') visit(destination)
      else found.add(destination)
    }
    if (matching.length === 0 && here.alternate !== null) visit(here.alternate)
  }
  visit(exchangeName)
  return [...found].sort().join(' ')
}

/** Removes what hangs on what is gone, until nothing does. */
function prune(model: Model, touched: ReadonlySet<string>): void {
  const before = [...model.bindings]
  const sources = new Set(touched)
  for (const [id, { source, destination, destinationKind }] of before) {
    const isThere =
      model.exchanges.has(source) &&
      (destinationKind === 'exchange'
        ? model.exchanges.has(destination)
        : model.queues.has(destination))
    if (isThere) continue
    model.bindings.delete(id)
    sources.add(source)
  }
  let isChanged = false
  for (const name of sources) {
    const isUsed = [...model.bindings.values()].some(({ source }) => source === name)
    if (model.exchanges.get(name)?.isAutoDelete !== true || isUsed) continue
    model.exchanges.delete(name)
    isChanged = true
  }
  if (isChanged) prune(model, new Set())
}

class Pair {
  readonly world = new PublishWorld()
  readonly model: Model = { queues: new Set(), exchanges: new Map(), bindings: new Map() }
  /** As a protocol keeps them. */
  routes = new Map<string, Route>()

  run(one: Step): void {
    const { world, model } = this
    switch (one.kind) {
      case 'queue':
        if (!model.queues.has(one.queue)) world.queue(one.queue)
        model.queues.add(one.queue)
        break
      case 'noQueue':
        if (model.queues.delete(one.queue)) world.queues.remove('/', one.queue)
        prune(model, new Set())
        break
      case 'exchange':
        this.#declare(one)
        break
      case 'noExchange':
        if (!model.exchanges.delete(one.name)) return
        world.exchanges.delete(world.exchanges.existing('/', one.name))
        prune(model, new Set())
        break
      case 'bind':
      case 'unbind':
        this.#bind(one)
        break
      case 'publish':
        this.#publish(one)
        break
      case 'restart':
        if (one.withSnapshot) world.checkpoint()
        world.reopen()
        this.routes = new Map()
    }
  }

  #declare(one: Step & { kind: 'exchange' }): void {
    if (this.model.exchanges.has(one.name)) return
    const declared = one.alternate === null ? {} : { 'alternate-exchange': one.alternate }
    this.world.exchange(one.name, one.type, { declared, isAutoDelete: one.auto })
    const { type, alternate, auto: isAutoDelete } = one
    this.model.exchanges.set(one.name, { type, alternate, isAutoDelete })
  }

  #bind(one: Step & { kind: 'bind' | 'unbind' }): void {
    const { model } = this
    const isQueue = one.destination.startsWith('q')
    const isThere = isQueue
      ? model.queues.has(one.destination)
      : model.exchanges.has(one.destination)
    if (!isThere || !model.exchanges.has(one.source)) return
    const binding: Binding = {
      namespace: '/',
      source: one.source,
      destination: one.destination,
      destinationKind: isQueue ? 'queue' : 'exchange',
      routingKey: one.key,
      declared: {},
    }
    const id = `${one.source} ${one.destination} ${one.key}`
    this.world.exchanges[one.kind](binding)
    if (one.kind === 'bind') model.bindings.set(id, binding)
    else if (model.bindings.delete(id)) prune(model, new Set([one.source]))
  }

  #publish(one: Step & { kind: 'publish' }): void {
    const { world, model } = this
    const isThere = one.exchange === '' || model.exchanges.has(one.exchange)
    if (!isThere) {
      expect(() => world.publisher.route('/', one.exchange, one.key)).toThrow('no exchange')
      return
    }
    // All queues of this world are fakes.
    const queues = [...world.queues.byKey.values()] as unknown as FakeQueue[]
    for (const { taken } of queues) taken.length = 0
    const address = `${one.exchange} ${one.key}`
    const known = this.routes.get(address)
    const route =
      known === undefined || known.isStale
        ? world.publisher.route('/', one.exchange, one.key)
        : known
    this.routes.set(address, route)
    const message = world.message(one.exchange, one.key, 'm')
    message.copies = one.copies
    const bits = world.publisher.publish(route, message)
    const taken = queues.flatMap(fake => fake.taken.map(() => fake.spec.name)).sort()
    expect(taken.join(' ')).toBe(naive(model, one.exchange, [one.key, ...(one.copies ?? [])]))
    expect(bits !== 0).toBe(taken.length > 0)
  }
}

test('routes that are kept lead where a naive router leads, whatever changed meanwhile', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60, size: 'max' }), steps => {
      const pair = new Pair()
      for (const one of steps) pair.run(one)
    }),
    { numRuns: 500 },
  )
})
