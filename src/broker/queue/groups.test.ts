import fc from 'fast-check'
import { expect, it } from 'vitest'
import { accept, requeue, type RetryPolicy } from './index.ts'
import { type Got, QueueWorld, TestConsumer } from './world.fixture.ts'

type Step =
  | { kind: 'publish'; keys: readonly number[] }
  | { kind: 'credit'; which: number }
  | { kind: 'detach'; which: number }
  | { kind: 'settle'; which: number; message: number; isAccepted: boolean }
  | { kind: 'attach'; credit: number }
  | { kind: 'crash' }

const index = fc.nat({ max: 20 })
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('publish' as const),
      keys: fc.array(fc.nat({ max: 3 }), { minLength: 1, maxLength: 6 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constantFrom('credit' as const, 'credit' as const, 'detach' as const),
      which: index,
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('settle' as const),
      which: index,
      message: index,
      isAccepted: fc.boolean(),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('attach' as const),
      credit: fc.integer({ min: 1, max: 3 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('crash' as const) }) },
)

const keyOf = (body: string): string => body[0]!

/** What message groups promise, checked at each delivery. */
class Watched {
  readonly world = new QueueWorld()
  #consumers: TestConsumer[] = []
  /** Not settled, in order, for each key. */
  readonly #left = new Map<string, string[]>()
  readonly #isRetrying: boolean
  #published = 0

  /** `isRetrying`: what comes back is handed out again later, and keeps its group waiting. */
  constructor(isRetrying = false) {
    this.#isRetrying = isRetrying
    const retry: RetryPolicy = {
      applies: 'all',
      backoff: [100, 30],
      delayMsMin: 0,
      delayMsMax: 100,
    }
    this.world.declare({ isGrouped: true, retry: isRetrying ? retry : null })
  }

  step(step: Step): void {
    const { world } = this
    if (step.kind === 'publish') {
      for (const key of step.keys) {
        const body = `${key}-${this.#published++}`
        this.#left.set(`${key}`, [...(this.#left.get(`${key}`) ?? []), body])
        world.publish(body, { key: `${key}` })
      }
    } else if (step.kind === 'attach') this.#attach(step.credit)
    else if (step.kind === 'crash') {
      world.crash()
      this.#consumers = []
    } else this.#act(step)
    world.settle()
    if (this.#isRetrying) return
    const left = [...this.#left.values()].flat()
    const held = this.#consumers.flatMap(({ unsettled }) => unsettled)
    expect(world.queue()).toMatchObject({
      readyCount: left.length - held.length,
      unsettledCount: held.length,
    })
    this.#checkProgress(held)
  }

  /** Whoever comes last gets all that is left, in order within each key. */
  finish(): void {
    for (const consumer of [...this.#consumers]) this.#detach(consumer)
    this.world.settle()
    this.world.advance(100)
    this.world.settle()
    const last = new TestConsumer('last', Number.POSITIVE_INFINITY, { isAutoAccepted: true })
    this.world.queue().attach(last, last.options)
    this.world.settle()
    for (const [key, left] of this.#left)
      expect(last.bodies.filter(body => keyOf(body) === key)).toEqual(left)
  }

  #attach(credit: number): void {
    if (this.#consumers.length >= 4) return
    const consumer = new TestConsumer(`c${this.#consumers.length}`, credit)
    consumer.onDelivery = got => this.#delivered(consumer, got)
    this.#consumers.push(consumer)
    this.world.queue().attach(consumer, consumer.options)
  }

  #act(step: Extract<Step, { which: number }>): void {
    const consumer = this.#consumers[step.which % Math.max(1, this.#consumers.length)]
    if (consumer === undefined) return
    if (this.#isRetrying && step.kind === 'credit') this.world.advance(35)
    if (step.kind === 'detach') this.#detach(consumer)
    else if (step.kind === 'credit') {
      consumer.credit++
      this.world.queue().wake(consumer)
    } else {
      const held = consumer.unsettled[step.message % Math.max(1, consumer.unsettled.length)]
      if (held === undefined) return
      if (step.isAccepted) this.#forget(held.body)
      consumer.settle(this.world.queue(), step.isAccepted ? accept : requeue, held.body)
    }
  }

  #detach(consumer: TestConsumer): void {
    this.#consumers = this.#consumers.filter(other => other !== consumer)
    this.world.queue().detach(consumer)
    for (const { lane, offset } of consumer.unsettled)
      this.world.queue().settle(lane, offset, requeue)
  }

  #forget(body: string): void {
    const left = this.#left.get(keyOf(body))!
    left.splice(left.indexOf(body), 1)
  }

  #delivered(consumer: TestConsumer, { body }: Got): void {
    const key = keyOf(body)
    const ofKey = (got: Got): boolean => keyOf(got.body) === key
    for (const other of this.#consumers)
      if (other !== consumer) expect(other.unsettled.filter(ofKey)).toEqual([])
    const held = new Set(consumer.unsettled.map(got => got.body))
    held.delete(body)
    expect(body).toBe(this.#left.get(key)!.find(one => !held.has(one)))
  }

  /** Nobody is ready while there is something that nobody else's group keeps from them. */
  #checkProgress(held: readonly Got[]): void {
    for (const consumer of this.#consumers.filter(({ isReady }) => isReady)) {
      const taken = new Set(held.map(({ body }) => keyOf(body)))
      for (const { body } of consumer.unsettled) taken.delete(keyOf(body))
      const bodies = new Set(held.map(({ body }) => body))
      for (const [key, left] of this.#left)
        if (!taken.has(key)) expect(left.filter(body => !bodies.has(body))).toEqual([])
    }
  }
}

it('messages of a group are with one consumer at a time, in order, and none is lost', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), steps => {
      const watched = new Watched()
      for (const one of steps) watched.step(one)
      watched.finish()
    }),
    { numRuns: Number(process.env['MODEL_RUNS'] ?? 150) },
  )
}, 120_000)

it('a message that is tried again later keeps its group waiting, and no other', () => {
  const lasting = step.filter(({ kind }) => kind !== 'crash')
  fc.assert(
    fc.property(fc.array(lasting, { maxLength: 60 }), steps => {
      const watched = new Watched(true)
      for (const one of steps) watched.step(one)
      watched.finish()
    }),
    { numRuns: Number(process.env['MODEL_RUNS'] ?? 150) },
  )
}, 120_000)

it('while one of a group waits for its time, other groups go on', () => {
  const world = new QueueWorld()
  const retry: RetryPolicy = { applies: 'all', backoff: [100], delayMsMin: 0, delayMsMax: 100 }
  world.declare({ isGrouped: true, retry })
  const consumer = new TestConsumer('c', 9)
  for (const body of ['a1', 'b1', 'a2', 'b2']) world.publish(body, { key: body[0]! })
  consumer.credit = 1
  world.queue().attach(consumer, consumer.options)
  world.settle()
  consumer.settle(world.queue(), requeue, 'a1')
  consumer.credit = 9
  world.queue().wake(consumer)
  world.settle()
  expect(consumer.bodies).toEqual(['a1', 'b1', 'b2'])
  world.advance(99)
  world.settle()
  expect(consumer.bodies).toEqual(['a1', 'b1', 'b2'])
  world.advance(1)
  world.settle()
  expect(consumer.bodies).toEqual(['a1', 'b1', 'b2', 'a1', 'a2'])
})
