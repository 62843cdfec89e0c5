import type { Millis, Offset } from '../../lib/brand.ts'
import { silentLogger } from '../../lib/logger.ts'
import type { Log, LogId, StateMachine, Store, StoreRefusal } from '../../log/store.ts'
import { type CommonProperties, type CommonValue, propertiesNone } from '../../message/common.ts'
import { Mappings } from '../../message/mapping.ts'
import { origins } from '../../message/origin.ts'
import { Publication } from '../../message/publication.ts'
import { seededRandom } from '../../platform/seeded-random.ts'
import { enqueued, type Queue, type QueueSpec } from '../queue/queue.ts'
import type { QueueSettings } from '../queue/settings.ts'
import type { Binding, ExchangeSpec, ExchangeType } from '../routing/index.ts'
import { Exchanges } from '../routing/index.ts'
import { Runtime } from '../runtime.ts'
import { brokerSettingsDefault } from '../settings.ts'
import type { Topic } from '../topic/index.ts'
import { Turn } from '../turn.ts'
import { MessagePublisher } from './message-publisher.ts'
import { Packers } from './packers.ts'

/** What a queue was given. */
export type Taken = { body: string; exchange: string; routingKey: string; message: Publication }

export class FakeQueue {
  readonly spec: QueueSpec
  settings = {} as QueueSettings
  readyCount = 0
  readyBytes = 0
  isDeleted = false
  isFull = false
  readonly taken: Taken[] = []

  constructor(spec: Partial<QueueSpec> & { name: string }) {
    const flags = { isDurable: true, isAutoDelete: false, owner: null, user: 'guest' }
    const rest = { declared: {}, type: 'classic', source: null } as const
    this.spec = { namespace: '/', ...flags, ...rest, ...spec }
  }

  get bodies(): string[] {
    return this.taken.map(({ body }) => body)
  }

  enqueue(publication: Publication): number {
    if (this.isFull) return enqueued.rejected
    const message = publication.copy()
    const body = message.body.toString('utf8', message.bodyStart, message.bodyEnd)
    this.taken.push({ body, exchange: message.exchange, routingKey: message.routingKey, message })
    return enqueued.taken
  }
}

/** Queues and topics by name, with the listeners of real ones. */
class Directory<Entry extends { isDeleted: boolean }> {
  readonly byKey = new Map<string, Entry>()
  readonly #declared: ((entry: Entry) => void)[] = []
  readonly #deleted: ((entry: Entry) => void)[] = []

  find(namespace: string, name: string): Entry | undefined {
    return this.byKey.get(`${namespace}\0${name}`)
  }

  inNamespace(): Iterable<Entry> {
    return this.byKey.values()
  }

  onDeclared(listener: (entry: Entry) => void): void {
    this.#declared.push(listener)
  }

  onDeleted(listener: (entry: Entry) => void): void {
    this.#deleted.push(listener)
  }

