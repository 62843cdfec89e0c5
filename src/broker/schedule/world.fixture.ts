import { type Millis, Offset } from '../../lib/brand.ts'
import { silentLogger } from '../../lib/logger.ts'
import { baseOffsetOf, lastOffsetOf, readRecords, setBaseOffset } from '../../log/batch/index.ts'
import { type Log, LogId, type LogPolicy, type Store } from '../../log/store.ts'
import { origins } from '../../message/origin.ts'
import { Publication } from '../../message/publication.ts'
import { Packers } from '../publish/packers.ts'
import type { Route } from '../routing/exchange.ts'
import { Runtime } from '../runtime.ts'
import { brokerSettingsDefault } from '../settings.ts'
import { Turn } from '../turn.ts'
import type { ScheduleSizes } from './buckets.ts'
import { Schedule } from './schedule.ts'

type Change =
  | { kind: 'append'; log: LogId; batch: Buffer }
  | { kind: 'create' | 'delete'; log: LogId }
  | { kind: 'event'; bytes: Buffer }

class FakeLog implements Log {
  readonly id: LogId
  readonly policy: LogPolicy
  startOffset = Offset(0)
  endOffset = Offset(0)
  confirmedEnd = Offset(0)
  sizeBytes = 0
  readonly batches: Buffer[] = []
  readonly #world: ScheduleWorld

  constructor(id: LogId, policy: LogPolicy, world: ScheduleWorld) {
    this.id = id
    this.policy = policy
    this.#world = world
  }

  read(from: Offset, bytesMax: number): readonly Buffer[] | Promise<readonly Buffer[]> {
    const read: Buffer[] = []
    let bytes = 0
    for (const batch of this.batches) {
      if (lastOffsetOf(batch) < from) continue
      if (baseOffsetOf(batch) >= this.confirmedEnd) break
      if (read.length > 0 && bytes + batch.length > bytesMax) break
      read.push(batch)
      bytes += batch.length
    }
    return this.#world.isSlow ? Promise.resolve(read) : read
  }

  lend(from: Offset, bytesMax: number): readonly Buffer[] | null {
    const read = this.read(from, bytesMax)
    return read instanceof Promise ? null : read
  }

  readNow(from: Offset): readonly Buffer[] {
    return this.batches.filter(batch => lastOffsetOf(batch) >= from)
  }

  findByTime = () => Promise.resolve(undefined)
  findNewest = () => Promise.resolve(undefined)
}

const POLICY = {} as LogPolicy
const OUTPUT = LogId(1)

/**
 * For tests: time that moves when it is told to, a disk that makes durable what one callback did,
 * all or nothing, and a process that may end between any two of them.
 */
export class ScheduleWorld {
  now = 1_700_000_000_000
  isSlow = false
  schedule!: Schedule
  turn!: Turn
  logs = new Map<LogId, FakeLog>()
  /** Exchanges that are not there. */
  readonly gone = new Set<string>()
  callbacks = 0
  largestResident = 0
  #packers!: Packers
  #soon: (() => void)[] = []
  #timers: { at: number; run: () => void }[] = []
  #current: Change[] = []
  #slots: Change[][] = []
  #durable: Change[] = []
  #confirmed: { slot: number; done: () => void }[] = []
  /** Slots that were closed, and confirmed. */
  #closed = 0
  #safe = 0
  /** Bodies that were confirmed to whoever gave them. */
  readonly sure = new Set<string>()
  #advanced: ((logs: readonly Log[]) => void)[] = []
  #logLast = 1
  #snapshot: Buffer | null = null

  readonly #sizes: ScheduleSizes | undefined

  constructor(sizes?: ScheduleSizes) {
    this.#sizes = sizes
    this.#durable.push({ kind: 'create', log: OUTPUT })
    this.#begin()
  }

