import { limits } from '../../limits/limits.ts'
import type { StateMachine } from '../../log/store.ts'
import type { Timer } from '../../platform/platform.ts'
import type { Publication } from '../../message/publication.ts'
import { StoredMessage } from '../../message/stored-message.ts'
import type { Packers } from '../publish/packers.ts'
import type { Route } from '../routing/exchange.ts'
import type { Runtime } from '../runtime.ts'
import { decodeEvents, encodeEvents } from '../snapshot.ts'
import type { Turn } from '../turn.ts'
import { Buckets, type ScheduleSizes } from './buckets.ts'
import { encodeEntry, exchangeIdOf } from './entry.ts'
import { decodeEvent, encodeEvent, type ScheduleEvent } from './events.ts'
import { Fired } from './fired.ts'
import { Revival } from './revival.ts'
import { ScheduleState } from './state.ts'

/** Published at the end of one turn; the rest is for the turns after it. */
const FIRED_PER_TURN = 1024
/** The wall clock may jump: so often it is looked at. */
const CLOCK_CHECK_MS = 1000
const MILLIS_MAX = 2 ** 48 - 1
const SIZES: ScheduleSizes = {
  bucketBytesMax: limits.scheduleBucketBytesMax,
  residentBytesMax: limits.scheduleResidentBytesMax,
  partBytes: limits.schedulePartBytes,
}

/** The way back into the broker, once the time has come. */
export interface ScheduleOutlet {
  innerRoute(namespace: string, exchange: string, routingKey: string): Route | undefined
  publish(route: Route, publication: Publication): number
}

/**
 * Messages that are to be routed later, to the millisecond, any number of them and however far
 * off. They lie in logs, one for each stretch of time (`Bucket`), and only what is due soon is in
 * memory. What is published and the event that says so are in one slot: a crash neither loses nor
 * doubles a message, and what came due while nobody was there is published at once.
 */
export class Schedule implements StateMachine {
  readonly name = 'schedule'
  /** Set when the parts of the broker are put together. */
  outlet: ScheduleOutlet | null = null
  readonly #runtime: Runtime
  readonly #turn: Turn
  readonly #packers: Packers
  readonly #state = new ScheduleState()
  readonly #buckets: Buckets
  readonly #fired: Fired
  readonly #revival = new Revival()
  readonly #view = new StoredMessage()
  readonly #added = new Map<number, number>()
  #timer: Timer | null = null
  #timerDue = Number.POSITIVE_INFINITY
  #isStopped = true
  #isWaiting = false

