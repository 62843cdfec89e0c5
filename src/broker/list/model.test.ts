import fc from 'fast-check'
import { expect, test } from 'vitest'
import { accept, requeue, requeueCounted, type Settlement } from '../queue/index.ts'
import { QueueWorld, type TestConsumer } from '../queue/world.fixture.ts'
import { Element, type List, Lists, type Side } from './index.ts'

/**
 * A list against a plain array, with an AMQP-like consumer that takes from its head, turns that
 * end when they like, and crashes. The array is what is ready; what is out is beside it, with the
 * place it would come back to.
 */

const NAME = 'q'
const RUNS = Number(process.env['MODEL_RUNS'] ?? 300)

type Item = { readonly body: string; readonly rank: number }

class Model {
  /** The leftmost first. */
  items: Item[] = []
  out: Item[] = []
  head: Side = 'right'
  #ranks = 0

  get bodies(): string[] {
    return this.items.map(({ body }) => body)
  }

  push(side: Side, body: string): void {
    if (this.items.length === 0) this.head = side === 'left' ? 'right' : 'left'
    const item = { body, rank: ++this.#ranks }
    if (side === 'left') this.items.unshift(item)
    else this.items.push(item)
  }

  pop(side: Side): string | undefined {
    return (side === 'left' ? this.items.shift() : this.items.pop())?.body
  }
}

const side = fc.constantFrom<Side>('left', 'right')
const small = fc.integer({ min: 0, max: 12 })
const body = fc.constantFrom('a', 'b', 'c')
const command = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('push' as const), side, count: small }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('pop' as const), side, count: small }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('move' as const), side, to: side }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('set' as const), at: small, body }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('insert' as const), at: small, body }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('remove' as const),
      count: fc.integer({ min: -2, max: 2 }),
      body,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('trim' as const), from: small, to: small }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('delete' as const) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('turn' as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('crash' as const), isSnapshot: fc.boolean() }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('consume' as const), count: small }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('accept' as const), at: small }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('requeue' as const),
      at: small,
      isCounted: fc.boolean(),
    }),
  },
)
type Command = typeof command extends fc.Arbitrary<infer C> ? C : never

class Play {
  readonly world = new QueueWorld()
  readonly element = new Element()
  model = new Model()
  lists = this.#lists()
  consumer: TestConsumer | null = null
  #bodies = 0

  get list(): List {
    return this.lists.open('/', NAME)
  }

  run(one: Command): void {
    const { model } = this
    switch (one.kind) {
      case 'push':
        for (let index = 0; index < one.count; index++)
          this.push(one.side, `${'abc'[this.#bodies++ % 3]}`)
        return
      case 'pop':
        for (let index = 0; index < one.count; index++) {
          const found = this.list.pop(one.side, this.element) ? this.text : undefined
          expect(found).toBe(model.pop(one.side))
        }
        return
      case 'move': {
        const moved = model.pop(one.side)
        expect(this.list.move(one.side, this.list, one.to, this.element)).toBe(moved !== undefined)
        if (moved === undefined) return
        expect(this.text).toBe(moved)
        model.items =
          one.to === 'left' ? [itemOf(moved), ...model.items] : [...model.items, itemOf(moved)]
        return
      }
      case 'set':
        if (one.at >= model.items.length) return
        this.list.set(one.at, Buffer.from(one.body))
        model.items[one.at] = itemOf(one.body)
        return
      case 'insert':
        return this.insert(one.at, one.body)
      case 'remove':
        return this.remove(one.count, one.body)
      case 'trim':
        if (one.from >= model.items.length || one.to >= model.items.length) return
        this.list.trim(one.from, one.to)
        model.items = one.from > one.to ? [] : model.items.slice(one.from, one.to + 1)
        return
      case 'delete':
        expect(this.lists.delete('/', NAME)).toBe(model.items.length > 0)
        model.items = []
        return
      case 'turn':
        return this.world.settle()
      case 'crash':
        return this.crash(one.isSnapshot)
      case 'consume':
        return this.consume(one.count)
      case 'accept':
        return this.settle(one.at, accept)
      case 'requeue':
        return this.settle(one.at, one.isCounted ? requeueCounted : requeue)
    }
  }