  add(body: string, delayMs: number, more: Partial<Publication> = {}, exchange = 'later'): void {
    const publication = this.publication(body, exchange)
    publication.delayMs = delayMs
    Object.assign(publication, more)
    this.schedule.add(this.#route(exchange, 'key'), publication, this.now + delayMs)
    this.turn.add('confirm', () => this.#whenConfirmed(() => this.sure.add(body)))
  }

  publication(body: string, exchange = 'later'): Publication {
    const publication = new Publication()
    publication.origin = origins.amqp091
    publication.addressTo(exchange, 'key')
    publication.body = Buffer.from(body)
    publication.bodyEnd = publication.body.length
    return publication
  }

  /** Runs callbacks until none is left, or so many of them. */
  async run(callbacksMax = Number.POSITIVE_INFINITY): Promise<void> {
    for (let left = callbacksMax; left > 0; left--) {
      for (let turn = 0; turn < 6; turn++) await Promise.resolve()
      this.#closeSlot()
      const run = this.#soon.shift()
      if (run === undefined && this.#slots.length === 0) return
      if (run === undefined) this.#confirm()
      else run()
      this.callbacks++
      this.largestResident = Math.max(this.largestResident, this.schedule.residentBytes)
    }
  }

  /** Time passes, in steps as large as nobody waits for anything. */
  async pass(milliseconds: number): Promise<void> {
    const end = this.now + milliseconds
    await this.run()
    while (true) {
      const next = this.#timers.reduce((least, { at }) => Math.min(least, at), end)
      this.now = Math.max(this.now, next)
      const due = this.#timers.filter(({ at }) => at <= this.now)
      this.#timers = this.#timers.filter(({ at }) => at > this.now)
      for (const { run } of due) {
        run()
        await this.run()
      }
      if (due.length === 0 && this.now >= end) return
    }
  }

  /** Time passes in a number of jumps. */
  async skip(milliseconds: number, jumps = 40): Promise<void> {
    for (let left = jumps; left > 0; left--) {
      this.now += Math.ceil(milliseconds / jumps)
      await this.pass(0)
    }
  }

  /** Time passes, and the process ends in the midst of what that brought about. */
  async interrupt(milliseconds: number, callbacksMax: number): Promise<void> {
    await this.run()
    this.now += milliseconds
    const due = this.#timers.filter(({ at }) => at <= this.now)
    this.#timers = this.#timers.filter(({ at }) => at > this.now)
    for (const { run } of due) run()
    await this.run(callbacksMax)
    this.crash()
  }

  /** The process ends; what was not confirmed is lost. */
  crash(): void {
    this.#current = []
    this.#slots = []
    this.#closed = 0
    this.#safe = 0
    this.#begin()
  }

  /** Later starts begin with what is known now instead of what happened. */
  async checkpoint(): Promise<void> {
    await this.run()
    this.#snapshot = this.schedule.snapshot()
    this.#durable = this.#durable.filter(({ kind }) => kind !== 'event')
  }

  /** What was published: "+delay body", by the time of each, counted from a time. */
  published(since: number): string[] {
    const output = this.logs.get(OUTPUT)!
    return output.batches.flatMap(batch =>
      readRecords(batch).map(({ timestamp, value }) => `+${timestamp - since} ${String(value)}`),
    )
  }

  get bodies(): string[] {
    return this.published(0).map(text => text.slice(text.indexOf(' ') + 1))
  }

  #begin(): void {
    this.#soon = []
    this.#timers = []
    this.#confirmed = []
    this.#advanced = []
    const runtime = new Runtime({
      settings: brokerSettingsDefault,
      clock: { now: () => this.now as Millis, elapsed: () => this.now },
      random: { next: () => 0, bytes: count => Buffer.alloc(count) },
      logger: silentLogger,
      timers: {
        soon: run => void this.#soon.push(run),
        every: () => ({ cancel() {} }),
        after: (delayMs, run) => {
          const timer = { at: Math.ceil(this.now + delayMs), run }
          this.#timers.push(timer)
          return { cancel: () => void (this.#timers = this.#timers.filter(one => one !== timer)) }
        },
      },
    })
    this.turn = new Turn(runtime)
    this.#packers = new Packers(runtime, this.turn)
    const parts = { turn: this.turn, packers: this.#packers }
    this.schedule = new Schedule(runtime, {
      ...parts,
      ...(this.#sizes === undefined ? {} : { sizes: this.#sizes }),
    })
    this.schedule.outlet = {
      innerRoute: (_, exchange, routingKey) =>
        this.gone.has(exchange) ? undefined : this.#route(exchange, routingKey),
      publish: (_, publication) => {
        this.#packers.add({ logId: OUTPUT }, publication)
        return 1
      },
    }
    this.#recover()
    runtime.attach(this.#store())
    this.schedule.start()
  }

  #recover(): void {
    this.logs = new Map()
    if (this.#snapshot !== null) this.schedule.restore(this.#snapshot)
    for (const change of this.#durable) {
      this.#apply(change)
      if (change.kind === 'event') this.schedule.evolve(change.bytes)
    }
    for (const log of this.logs.values()) log.confirmedEnd = log.endOffset
  }

  #route(exchange: string, routingKey: string): Route {
    return { namespace: '/', exchange, routingKey, isStale: false }
  }

  #store(): Store {
    const store: Partial<Store> = {
      refusal: null,
      reliefRefusal: null,
      unconfirmedBytes: 0,
      log: id => this.logs.get(id),
      createLog: () => {
        const log = LogId(++this.#logLast)
        this.#change({ kind: 'create', log })
        return this.logs.get(log)!
      },
      deleteLog: log => this.#change({ kind: 'delete', log }),
      append: (log, bytes, start = 0, end = bytes.length) => {
        const batch = Buffer.from(bytes.subarray(start, end)) // The bytes stay the caller's.
        const offset = this.logs.get(log)!.endOffset
        setBaseOffset(batch, offset)
        this.#change({ kind: 'append', log, batch })
        return offset
      },
      journal: (_, event) => this.#journal(event),
      journalRelief: (_, event) => this.#journal(event),
      whenConfirmed: (_, done) => this.#whenConfirmed(() => done(null)),
      onAdvanced: listener => void this.#advanced.push(listener),
      onRefusal: () => undefined,
    }
    return store as Store
  }

  #whenConfirmed(done: () => void): void {
    this.#confirmed.push({ slot: this.#closed, done })
  }

  #journal(event: Buffer): void {
    const bytes = Buffer.from(event)
    this.#current.push({ kind: 'event', bytes })
    this.schedule.evolve(bytes)
  }

  #change(change: Change): void {
    this.#current.push(change)
    this.#apply(change)
  }

  #apply(change: Change): void {
    if (change.kind === 'create') this.logs.set(change.log, new FakeLog(change.log, POLICY, this))
    if (change.kind === 'delete') this.logs.delete(change.log)
    if (change.kind !== 'append') return
    const log = this.logs.get(change.log)!
    log.batches.push(change.batch)
    log.endOffset = Offset(lastOffsetOf(change.batch) + 1)
    log.sizeBytes += change.batch.length
  }

  #closeSlot(): void {
    const isAwaited = this.#confirmed.some(({ slot }) => slot === this.#closed)
    if (this.#current.length === 0 && !isAwaited) return
    this.#slots.push(this.#current)
    this.#current = []
    this.#closed++
  }

  #confirm(): void {
    const slot = this.#slots.shift()!
    this.#durable.push(...slot)
    for (const change of slot) {
      const log = change.kind === 'append' ? this.logs.get(change.log) : undefined
      if (log === undefined || change.kind !== 'append') continue
      log.confirmedEnd = Offset(lastOffsetOf(change.batch) + 1)
      for (const listener of this.#advanced) listener([log])
    }
    this.#safe++
    const done = this.#confirmed.filter(({ slot: awaited }) => awaited < this.#safe)
    this.#confirmed = this.#confirmed.filter(({ slot: awaited }) => awaited >= this.#safe)
    for (const one of done) one.done()
  }
}
