import fc from 'fast-check'
import { expect, it } from 'vitest'
import { accept, type QueueSettings, reject, requeue, requeueCounted } from './index.ts'
import { type Got, QueueWorld, TestConsumer } from './world.fixture.ts'

/** A queue as somebody would explain it: a sorted list of messages. */
type ModelMessage = {
  readonly body: string
  readonly seq: number
  readonly priority: number
  readonly expiresAt: number
  isOut: boolean
  readyAt: number
  count: number
  failures: number
}

type Settings = Pick<QueueSettings, 'priorityMax' | 'deliveryLimit' | 'messageTtlMs'> & {
  readonly retryMs: number | null
}

const settleKinds = { accept, requeue, requeueCounted, reject }
type SettleKind = keyof typeof settleKinds

class Model {
  readonly #settings: Settings
  readonly #now: () => number
  messages: ModelMessage[] = []
  lengthMax: number | null = null
  /** Deaths that a settlement has announced. */
  #doomed: { body: string; reason: string }[] = []
  #seq = 0

  constructor(settings: Settings, now: () => number) {
    this.#settings = settings
    this.#now = now
  }

  get ready(): ModelMessage[] {
    return this.messages
      .filter(({ isOut, readyAt }) => !isOut && readyAt <= this.#now())
      .toSorted((one, other) => other.priority - one.priority || one.seq - other.seq)
  }

  get outCount(): number {
    return this.messages.filter(({ isOut }) => isOut).length
  }

  /** The first of each priority whose time is over. */
  get expiredHeads(): ModelMessage[] {
    const heads = new Map<number, ModelMessage>()
    for (const message of this.ready)
      if (!heads.has(message.priority)) heads.set(message.priority, message)
    return [...heads.values()].filter(({ expiresAt }) => expiresAt <= this.#now())
  }

  publish(body: string, priority: number, ttlMs: number): void {
    const { messageTtlMs, priorityMax } = this.#settings
    const ttls = [ttlMs, messageTtlMs ?? -1].filter(ttl => ttl >= 0)
    this.messages.push({
      body,
      seq: this.#seq++,
      priority: Math.min(priority, priorityMax),
      expiresAt: ttls.length === 0 ? Infinity : this.#now() + Math.min(...ttls),
      isOut: false,
      readyAt: 0,
      count: 0,
      failures: 0,
    })
  }

  /** The queue handed this out: it has to be the first, and alive. */
  delivered({ body, count, failures }: Got, isAutoAccepted: boolean): void {
    const [first] = this.ready
    expect({ body, count, failures }, 'what is handed out').toEqual({
      body: first?.body,
      count: first?.count,
      failures: first?.failures,
    })
    expect(first!.expiresAt).toBeGreaterThan(this.#now())
    if (isAutoAccepted) this.#remove(first!)
    else first!.isOut = true
  }

  died(body: string, reason: string): void {
    const doomed = this.#doomed.findIndex(one => one.body === body && one.reason === reason)
    if (doomed >= 0) {
      this.#doomed.splice(doomed, 1)
      return
    }
    if (reason === 'expired') {
      const head = this.expiredHeads.find(message => message.body === body)
      expect(head, `${body} expired`).toBeDefined()
      this.#remove(head!)
      return
    }
    expect(reason).toBe('maxlen')
    expect(this.ready.length).toBeGreaterThan(this.lengthMax!)
    expect(this.ready[0]!.body).toBe(body)
    this.#remove(this.ready[0]!)
  }

  settle(body: string, kind: SettleKind): void {
    const message = this.messages.find(one => one.body === body)!
    if (kind === 'accept') return this.#remove(message)
    if (kind === 'reject') return this.#doom(message, 'rejected')
    const isCounted = kind === 'requeueCounted'
    message.failures += isCounted ? 1 : 0
    message.count++
    const { deliveryLimit, retryMs } = this.#settings
    if (isCounted && deliveryLimit !== null && message.failures > deliveryLimit)
      return this.#doom(message, 'delivery_limit')
    message.isOut = false
    message.readyAt = isCounted && retryMs !== null ? this.#now() + retryMs * message.failures : 0
  }

  purge(): number {
    const { ready } = this
    for (const message of ready) this.#remove(message)
    return ready.length
  }

  crashed(): void {
    for (const message of this.messages) {
      if (!message.isOut) continue
      message.isOut = false
      message.readyAt = 0
      message.count++
    }
  }

  save(): ModelMessage[] {
    return this.messages.map(message => ({ ...message }))
  }

  #doom(message: ModelMessage, reason: string): void {
    this.#doomed.push({ body: message.body, reason })
    this.#remove(message)
  }

  #remove(message: ModelMessage): void {
    this.messages = this.messages.filter(other => other !== message)
  }
}

type Step =
  | { kind: 'publish'; priority: number; ttlMs: number; times: number }
  | { kind: 'attach'; credit: number; isAutoAccepted: boolean; priority: number }
  | { kind: 'detach' | 'credit'; which: number }
  | { kind: 'settle'; which: number; message: number; how: SettleKind }
  | { kind: 'acceptUpTo'; which: number; message: number }
  | { kind: 'advance'; ms: number }
  | { kind: 'limit'; lengthMax: number | null }
  | { kind: 'pull' | 'purge' | 'checkpoint' }
  /** The step before it did not reach the disk, unless it is clean. */
  | { kind: 'crash'; isClean: boolean }

const index = fc.nat({ max: 20 })
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('publish' as const),
      priority: fc.nat({ max: 4 }),
      ttlMs: fc.constantFrom(-1, -1, 5, 50),
      times: fc.integer({ min: 1, max: 5 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('attach' as const),
      credit: fc.integer({ min: 0, max: 4 }),
      isAutoAccepted: fc.boolean(),
      priority: fc.nat({ max: 2 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constantFrom('detach' as const, 'credit' as const, 'credit' as const),
      which: index,
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('settle' as const),
      which: index,
      message: index,
      how: fc.constantFrom<SettleKind>('accept', 'requeue', 'requeueCounted', 'reject'),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('acceptUpTo' as const),
      which: index,
      message: index,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('advance' as const),
      ms: fc.constantFrom(1, 10, 100, 2000),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('limit' as const),
      lengthMax: fc.constantFrom(null, null, 2, 5),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constantFrom(
        'pull' as const,
        'pull' as const,
        'purge' as const,
        'checkpoint' as const,
      ),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('crash' as const), isClean: fc.boolean() }),
  },
)

/** Time goes on only when all is confirmed, and so does what these stand for. */
const confirming: readonly Step['kind'][] = ['advance', 'pull', 'checkpoint', 'crash']

/** Runs steps on both, and compares what happens as it happens. */
class Comparison {
  readonly world: QueueWorld
  readonly model: Model
  #consumers: TestConsumer[] = []
  #saved: ModelMessage[] = []
  #published = 0
  #pulled: Got[] = []

