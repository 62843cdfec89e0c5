import { Broker } from '../../src/broker/broker.ts'
import { Runtime } from '../../src/broker/runtime.ts'
import { type BrokerSettings, brokerSettingsDefault } from '../../src/broker/settings.ts'
import { Millis } from '../../src/lib/brand.ts'
import { silentLogger } from '../../src/lib/logger.ts'
import { openMemoryStore } from '../../src/log/index.ts'
import { nodePlatform } from '../../src/platform/index.ts'
import {
  emptyTable,
  type FieldTable,
  FrameSplitter,
  methodFrame,
  readMethod,
} from '../../src/protocols/amqp091/codec/index.ts'
import { PROTOCOL_HEADER } from '../../src/protocols/amqp091/constants.ts'
import { amqp091 } from '../../src/protocols/amqp091/index.ts'
import * as schema from '../../src/protocols/amqp091/schema/index.ts'
import type { Connection, Egress, Peer, Protocol } from '../../src/protocols/protocol.ts'
import { receiveLent } from '../../src/protocols/lent-read.fixture.ts'

/** What the broker sent: a method by its name, a header, a body, or a heartbeat. */
export type Received = {
  readonly channel: number
  readonly name: string
  readonly fields: Readonly<Record<string, unknown>>
  readonly payload: Buffer
}

/** A broker in memory whose AMQP clients are called, not connected. */
export class AmqpLoopback implements AsyncDisposable {
  readonly broker: Broker
  readonly #protocol: Protocol

  private constructor(broker: Broker) {
    this.broker = broker
    this.#protocol = amqp091(broker)
  }

  static async open(settings: Partial<BrokerSettings> = {}): Promise<AmqpLoopback> {
    const runtime = new Runtime({
      settings: { ...brokerSettingsDefault, ...settings },
      clock: nodePlatform.clock,
      timers: nodePlatform.timers,
      random: nodePlatform.random,
      logger: silentLogger,
    })
    return new AmqpLoopback(
      await Broker.open(runtime, machines =>
        openMemoryStore({ platform: nodePlatform, logger: silentLogger, machines }),
      ),
    )
  }

  /** A socket that is connected, over which nothing was said. */
  client(peer: Partial<Peer> = {}): AmqpClient {
    return new AmqpClient(this.#protocol, peer)
  }

  /** A client that logged in, with channel 1 open. */
  async opened(options: Partial<Login> = {}): Promise<AmqpClient> {
    const client = this.client()
    await client.logIn(options)
    client.send(1, schema.channelOpen, {})
    await client.next('channel.open_ok')
    return client
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.broker.close()
  }
}

export type Login = {
  readonly user: string
  readonly password: string
  readonly vhost: string
  readonly frameMax: number
  readonly heartbeat: number
  readonly clientProperties: FieldTable
}

const loginDefault: Login = {
  user: 'guest',
  password: 'guest',
  vhost: '/',
  frameMax: 131_072,
  heartbeat: 0,
  clientProperties: emptyTable,
}

const SLAB_BYTES = 64 * 1024

export class AmqpClient {
  isEnded = false
  isPaused = false
  now = 0
  readonly connection: Connection
  /** Everything that came and was not taken by `next`. */
  readonly inbox: Received[] = []
  readonly egress: Egress & { congested: boolean }
  readonly #splitter = new FrameSplitter(1 << 20)
  /** Of the frame that comes in. */
  #pieces: Buffer[] = []
  #waiting: (() => void) | null = null

  constructor(protocol: Protocol, peer: Partial<Peer>) {
    const end = (): void => {
      this.isEnded = true
      this.#waiting?.()
    }
    const slab = Buffer.alloc(SLAB_BYTES)
    this.egress = {
      write: bytes => this.#written(bytes),
      reserve: () => slab,
      position: 0,
      advance: endAt => this.#written(slab.subarray(0, endAt)),
      congested: false,
      whenTaken: () => undefined,
      pendingBytes: 0,
      end,
      destroy: end,
    }
    this.connection = protocol.connect({
      egress: this.egress,
      remote: { host: '127.0.0.1', port: 50_000 },
      local: { host: '127.0.0.1', port: 5672 },
      listener: { name: 'amqp091', advertised: null },
      isTls: false,
      certificate: null,
      logger: silentLogger,
      now: () => Millis(this.now),
      pause: () => void (this.isPaused = true),
      resume: () => void (this.isPaused = false),
      ...peer,
    })
  }

