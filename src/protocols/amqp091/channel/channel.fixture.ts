import { COPY_BYTES_MAX } from '../../../lib/bytes/index.ts'
import type { User } from '../../../broker/access/access.ts'
import { BrokerError } from '../../../broker/errors.ts'
import { published, type TracedDelivery } from '../../../broker/publish/index.ts'
import { enqueued } from '../../../broker/queue/queue.ts'
import type { Route } from '../../../broker/routing/exchange.ts'
import { Runtime } from '../../../broker/runtime.ts'
import { brokerSettingsDefault } from '../../../broker/settings.ts'
import { Turn } from '../../../broker/turn.ts'
import type { Millis } from '../../../lib/brand.ts'
import { silentLogger } from '../../../lib/logger.ts'
import type { Store, StoreRefusal } from '../../../log/store.ts'
import { Mappings } from '../../../message/mapping.ts'
import type { Publication } from '../../../message/publication.ts'
import {
  type ChannelHost,
  type ChannelPort,
  type ConnectionPort,
  expecting,
} from '../channel-port.ts'
import { FrameSplitter, methodFrame, readMethod } from '../codec/index.ts'
import { frameType } from '../constants.ts'
import { type AmqpError, amqpErrorOf } from '../errors.ts'
import { amqp091Mapping } from '../mapping.ts'
import * as schema from '../schema/index.ts'
import { type Properties, readProperties } from './content/properties.ts'
import { type PublishTarget, publishBytes } from './client-frames.fixture.ts'
import { FakeQueue } from './fake-queue.fixture.ts'
import { Channels } from './index.ts'
import type { ChannelBroker } from './services.ts'

type FakeRoute = Route & { targets: FakeQueue[] }

/** For tests: a broker whose turns, disk and clock are moved by hand. */
export class ChannelWorld {
  readonly queues = new Map<string, FakeQueue>()
  /** Exchanges beside the default one: all queues of the list get each message. */
  readonly exchanges = new Map<string, { type: string; queues: string[]; isInternal?: boolean }>()
  /** `operation name` pairs that are refused, like `write x`, `topic x key`. */
  readonly refused = new Set<string>()
  readonly publications: string[] = []
  readonly store = { refusal: null as StoreRefusal | null, unconfirmedBytes: 0 }
  accessVersion = 1
  /** Lines of what was handed out while it is active. */
  readonly traced: string[] = []
  readonly tracing = {
    isActive: false,
    delivered: ({ queue, isRedelivered, receiver, message }: TracedDelivery): void => {
      const { connection, channel, user } = receiver
      this.traced.push([queue, message.offset, isRedelivered, connection, channel, user].join(' '))
    },
  }
  readonly broker: ChannelBroker
  readonly #channels: Channels
  readonly #soon: (() => void)[] = []
  readonly #safe: ((refusal: StoreRefusal | null) => void)[] = []
  readonly #advanced: (() => void)[] = []
  readonly #routes: FakeRoute[] = []
  #randomCount = 0