  constructor(settings: Settings & { isCold: boolean }) {
    this.world = new QueueWorld(settings.isCold)
    this.model = new Model(settings, () => this.world.now)
    this.world.onDead = ({ body, reason }) => this.model.died(body, reason)
    const { retryMs, isCold: _, ...own } = settings
    const retry =
      retryMs === null
        ? null
        : {
            applies: 'failed' as const,
            backoff: 'linear' as const,
            delayMsMin: retryMs,
            delayMsMax: 1e6,
          }
    this.world.declare({ ...own, retry, deadLetterExchange: 'dlx' })
  }

  async run(steps: readonly Step[]): Promise<void> {
    for (const [at, step] of steps.entries()) {
      const next = steps[at + 1]
      await this.#step(step)
      const isLost = next?.kind === 'crash' && !next.isClean && !confirming.includes(step.kind)
      if (isLost) this.world.turn()
      else await this.#rest()
    }
    await this.#drain()
  }

  async #rest(): Promise<void> {
    await this.world.rest()
    this.#saved = this.model.save()
    const { ready, lengthMax } = this.model
    if (lengthMax !== null) expect(ready.length).toBeLessThanOrEqual(lengthMax)
    expect(this.model.expiredHeads).toEqual([])
    expect(this.world.queue()).toMatchObject({
      readyCount: ready.length,
      unsettledCount: this.model.outCount,
    })
    if (this.#consumers.some(({ isReady }) => isReady)) expect(ready).toEqual([])
  }