  get text(): string {
    return this.element.copy().toString()
  }

  push(side: Side, text: string): void {
    expect(this.list.push(side, Buffer.from(text))).toBe(true)
    this.model.push(side, text)
  }

  insert(at: number, text: string): void {
    const { model } = this
    if (at > model.items.length) return
    if (at === 0 || at === model.items.length) model.push(at === 0 ? 'left' : 'right', text)
    else model.items.splice(at, 0, itemOf(text))
    this.list.insert(at, Buffer.from(text))
  }

  remove(count: number, text: string): void {
    const { model } = this
    const found: number[] = []
    const most = count === 0 ? Infinity : Math.abs(count)
    const order = model.items.map((_, index) => index)
    for (const index of count < 0 ? order.reverse() : order)
      if (model.items[index]!.body === text && found.length < most) found.push(index)
    expect(this.list.remove(count, Buffer.from(text))).toBe(found.length)
    model.items = model.items.filter((_, index) => !found.includes(index))
  }

  /** A consumer takes so many from the head; what is not confirmed it does not see. */
  consume(count: number): void {
    const { world, model } = this
    this.check()
    world.settle()
    for (let index = 0; index < count; index++) {
      const { got } = world.pull()
      const isLeft = this.list.length >= 0 && world.queue(NAME).head === 'left'
      const taken = isLeft ? model.items.shift() : model.items.pop()
      expect(got?.body).toBe(taken?.body)
      if (got === null || got === undefined) return
      model.out.push({ body: got.body, rank: got.offset })
    }
  }

  settle(at: number, settlement: Settlement): void {
    const [item] = this.model.out.splice(at, 1)
    if (item === undefined) return
    const before = this.bodies()
    this.world.queue(NAME).settle(0, item.rank as never, settlement)
    if (settlement === accept) return expect(this.bodies()).toEqual(before)
    this.#cameBack(before, [item.body])
  }

  crash(isSnapshot: boolean): void {
    this.world.settle()
    if (isSnapshot) this.world.checkpoint()
    const before = this.bodies()
    this.world.crash()
    this.lists = this.#lists()
    this.#cameBack(
      before,
      this.model.out.splice(0).map(({ body: text }) => text),
    )
  }

  /** Wherever they are now: all the others are in the order they had. */
  #cameBack(before: readonly string[], back: readonly string[]): void {
    const now = this.bodies()
    expect(now.toSorted()).toEqual([...before, ...back].toSorted())
    expect(isWithin(before, now)).toBe(true)
    this.model.items = now.map(itemOf)
  }

  bodies(): string[] {
    const { list } = this
    const found: string[] = []
    if (list.length > 0)
      list.each(0, list.length - 1, element => found.push(element.copy().toString()))
    return found
  }

  check(): void {
    const { bodies } = this.model
    const { list } = this
    expect(list.length).toBe(bodies.length)
    expect(this.bodies()).toEqual(bodies)
    const back: string[] = []
    if (bodies.length > 0)
      list.each(bodies.length - 1, 0, element => back.push(element.copy().toString()))
    expect(back).toEqual(bodies.toReversed())
    for (let index = -2; index <= bodies.length; index++) {
      expect(list.at(index, this.element) ? this.text : undefined).toBe(bodies.at(index))
    }
    if (bodies.length > 0 && this.model.out.length === 0)
      expect(this.world.queue(NAME).readyCount).toBe(bodies.length)
    expect(this.world.queue(NAME).unsettledCount).toBe(this.model.out.length)
  }

  #lists(): Lists {
    const { queues, topics } = this.world
    const runtime = queues.runtime
    return new Lists(runtime, { queues, topics })
  }
}

const itemOf = (text: string): Item => ({ body: text, rank: 0 })

/** Whether all of the one are in the other, in order. */
function isWithin(part: readonly string[], whole: readonly string[]): boolean {
  let at = 0
  for (const text of whole) if (text === part[at]) at++
  return at === part.length
}

test('a list does what an array does, with consumers and crashes', () => {
  fc.assert(
    fc.property(fc.array(command, { maxLength: 60, size: 'max' }), commands => {
      const play = new Play()
      for (const one of commands) {
        play.run(one)
        play.check()
      }
    }),
    { numRuns: RUNS },
  )
})