  add(namespace: string, name: string, entry: Entry): Entry {
    this.byKey.set(`${namespace}\0${name}`, entry)
    for (const listener of this.#declared) listener(entry)
    return entry
  }

  remove(namespace: string, name: string): void {
    const entry = this.find(namespace, name)!
    this.byKey.delete(`${namespace}\0${name}`)
    entry.isDeleted = true
    for (const listener of this.#deleted) listener(entry)
  }
}

type FakeTopic = { -readonly [Key in keyof Topic]: Topic[Key] }

/** For tests: routing and publishing over queues that only remember what they were given. */
export class PublishWorld {
  queues!: Directory<Queue>
  topics!: Directory<Topic>
  exchanges!: Exchanges
  publisher!: MessagePublisher
  runtime!: Runtime
  mappings!: Mappings
  turn!: Turn
  refusal: StoreRefusal | null = null
  now = 1_700_000_000_000
  /** Names of logs that were appended to, in order. */
  readonly appended: number[] = []
  readonly confirms: ((refusal: StoreRefusal | null) => void)[] = []
  #journal: Buffer[] = []
  #snapshot: Buffer | null = null
  #soon: (() => void)[] = []
  #properties = new Map<string, CommonProperties>()
  #logIdLast = 0
  #policies = new Map<string, Record<string, unknown>>()
  #policyListeners: (() => void)[] = []

  constructor() {
    this.#open()
  }

  get journaled(): number {
    return this.#journal.length
  }

  /** Starts again with the durable queues there are, from the snapshot and the events after it. */
  reopen(): void {
    const { queues, topics } = this
    this.#open()
    for (const queue of queues.byKey.values())
      if (queue.spec.isDurable) this.queues.add(queue.spec.namespace, queue.spec.name, queue)
    for (const topic of topics.byKey.values()) this.topics.add('/', topic.name, topic)
  }

  checkpoint(): void {
    this.#snapshot = this.exchanges.snapshot()
    this.#journal = []
  }

  endTurn(): void {
    while (this.#soon.length > 0) for (const run of this.#soon.splice(0)) run()
  }

  setPolicy(name: string, definition: Record<string, unknown>): void {
    this.#policies.set(name, definition)
    for (const listener of this.#policyListeners) listener()
  }

  queue(name: string, more: Partial<QueueSpec> = {}): FakeQueue {
    const queue = new FakeQueue({ name, ...more })
    // Publishing uses no more of a queue than the fake has.
    this.queues.add(queue.spec.namespace, name, queue as unknown as Queue)
    return queue
  }

  topic(name: string, partitionCount = 1): Topic {
    const topic = { namespace: '/', name, isDeleted: false } as FakeTopic
    topic.partitions = Array.from({ length: partitionCount }, (_, index) => {
      return { topic, index, logId: ++this.#logIdLast as LogId, log: {} as Log }
    })
    return this.topics.add('/', name, topic)
  }

  exchange(name: string, type: ExchangeType, more: Partial<ExchangeSpec> = {}): ExchangeSpec {
    const flags = { isDurable: true, isAutoDelete: false, isInternal: false }
    const spec = { namespace: '/', name, type, ...flags, declared: {}, user: 'guest', ...more }
    return this.exchanges.declare(spec).spec
  }

  bind(source: string, destination: string, routingKey = '', more: Partial<Binding> = {}): Binding {
    const rest = { namespace: '/', destinationKind: 'queue', declared: {} } as const
    const binding = { ...rest, source, destination, routingKey, ...more }
    this.exchanges.bind(binding)
    return binding
  }

  /** One message with the default exchange's address, or another one, and its body. */
  message(
    exchange: string,
    routingKey: string,
    body: string,
    headers: Record<string, CommonValue> = {},
    more: Partial<CommonProperties> = {},
  ): Publication {
    const publication = new Publication()
    publication.addressTo(exchange, routingKey)
    publication.body = Buffer.from(body)
    publication.bodyEnd = publication.body.length
    // Where it says CC, there may be copies.
    const id = `${this.#properties.size} ${'CC' in headers ? 'CC' : ''}`
    const said = { isPersistent: true, headers: new Map(Object.entries(headers)) }
    const common = { ...propertiesNone, ...said, ...more }
    this.#properties.set(id, common)
    publication.properties = Buffer.from(id)
    publication.propertiesEnd = publication.properties.length
    publication.isPersistent = true
    return publication
  }

  send(publication: Publication): number {
    const { exchange, routingKey } = publication
    return this.publisher.publish(this.publisher.route('/', exchange, routingKey), publication)
  }

  publish(
    exchange: string,
    routingKey: string,
    body = 'm',
    headers: Record<string, CommonValue> = {},
  ): number {
    return this.send(this.message(exchange, routingKey, body, headers))
  }

  /** Names of queues, sorted, that a message with this address arrives in, emptied before. */
  arrivals(
    exchange: string,
    routingKey: string,
    headers: Record<string, CommonValue> = {},
  ): string {
    // All queues of this world are fakes.
    const queues = [...this.queues.byKey.values()] as unknown as FakeQueue[]
    for (const queue of queues) queue.taken.length = 0
    this.publish(exchange, routingKey, 'm', headers)
    return queues
      .flatMap(({ spec, taken }) => taken.map(() => spec.name))
      .sort()
      .join(' ')
  }

  #open(): void {
    this.mappings = this.#mappings()
    this.#soon = []
    this.queues = new Directory()
    this.topics = new Directory()
    this.runtime = this.#runtime()
    this.turn = new Turn(this.runtime)
    this.#policyListeners = []
    this.exchanges = new Exchanges(this.runtime, {
      queues: this.queues,
      topics: this.topics,
      policies: {
        effective: ({ name }) => ({ definition: this.#policies.get(name) ?? {} }),
        onChanged: listener => this.#policyListeners.push(listener),
      },
    })
    this.publisher = new MessagePublisher(this.runtime, {
      exchanges: this.exchanges,
      queues: this.queues,
      topics: this.topics,
      turn: this.turn,
      packers: new Packers(this.runtime, this.turn),
      mappings: this.mappings,
    })
    if (this.#snapshot !== null) this.exchanges.restore(this.#snapshot)
    for (const event of this.#journal) this.exchanges.evolve(event)
    this.runtime.attach(this.#store(this.exchanges))
    this.exchanges.start()
  }

  #runtime(): Runtime {
    return new Runtime({
      settings: brokerSettingsDefault,
      logger: silentLogger,
      clock: { now: () => this.now as Millis, elapsed: () => 0 },
      timers: {
        after: () => ({ cancel() {} }),
        every: () => ({ cancel() {} }),
        soon: run => this.#soon.push(run),
      },
      random: seededRandom(7),
    })
  }

  /** Properties are the number of those they stand for. */
  #mappings(): Mappings {
    const mappings = new Mappings()
    mappings.register({
      origin: origins.amqp091,
      protocol: 'test',
      toCommon: bytes => this.#properties.get(bytes.toString()) ?? propertiesNone,
      fromCommon: common => {
        const id = `${this.#properties.size}`
        this.#properties.set(id, common)
        return Buffer.from(id)
      },
    })
    return mappings
  }

  #store(machine: StateMachine): Store {
    const keep = (_name: string, event: Buffer): void => {
      this.#journal.push(event)
      machine.evolve(event)
    }
    const store: Partial<Store> = {
      journal: keep,
      journalRelief: keep,
      log: id => ({ id }) as Log,
      append: id => {
        this.appended.push(id)
        return 0 as Offset
      },
      hurry: () => {},
      whenConfirmed: (_durability, done) => {
        this.confirms.push(done)
      },
    }
    for (const name of ['refusal', 'reliefRefusal'])
      Object.defineProperty(store, name, { get: () => this.refusal })
    return store as Store
  }
}