  async #step(step: Step): Promise<void> {
    const { world, model } = this
    switch (step.kind) {
      case 'publish':
        for (let times = 0; times < step.times; times++) {
          const body = `m${this.#published++}`
          model.publish(body, step.priority, step.ttlMs)
          world.publish(body, step)
        }
        break
      case 'attach':
        this.#attach(step)
        break
      case 'detach':
        this.#detach(step.which)
        break
      case 'credit':
        this.#withConsumer(step.which, consumer => {
          consumer.credit++
          world.queue().wake(consumer)
        })
        break
      case 'settle':
        this.#settle(step)
        break
      case 'acceptUpTo':
        this.#acceptUpTo(step)
        break
      case 'advance':
        await this.#advance(step.ms)
        break
      case 'limit':
        model.lengthMax = step.lengthMax
        this.#limit(step.lengthMax)
        break
      case 'pull':
        await this.#pull()
        break
      case 'purge':
        expect(world.queue().purge()).toBe(model.purge())
        break
      case 'checkpoint':
        world.checkpoint()
        break
      case 'crash':
        this.#crash()
        break
      default:
    }
  }

  #attach({ credit, isAutoAccepted, priority }: Step & { kind: 'attach' }): void {
    if (this.#consumers.length >= 4) return
    const name = `c${this.#consumers.length}`
    const consumer = new TestConsumer(name, credit, { isAutoAccepted, priority })
    consumer.onDelivery = got => this.model.delivered(got, isAutoAccepted)
    this.#consumers.push(consumer)
    this.world.queue().attach(consumer, consumer.options)
  }

  /** As a channel that closes: what it holds goes back. */
  #detach(which: number): void {
    this.#withConsumer(which, consumer => {
      this.#consumers = this.#consumers.filter(other => other !== consumer)
      this.world.queue().detach(consumer)
      for (const { lane, offset, body } of consumer.unsettled) {
        this.model.settle(body, 'requeue')
        this.world.queue().settle(lane, offset, requeue)
      }
    })
  }

  #settle({ which, message, how }: Step & { kind: 'settle' }): void {
    this.#withConsumer(which, consumer => {
      const held = consumer.unsettled[message % Math.max(1, consumer.unsettled.length)]
      if (held === undefined) return
      this.model.settle(held.body, how)
      consumer.settle(this.world.queue(), settleKinds[how], held.body)
    })
  }

  /** All of a lane up to one message, in ranges as far as they go, as a multiple ack does. */
  #acceptUpTo({ which, message }: Step & { kind: 'acceptUpTo' }): void {
    this.#withConsumer(which, consumer => {
      const held = consumer.unsettled[message % Math.max(1, consumer.unsettled.length)]
      if (held === undefined) return
      const all = consumer.unsettled
        .filter(({ lane, offset }) => lane === held.lane && offset <= held.offset)
        .toSorted((one, other) => one.offset - other.offset)
      let first = 0
      for (const [at, { offset, body }] of all.entries()) {
        this.model.settle(body, 'accept')
        if (all[at + 1]?.offset === offset + 1) continue
        this.world.queue().settleRange(held.lane, all[first]!.offset, offset, accept)
        first = at + 1
      }
      consumer.unsettled = consumer.unsettled.filter(one => !all.includes(one))
      consumer.credit += all.length
      this.world.queue().wake(consumer)
    })
  }

  #limit(lengthMax: number | null): void {
    this.world.queues.effectiveSettings = (_spec, own) => ({ ...own, lengthMax })
    this.world.queues.policiesChanged()
  }

  async #pull(): Promise<void> {
    await this.#rest()
    // At once: what is behind it may expire in the same turn.
    const pulled = this.world.pull(false, got => {
      if (got === null) return expect(this.model.ready).toEqual([])
      this.model.delivered(got, false)
      this.#pulled.push(got)
    })
    await this.world.rest()
    expect(pulled.got).toBeDefined()
  }

  #crash(): void {
    this.model.messages = this.#saved
    this.model.crashed()
    this.#consumers = []
    this.#pulled = []
    this.world.crash()
    this.#limit(this.model.lengthMax)
  }

  /** In the end everything is there, once. */
  async #drain(): Promise<void> {
    await this.#rest()
    for (const { lane, offset, body } of this.#pulled) {
      this.model.settle(body, 'requeue')
      this.world.queue().settle(lane, offset, requeue)
    }
    while (this.#consumers.length > 0) this.#detach(0)
    await this.#advance(1_000_000)
    this.#attach({ kind: 'attach', credit: Infinity, isAutoAccepted: true, priority: 0 })
    await this.#rest()
    expect(this.model.messages).toEqual([])
  }

  /** In steps, so that what is read meanwhile arrives in its time. */
  async #advance(ms: number): Promise<void> {
    await this.#rest()
    this.world.advance(ms)
    await this.world.rest()
  }

  #withConsumer(which: number, act: (consumer: TestConsumer) => void): void {
    const consumer = this.#consumers[which % Math.max(1, this.#consumers.length)]
    if (consumer !== undefined) act(consumer)
  }
}

const settings: fc.Arbitrary<Settings & { isCold: boolean }> = fc.record({
  priorityMax: fc.constantFrom(0, 0, 3),
  deliveryLimit: fc.constantFrom(null, 1),
  messageTtlMs: fc.constantFrom(null, null, 30),
  retryMs: fc.constantFrom(null, 20),
  isCold: fc.boolean(),
})

it('what expires behind a message that is pulled dies in the same turn', async () => {
  const given = { priorityMax: 0, deliveryLimit: null, messageTtlMs: null, retryMs: null }
  const publish = { kind: 'publish', priority: 0, times: 1 } as const
  await new Comparison({ ...given, isCold: false }).run([
    { ...publish, ttlMs: -1 },
    { ...publish, ttlMs: 5 },
    { kind: 'advance', ms: 100 },
    { kind: 'pull' },
  ])
})

it('a retry that was due before a crash is ready after it', async () => {
  const given = { priorityMax: 0, deliveryLimit: null, messageTtlMs: null, retryMs: 20 }
  await new Comparison({ ...given, isCold: false }).run([
    { kind: 'attach', credit: 1, isAutoAccepted: false, priority: 0 },
    { kind: 'publish', priority: 0, ttlMs: -1, times: 2 },
    { kind: 'settle', which: 0, message: 0, how: 'requeueCounted' },
    { kind: 'advance', ms: 2000 },
    { kind: 'crash', isClean: false },
  ])
})

it('a queue does what a sorted list of messages would, crashes included', async () => {
  await fc.assert(
    fc.asyncProperty(settings, fc.array(step, { maxLength: 60 }), (given, steps) =>
      new Comparison(given).run(steps),
    ),
    { numRuns: Number(process.env['MODEL_RUNS'] ?? 150) },
  )
}, 120_000)