  constructor(
    runtime: Runtime,
    parts: { readonly turn: Turn; readonly packers: Packers; readonly sizes?: ScheduleSizes },
  ) {
    this.#runtime = runtime
    this.#turn = parts.turn
    this.#packers = parts.packers
    // When the disk fails meanwhile, what was published is not written either: all stays as it was.
    this.#fired = new Fired(parts.turn, event => {
      if (runtime.store.refusal === null) this.#journal(event)
    })
    this.#buckets = new Buckets(runtime, {
      ...parts,
      sizes: parts.sizes ?? SIZES,
      state: this.#state,
      journal: event => this.#journal(event),
      onReady: () => this.#arm(),
    })
  }

  /** The store has replayed: what came due meanwhile is published now. */
  start(): void {
    const { store } = this.#runtime
    this.#isStopped = false
    store.onAdvanced(logs => this.#buckets.advanced(logs))
    store.onRefusal(refusal => {
      if (refusal === null) this.#fire()
      else this.#buckets.reload()
    })
    this.#fire()
  }

  stop(): void {
    this.#isStopped = true
    this.#timer?.cancel()
    this.#buckets.stop()
  }

  /** Durable with the turn. `dueAt` is in milliseconds since 1970. */
  add(route: Route, publication: Publication, dueAt: number): void {
    const now = this.#runtime.clock.now()
    const due = Math.min(Math.max(dueAt, now), MILLIS_MAX)
    const { key, routingKey } = publication
    const exchangeId = this.#exchangeId(route)
    publication.key = encodeEntry(due, {
      delayMs: Math.min(Math.max(publication.delayMs, 0), MILLIS_MAX),
      exchangeId,
      routingKey: route.routingKey === routingKey ? null : route.routingKey,
      copies: publication.copies,
      key,
    })
    this.#packers.add({ logId: this.#buckets.logFor(due, now) }, publication)
    publication.key = key
    if (this.#added.size === 0) this.#turn.add('journal', this.#journalAdded)
    this.#added.set(exchangeId, (this.#added.get(exchangeId) ?? 0) + 1)
  }

  /** Messages that wait for an exchange; without those of this turn. */
  count(namespace: string, exchange: string): number {
    return this.#state.exchangeOf(namespace, exchange)?.count ?? 0
  }

  /** The exchange is gone: nothing that waits for it will be published, nor to its successor. */
  cancel(namespace: string, exchange: string): void {
    if (this.#isStopped) return // While replaying, the event follows.
    const waiting = this.#state.exchangeOf(namespace, exchange)
    if (waiting === undefined) return
    const event = encodeEvent({ kind: 'cancelled', id: waiting.id })
    this.#runtime.store.journalRelief(this.name, event)
  }

  /** Bytes of batches that are in memory now. */
  get residentBytes(): number {
    return this.#buckets.residentBytes
  }

  evolve(event: Buffer): void {
    this.#state.evolve(decodeEvent(event))
  }

  snapshot(): Buffer {
    return encodeEvents(this.#state.events())
  }

  restore(snapshot: Buffer): void {
    for (const event of decodeEvents<ScheduleEvent>(this.name, snapshot)) this.#state.evolve(event)
  }

  #exchangeId({ namespace, exchange: name }: Route): number {
    const known = this.#state.exchangeOf(namespace, name)
    if (known !== undefined) return known.id
    const id = this.#state.exchangeLast + 1
    this.#journal({ kind: 'exchange', id, namespace, name })
    return id
  }

  readonly #journalAdded = (): void => {
    const counts = [...this.#added].filter(([id]) => this.#state.exchanges.has(id))
    this.#added.clear()
    // The packers could not append either, and have said so to whoever published.
    if (this.#runtime.store.refusal === null && counts.length > 0)
      this.#journal({ kind: 'added', counts })
  }

  #journal(event: ScheduleEvent): void {
    this.#runtime.store.journal(this.name, encodeEvent(event))
  }

  /** Publishes what is due, a number at a time. */
  readonly #fire = (): void => {
    if (this.#isStopped) return
    this.#timerDue = Number.POSITIVE_INFINITY
    const { clock, store } = this.#runtime
    const now = clock.now()
    if (store.refusal !== null) return this.#arm()
    if (store.unconfirmedBytes > limits.unconfirmedBytesHigh) return this.#waitForDisk()
    this.#buckets.tend(now)
    for (let left = FIRED_PER_TURN; left > 0; left--) {
      const resident = this.#buckets.first(now)
      if (resident === null) return this.#arm()
      resident.show(this.#view)
      if (!this.#publish(this.#view)) return this.#arm()
      this.#fired.add(resident.bucket, this.#view.offset, exchangeIdOf(this.#view))
      resident.shift()
    }
    this.#turn.add('dispatch', this.#fire)
  }

  /** False when the store takes nothing: it is tried again when that changed. */
  #publish(view: StoredMessage): boolean {
    const exchange = this.#state.exchanges.get(exchangeIdOf(view))
    if (exchange === undefined || this.outlet === null) return true
    const publication = this.#revival.revive(view)
    const { namespace, name } = exchange
    const route = this.outlet.innerRoute(namespace, name, this.#revival.routingKey)
    if (route !== undefined) this.outlet.publish(route, publication)
    return this.#runtime.store.refusal === null
  }

  #waitForDisk(): void {
    if (this.#isWaiting) return
    this.#isWaiting = true
    this.#runtime.store.whenConfirmed(this.#runtime.settings.durability, () => {
      this.#isWaiting = false
      this.#fire()
    })
  }

  /** Wakes up when the next one is due, and once in a while to look at the clock. */
  #arm(): void {
    if (this.#isStopped) return
    const now = this.#runtime.clock.now()
    const due = Math.min(this.#buckets.nextDue(), now + CLOCK_CHECK_MS)
    if (due >= this.#timerDue) return
    this.#timer?.cancel()
    this.#timerDue = due
    this.#timer = this.#runtime.timers.after(Math.max(0, due - now), this.#fire)
  }
}