  constructor(settings: { messageBytesMax?: number } = {}) {
    const runtime = new Runtime({
      settings: { ...brokerSettingsDefault, ...settings },
      logger: silentLogger,
      clock: { now: () => 1_700_000_000_000 as Millis, elapsed: () => 0 },
      timers: {
        after: () => ({ cancel() {} }),
        every: () => ({ cancel() {} }),
        soon: run => void this.#soon.push(run),
      },
      random: { next: () => 0.5, bytes: count => Buffer.alloc(count, ++this.#randomCount) },
    })
    const listen = (run: () => void): void => void this.#advanced.push(run)
    // Channels use these four of it.
    runtime.attach(
      Object.assign(this.store, { onAdvanced: listen, onRefusal: listen }) as unknown as Store,
    )
    const mappings = new Mappings()
    mappings.register(amqp091Mapping)
    this.broker = this.#broker(runtime, mappings)
    this.#channels = new Channels(this.broker)
  }

  queue(name: string, spec: ConstructorParameters<typeof FakeQueue>[1] = {}): FakeQueue {
    const queue = new FakeQueue(name, spec)
    this.queues.set(name, queue)
    this.changed()
    return queue
  }

  /** Bindings changed: routes have to be asked for again. */
  changed(): void {
    for (const route of this.#routes.splice(0)) route.isStale = true
  }

  open(options: TestChannelOptions = {}): TestChannel {
    return new TestChannel(this.#channels, this.broker, options)
  }

  /** The end of a turn, then queues hand out. */
  turn(): void {
    for (const run of this.#soon.splice(0)) run()
    for (const queue of this.queues.values()) queue.dispatch()
  }

  /** The disk has all that was published so far. */
  synced(refusal: StoreRefusal | null = null): void {
    for (const done of this.#safe.splice(0)) done(refusal)
  }

  /** The store got further, or takes writes again. */
  advanced(): void {
    for (const run of this.#advanced) run()
  }

  #broker(runtime: Runtime, mappings: Mappings): ChannelBroker {
    const turn = new Turn(runtime)
    const parts: Partial<ChannelBroker> = {
      runtime,
      mappings,
      turn,
      publisher: {
        tracing: this.tracing,
        route: (_namespace, exchange, routingKey) => this.#route(exchange, routingKey),
        publish: (route, publication) => this.#publish(route, publication),
        atomically: work => work(),
        whenSafe: done => turn.add('confirm', () => void this.#safe.push(done)),
      },
      queues: { find: (_namespace, name) => this.queues.get(name)?.queue },
      access: this.#access(),
    }
    const finders = {
      exchanges: { find: (_namespace: string, name: string) => this.#exchange(name) },
      topics: { find: () => undefined },
    }
    // What is missing no test of a channel comes to.
    return { ...parts, ...finders } as unknown as ChannelBroker
  }

  #access(): ChannelBroker['access'] {
    const version = (): number => this.accessVersion
    const access: Partial<ChannelBroker['access']> = {
      may: (_user, _namespace, operation, name) => !this.refused.has(`${operation} ${name}`),
      mayTopic: (_user, _namespace, { exchange, routingKey }) =>
        !this.refused.has(`topic ${exchange} ${routingKey}`),
      get version() {
        return version()
      },
    }
    return access as ChannelBroker['access'] // Channels ask nothing else.
  }

  #exchange(name: string): { spec: { type: string } } | undefined {
    const exchange = this.exchanges.get(name)
    return exchange === undefined ? undefined : { spec: { type: exchange.type } }
  }

  #route(exchange: string, routingKey: string): Route {
    const known = this.exchanges.get(exchange)
    if (exchange !== '' && known === undefined) throw new BrokerError('not-found', 'no exchange')
    if (known?.isInternal === true) throw new BrokerError('access-refused', 'internal')
    const names = exchange === '' ? [routingKey] : known!.queues
    const targets = names.flatMap(name => this.queues.get(name) ?? [])
    const route = { namespace: '/', exchange, routingKey, isStale: false, targets }
    this.#routes.push(route)
    return route
  }

  #publish(route: Route, publication: Publication): number {
    const { targets } = route as FakeRoute
    const { exchange, routingKey, copies, ttlMs, priority, delayMs, isPersistent } = publication
    const facts = {
      copies,
      ttlMs,
      priority,
      delayMs,
      isPersistent,
      key: publication.key?.toString(),
    }
    this.publications.push(
      `${exchange} ${routingKey} ${JSON.stringify(facts)} ` +
        publication.body.toString('latin1', publication.bodyStart, publication.bodyEnd),
    )
    let bits = targets.length === 0 ? 0 : published.routed
    for (const target of targets) {
      const answer = target.enqueue(publication)
      if ((answer & enqueued.taken) !== 0) bits |= published.sync
      if ((answer & enqueued.rejected) !== 0) bits |= published.rejected
    }
    return bits
  }
}

export type TestChannelOptions = {
  readonly number?: number
  readonly frameMax?: number
  readonly user?: Partial<User>
  readonly cancelNotify?: boolean
}

/** A channel with its client: methods go in as bytes, and what comes out is read back. */
export class TestChannel {
  readonly number: number
  readonly port: ChannelPort
  readonly connection: ConnectionPort
  error: AmqpError | null = null
  holdCount = 0
  isCongested = false
  readonly paused = new Set<object>()
  readonly #splitter = new FrameSplitter(2 ** 20)
  readonly #out: Buffer[] = []
  #slab = Buffer.alloc(0)

  constructor(channels: Channels, broker: ChannelBroker, options: TestChannelOptions) {
    this.number = options.number ?? 1
    this.connection = this.#connection(broker, options)
    this.port = channels.open(this.#host())
  }

  /** Sends methods to the channel. */
  send<F extends schema.Fields>(table: schema.Method<F>, fields: schema.DraftOf<F>): void {
    this.receive(methodFrame(this.number, table, fields))
  }

  publish(
    target: PublishTarget,
    body: string | Buffer,
    properties: Partial<Properties> = {},
  ): void {
    this.receive(publishBytes(this.number, target, Buffer.from(body), properties))
  }

  consume(queue: string, more: Partial<ConsumeFields> = {}): void {
    this.send(schema.basicConsume, {
      queue,
      consumerTag: 't',
      noLocal: false,
      noAck: false,
      exclusive: false,
      nowait: false,
      arguments: new Map(),
      ...more,
    })
  }

  ack(deliveryTag: number, multiple = false): void {
    this.send(schema.basicAck, { deliveryTag, multiple })
  }

  /** Bytes of whole or cut frames. */
  receive(bytes: Buffer): void {
    this.#splitter.push(bytes)
    while (this.error === null && this.#splitter.next()) this.#frame()
  }

  /** What the client was sent since it was last asked, one line for each method. */
  read(): string[] {
    const splitter = new FrameSplitter(2 ** 20)
    splitter.push(Buffer.concat(this.#out.splice(0)))
    const lines: string[] = []
    while (splitter.next()) lines.push(...this.#line(splitter))
    return this.#joined(lines)
  }

  /** Bytes the client was sent since it was last asked. */
  readBytes(): Buffer {
    return Buffer.concat(this.#out.splice(0))
  }

  drained(): void {
    this.isCongested = false
    this.port.drained()
  }

  #frame(): void {
    const { type, bytes, start, end } = this.#splitter
    try {
      if (type === frameType.HEADER) return this.port.header(bytes, start, end)
      if (type === frameType.BODY) return this.port.body(bytes, start, end, 0)
      if (this.port.expects !== expecting.method) throw new Error('a content was cut short')
      this.port.method(bytes.readInt32BE(start), bytes, start + 4, end)
    } catch (error) {
      this.#fail(amqpErrorOf(error))
    }
  }

  #fail(error: AmqpError): void {
    this.error = error
    this.port.closed()
  }

  #line({ type, bytes, start, end }: FrameSplitter): string[] {
    if (type === frameType.HEADER) return [`| ${shown(bytes.subarray(start + 12, end))}`]
    if (type === frameType.BODY) return [`= ${bytes.toString('latin1', start, end)}`]
    const table = schema.methodOf(bytes.readInt32BE(start))!
    const fields = Object.values(readMethod(table, bytes, start + 4, end))
    const texts = fields.map(field => (typeof field === 'object' ? '{}' : String(field)))
    return [[table.name.slice(table.name.indexOf('.') + 1), ...texts].join(' ')]
  }

  /** A method and its content are one line. */
  #joined(lines: readonly string[]): string[] {
    const joined: string[] = []
    for (const line of lines)
      if (line.startsWith('| ')) joined[joined.length - 1] += line.slice(2)
      else if (line.startsWith('= ')) joined[joined.length - 1] += ` ${line}`
      else joined.push(line)
    return joined
  }

  #host(): ChannelHost {
    const isOpen = (): boolean => this.error === null
    return {
      number: this.number,
      connection: this.connection,
      id: `<test.${this.number}>`,
      queueLast: '',
      get isOpen() {
        return isOpen()
      },
      queueNamed: name => name,
      send: (table, fields) => void this.#out.push(methodFrame(this.number, table, fields)),
      fail: error => this.#fail(error),
      hold: () => void this.holdCount++,
      release: () => void this.holdCount--,
    }
  }

  #connection(broker: ChannelBroker, options: TestChannelOptions): ConnectionPort {
    const isCongested = (): boolean => this.isCongested
    const port: Partial<ConnectionPort> = {
      user: { name: 'guest', tags: [], ...options.user },
      namespace: '/',
      frameMax: options.frameMax ?? 131_072,
      remote: { host: '127.0.0.1', port: 1 },
      logger: broker.runtime.logger,
      name: 'test',
      capabilities: {
        basicNack: true,
        publisherConfirms: true,
        consumerCancelNotify: options.cancelNotify ?? true,
        exchangeExchangeBindings: true,
        authenticationFailureClose: true,
        connectionBlocked: true,
      },
      egress: {
        // As a socket does: what is large is not copied.
        write: bytes =>
          void this.#out.push(bytes.length > COPY_BYTES_MAX ? bytes : Buffer.from(bytes)),
        reserve: sizeBytes => (this.#slab = Buffer.alloc(sizeBytes + 3)),
        position: 3,
        advance: end => void this.#out.push(this.#slab.subarray(3, end)),
        whenTaken: () => undefined,
        pendingBytes: 0,
        get congested() {
          return isCongested()
        },
        end() {},
        destroy() {},
      },
      pause: who => void this.paused.add(who),
      resume: who => void this.paused.delete(who),
    }
    // A channel asks its connection for nothing else, and its session for its id.
    return { ...port, session: { id: this.number } } as unknown as ConnectionPort
  }
}

type ConsumeFields = schema.DraftOf<(typeof schema.basicConsume)['fields']>

function shown(bytes: Buffer): string {
  const properties = readProperties(bytes)
  let text = ''
  for (const [name, value] of Object.entries(properties))
    if (value !== null)
      text += ` ${name}=${typeof value === 'object' ? JSON.stringify([...value]) : String(value)}`
  return text
}