  /** Method frames, as a client encodes them. */
  send<F extends schema.Fields>(
    channel: number,
    method: schema.Method<F>,
    fields: schema.DraftOf<F>,
  ): void {
    receiveLent(this.connection, methodFrame(channel, method, fields))
  }

  /** The next thing that came, which has to be of that name. Undefined: the connection ended. */
  async next(name?: string): Promise<Received> {
    while (this.inbox.length === 0 && !this.isEnded)
      await new Promise<void>(resolve => {
        this.#waiting = resolve
      })
    const received = this.inbox.shift()
    if (received === undefined) throw new Error(`the connection ended before ${name ?? 'anything'}`)
    if (name !== undefined && received.name !== name)
      throw new Error(`${received.name} came, not ${name}: ${JSON.stringify(received.fields)}`)
    return received
  }

  /** Sends a request and gives the fields of the reply, which has to be of that name. */
  async ask<F extends schema.Fields>(
    method: schema.Method<F>,
    fields: schema.DraftOf<F>,
    reply: string,
    channel = 1,
  ): Promise<Readonly<Record<string, unknown>>> {
    this.send(channel, method, fields)
    return (await this.next(reply)).fields
  }

  /** The reply text of a request that closes the channel or the connection. */
  async refusal<F extends schema.Fields>(
    method: schema.Method<F>,
    fields: schema.DraftOf<F>,
    channel = 1,
  ): Promise<string> {
    this.send(channel, method, fields)
    const { name, fields: close } = await this.next()
    const { replyCode, replyText } = close
    if (name === 'channel.close') {
      this.send(channel, schema.channelCloseOk, {})
      await this.ask(schema.channelOpen, {}, 'channel.open_ok', channel)
    }
    return `${name} ${replyCode as number} ${replyText as string}`
  }

  async start(): Promise<Received> {
    receiveLent(this.connection, PROTOCOL_HEADER)
    return this.next('connection.start')
  }

  async logIn(options: Partial<Login> = {}): Promise<void> {
    const login = { ...loginDefault, ...options }
    await this.start()
    this.send(0, schema.connectionStartOk, {
      clientProperties: login.clientProperties,
      mechanism: 'PLAIN',
      response: Buffer.from(`\0${login.user}\0${login.password}`),
      locale: 'en_US',
    })
    await this.next('connection.tune')
    const { frameMax, heartbeat } = login
    this.send(0, schema.connectionTuneOk, { channelMax: 2047, frameMax, heartbeat })
    this.send(0, schema.connectionOpen, { virtualHost: login.vhost })
    await this.next('connection.open_ok')
  }

  #written(bytes: Buffer): void {
    if (bytes.equals(PROTOCOL_HEADER)) {
      this.inbox.push({ channel: 0, name: 'protocol header', fields: {}, payload: bytes })
      return
    }
    this.#splitter.push(Buffer.from(bytes))
    while (this.#splitter.next()) {
      const one = received(this.#splitter)
      this.#pieces.push(one.payload)
      if (this.#splitter.left > 0) continue
      this.inbox.push({ ...one, payload: Buffer.concat(this.#pieces) })
      this.#pieces = []
    }
    this.#waiting?.()
  }
}

/** Whole frames of a server. */
export function framesOf(bytes: Buffer): Received[] {
  const splitter = new FrameSplitter(1 << 20)
  const frames: Received[] = []
  splitter.push(bytes)
  while (splitter.next()) frames.push(received(splitter))
  return frames
}

function received({ type, channel, bytes, start, end }: FrameSplitter): Received {
  const payload = Buffer.from(bytes.subarray(start, end))
  if (type !== 1) return { channel, name: names[type] ?? `type ${type}`, fields: {}, payload }
  const method = schema.methodOf(payload.readInt32BE(0))
  if (method === undefined) throw new Error(`no method ${payload.readInt32BE(0)}`)
  const fields = readMethod(method, payload, 4, payload.length)
  return { channel, name: method.name, fields, payload }
}

const names: Readonly<Record<number, string>> = { 2: 'header', 3: 'body', 8: 'heartbeat' }
