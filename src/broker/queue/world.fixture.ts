import type { Millis, Offset } from '../../lib/brand.ts'
import { silentLogger } from '../../lib/logger.ts'
import type { DeathReason } from '../../message/annotations.ts'
import { Publication } from '../../message/publication.ts'
import type { StoredMessage } from '../../message/stored-message.ts'
import { seededRandom, type Timer } from '../../platform/index.ts'
import type { StateMachine } from '../../log/store.ts'
import { Packers } from '../publish/index.ts'
import { Runtime } from '../runtime.ts'
import { brokerSettingsDefault } from '../settings.ts'
import { Topics } from '../topic/index.ts'
import { Turn } from '../turn.ts'
import {
  type Consumer,
  type ConsumerOptions,
  type Delivery,
  type Queue,
  type QueueSettings,
  type QueueSpec,
  type QueueState,
  Queues,
  queueSettingsDefault,
  type Settlement,
  type Taker,
} from './index.ts'
import { specOf } from './spec.fixture.ts'
import { TestStore } from './store.fixture.ts'

type Due = { readonly at: number; readonly run: () => void }

/** What a consumer was given. */
export type Got = {
  readonly body: string
  readonly lane: number
  readonly offset: Offset
  readonly count: number
  readonly failures: number
}

export type DeadLetter = {
  readonly queue: string
  readonly body: string
  readonly reason: DeathReason
}

const gotOf = (delivery: Delivery): Got => ({
  body: bodyOf(delivery.message),
  lane: delivery.lane,
  offset: delivery.offset,
  count: delivery.count,
  failures: delivery.failures,
})

export const bodyOf = (message: StoredMessage): string =>
  message.body.toString('utf8', message.bodyStart, message.bodyEnd)

/** A consumer with credit, which keeps what it is given until it is told to settle it. */
export class TestConsumer implements Consumer {
  readonly name: string
  readonly sessionId = 1
  readonly options: ConsumerOptions
  readonly got: Got[] = []
  unsettled: Got[] = []
  credit: number
  cancelledFor: string | null = null
  onDelivery: ((got: Got) => void) | null = null
  isActive: boolean | null = null

  constructor(name: string, credit: number, options: Partial<ConsumerOptions> = {}) {
    this.name = name
    this.credit = credit
    this.options = { isAutoAccepted: false, isExclusive: false, priority: 0, ...options }
  }

  get isReady(): boolean {
    return this.credit > 0
  }

  /** Bodies, in order. */
  get bodies(): string[] {
    return this.got.map(({ body }) => body)
  }

  deliver(delivery: Delivery): void {
    if (this.credit <= 0) throw new Error(`${this.name} was not ready`)
    this.credit--
    const got = gotOf(delivery)
    this.got.push(got)
    if (!this.options.isAutoAccepted) this.unsettled.push(got)
    this.onDelivery?.(got)
  }

  cancelled(reason: string): void {
    this.cancelledFor = reason
  }

  activated(isActive: boolean): void {
    this.isActive = isActive
  }

  /** Settles the message with that body, or the oldest, and gives the credit back. */
  settle(queue: Queue, settlement: Settlement, body?: string): void {
    const at = body === undefined ? 0 : this.unsettled.findIndex(got => got.body === body)
    const [got] = this.unsettled.splice(at, 1)
    if (got === undefined) throw new Error(`${this.name} does not hold ${body ?? 'anything'}`)
    queue.settle(got.lane, got.offset, settlement)
    this.credit++
    queue.wake(this)
  }
}

/** What stands on queues. */
type Part = StateMachine & { start(): void }

/** Queues over a store in memory, where time, turns and the disk do what the test says. */
export class QueueWorld {
  readonly store = new TestStore()
  now = 1_700_000_000_000
  topics!: Topics
  queues!: Queues
  turns!: Turn
  /** What was sent to dead letters. */
  readonly dead: DeadLetter[] = []
  onDead: ((letter: DeadLetter) => void) | null = null
  /** What the port of dead letters says. */
  takesDead = true
  readonly #parts: (world: QueueWorld) => readonly Part[]
  #packers!: Packers
  #due: Due[] = []
  #soon: (() => void)[] = []
  /** What a process before the last crash has planned does not happen. */
  #process = 0

  /** `parts` stand on queues, and are made anew with them. */
  constructor(isCold = false, parts: (world: QueueWorld) => readonly Part[] = () => []) {
    this.store.isCold = isCold
    this.#parts = parts
    this.#open()
  }

  /** Where the queue of that name is. */
  queue(name = 'q'): QueueState {
    const queue = this.queues.find('/', name)
    if (queue === undefined) throw new Error(`no queue ${name}`)
    return queue
  }

