import type { Millis, Offset } from '../../lib/brand.ts'
import { silentLogger } from '../../lib/logger.ts'
import type { Log, LogId, LogPolicy, Store, StoreRefusal } from '../../log/store.ts'
import type { Random } from '../../platform/platform.ts'
import { Runtime } from '../runtime.ts'
import { type BrokerSettings, brokerSettingsDefault } from '../settings.ts'
import { Topics } from './topics.ts'

type FakeLog = { -readonly [Key in keyof Log]: Log[Key] }

/** For tests: a journal and logs in memory, and a disk that confirms on demand. */
export class TopicWorld {
  topics: Topics
  refusal: StoreRefusal | null = null
  readonly logs = new Map<number, FakeLog>()
  #journal: Buffer[] = []
  #snapshot: Buffer | null = null
  #unconfirmed: ((refusal: StoreRefusal | null) => void)[] = []
  #settings: BrokerSettings
  #idLast = 0
  #randomCount = 0

  constructor(settings: Partial<BrokerSettings> = {}) {
    this.#settings = { ...brokerSettingsDefault, ...settings }
    this.topics = this.#open()
  }

  get settings(): BrokerSettings {
    return this.#settings
  }

  /** Starts again from the snapshot and the events after it, perhaps with other settings. */
  reopen(settings: Partial<BrokerSettings> = {}): void {
    this.#settings = { ...this.#settings, ...settings }
    this.#unconfirmed = []
    this.topics = this.#open()
  }

  checkpoint(): void {
    this.#snapshot = this.topics.snapshot()
    this.#journal = []
  }

  confirm(refusal: StoreRefusal | null = null): void {
    for (const done of this.#unconfirmed.splice(0)) done(refusal)
  }

  /** What a change comes to once the disk has it. */
  async confirmed<Value>(change: Promise<Value>): Promise<Value> {
    this.confirm()
    return change
  }

  #open(): Topics {
    const runtime = new Runtime({
      settings: this.#settings,
      logger: silentLogger,
      clock: { now: () => 1_700_000_000_000 as Millis, elapsed: () => 0 },
      timers: { after: () => ({ cancel() {} }), every: () => ({ cancel() {} }), soon() {} },
      random: this.#random(),
    })
    const topics = new Topics(runtime)
    if (this.#snapshot !== null) topics.restore(this.#snapshot)
    for (const event of this.#journal) topics.evolve(event)
    runtime.attach(this.#store(topics))
    topics.start()
    return topics
  }

  #random(): Random {
    const bytes = (count: number): Buffer => {
      const made = Buffer.alloc(count)
      made.writeUInt32BE(++this.#randomCount, count - 4)
      return made
    }
    return { next: () => 0.5, bytes }
  }

  #store(topics: Topics): Store {
    const store: Partial<Store> = {
      log: id => this.logs.get(id),
      createLog: policy => this.#createLog(policy),
      setPolicy: (id, policy) => {
        this.#log(id).policy = policy
      },
      deleteLog: id => {
        this.logs.delete(id)
      },
      truncateBefore: (id, offset) => {
        this.#log(id).startOffset = offset
      },
      journal: (_machine, event) => this.#keep(event, topics),
      journalRelief: (_machine, event) => this.#keep(event, topics),
      whenConfirmed: (_durability, done) => {
        this.#unconfirmed.push(done)
      },
    }
    for (const name of ['refusal', 'reliefRefusal'])
      Object.defineProperty(store, name, { get: () => this.refusal })
    return store as Store
  }

  #keep(event: Buffer, topics: Topics): void {
    this.#journal.push(event)
    topics.evolve(event)
  }

  #log(id: LogId): FakeLog {
    const log = this.logs.get(id)
    if (log === undefined) throw new Error(`no log ${id}`)
    return log
  }

  #createLog(policy: LogPolicy): Log {
    const log = {
      id: ++this.#idLast as LogId,
      policy,
      startOffset: 0 as Offset,
      endOffset: 0 as Offset,
      confirmedEnd: 0 as Offset,
      sizeBytes: 0,
    } as FakeLog
    this.logs.set(log.id, log)
    return log
  }
}