  declare(
    settings: Partial<QueueSettings> = {},
    spec: Partial<QueueSpec> = {},
    from?: 'first' | 'next',
  ): QueueState {
    const queue = this.queues.declare(
      specOf('q', spec),
      { ...queueSettingsDefault, ...settings },
      from === undefined ? {} : { from },
    )
    this.settle()
    return queue
  }

  /** Publishes; durable once the world has settled. */
  publish(
    body: string,
    options: { ttlMs?: number; priority?: number; key?: string; queue?: string } = {},
  ): number {
    const publication = new Publication()
    publication.addressTo('', options.queue ?? 'q')
    publication.body = Buffer.from(body)
    publication.bodyEnd = publication.body.length
    publication.ttlMs = options.ttlMs ?? -1
    publication.priority = options.priority ?? 0
    publication.key = options.key === undefined ? null : Buffer.from(options.key)
    return this.queue(options.queue).enqueue(publication)
  }

  consume(
    credit = Number.POSITIVE_INFINITY,
    options: Partial<ConsumerOptions> = {},
    name = 'c',
  ): TestConsumer {
    const consumer = new TestConsumer(name, credit, options)
    this.queue().attach(consumer, consumer.options)
    this.settle()
    return consumer
  }

  /** What a pull gets: a message, null for none, or undefined while it waits. */
  pull(
    isAutoAccepted = false,
    answered: (got: Got | null) => void = () => {},
  ): { got: Got | null | undefined } {
    const result: { got: Got | null | undefined } = { got: undefined }
    const taker: Taker = {
      isAutoAccepted,
      sessionId: 1,
      deliver: delivery => {
        result.got = gotOf(delivery)
        answered(result.got)
      },
      empty: () => {
        result.got = null
        answered(null)
      },
    }
    this.queue().pull(taker)
    return result
  }

  /** Ends the turn. */
  turn(): void {
    for (const run of this.#soon.splice(0)) run()
  }

  /** Ends turns and confirms until nothing happens any more. */
  settle(): void {
    for (let round = 0; round < 1000; round++) {
      if (this.#soon.length === 0 && !this.store.hasUnconfirmed) return
      this.turn()
      this.store.confirm()
    }
    throw new Error('the world does not come to rest')
  }

  /** The same, where something is read from a disk. */
  async rest(): Promise<void> {
    for (let quiet = 0; quiet < 10; quiet++) {
      if (this.#soon.length > 0 || this.store.hasUnconfirmed) quiet = 0
      this.settle()
      await Promise.resolve()
    }
  }

  advance(ms: number): void {
    const end = this.now + ms
    for (;;) {
      const next = this.#due.toSorted((one, other) => one.at - other.at)[0]
      if (next === undefined || next.at > end) break
      this.#due.splice(this.#due.indexOf(next), 1)
      this.now = Math.max(this.now, next.at)
      next.run()
      this.settle()
    }
    this.now = end
  }

  checkpoint(): void {
    this.settle()
    this.store.checkpoint()
  }

  /** What is not confirmed is gone, and the broker starts again. */
  crash(): void {
    this.store.crash()
    this.#soon = []
    this.#due = []
    this.#open()
    this.settle()
    this.advance(0) // What had become due before is due at once.
  }

  #open(): void {
    const process = ++this.#process
    const runtime = new Runtime({
      settings: brokerSettingsDefault,
      logger: silentLogger,
      clock: { now: () => this.now as Millis, elapsed: () => this.now },
      random: seededRandom(this.now),
      timers: {
        after: (delayMs, run) => this.#after(delayMs, run),
        every: (periodMs, run) => this.#every(periodMs, run),
        soon: run => {
          if (process === this.#process) this.#soon.push(run)
        },
      },
    })
    this.turns = new Turn(runtime)
    this.topics = new Topics(runtime)
    this.#packers = new Packers(runtime, this.turns)
    this.queues = new Queues(runtime, {
      topics: this.topics,
      turn: this.turns,
      packers: this.#packers,
    })
    this.queues.deadLetters = {
      send: (queue, message, reason) => {
        if (!this.takesDead) return false
        const letter = { queue: queue.spec.name, body: bodyOf(message), reason }
        this.dead.push(letter)
        this.onDead?.(letter)
        return true
      },
    }
    const parts = this.#parts(this)
    this.store.replay([this.topics, this.queues, ...parts])
    runtime.attach(this.store)
    this.topics.start()
    this.queues.start()
    for (const part of parts) part.start()
  }

  #after(delayMs: number, run: () => void): Timer {
    const due = { at: this.now + delayMs, run }
    this.#due.push(due)
    return { cancel: () => void (this.#due = this.#due.filter(other => other !== due)) }
  }

  #every(periodMs: number, run: () => void): Timer {
    let timer = { cancel() {} }
    const again = (): void => {
      timer = this.#after(periodMs, () => {
        again()
        run()
      })
    }
    again()
    return { cancel: () => timer.cancel() }
  }
}
