import { Broker } from '../../src/broker/broker.ts'
import { Runtime } from '../../src/broker/runtime.ts'
import { type BrokerSettings, brokerSettingsDefault } from '../../src/broker/settings.ts'
import { Millis } from '../../src/lib/brand.ts'
import { silentLogger } from '../../src/lib/logger.ts'
import { COPY_BYTES_MAX } from '../../src/lib/bytes/index.ts'
import { openMemoryStore, type StateMachine, type Store } from '../../src/log/index.ts'
import { nodePlatform } from '../../src/platform/index.ts'
import { receiveLent } from '../../src/protocols/lent-read.fixture.ts'
import type { Connection, Egress, Peer, Protocol } from '../../src/protocols/protocol.ts'
import {
  openServices,
  type RespOptions,
  respOptionsDefault,
} from '../../src/protocols/resp/index.ts'
import { RespConnection } from '../../src/protocols/resp/connection.ts'
import type { Services } from '../../src/protocols/resp/services.ts'
import { type Reply, ReplyReader } from './reply.ts'

/** A reply as a value: texts, numbers, lists; `+OK` and `-ERR …` with their signs. */
export type Plain = string | number | null | boolean | readonly Plain[]

export type LoopbackOptions = {
  readonly settings?: Partial<BrokerSettings>
  readonly resp?: Partial<RespOptions>
  readonly openStore?: (machines: readonly StateMachine[]) => Promise<Store>
}

/** A broker in memory whose Redis clients are called, not connected. */
export class RespLoopback implements AsyncDisposable {
  readonly broker: Broker
  readonly services: Services
  readonly #failures: object[] = []

  private constructor(broker: Broker, options: RespOptions) {
    this.broker = broker
    this.services = openServices(broker, options)
  }

  static async open({ settings, resp, openStore }: LoopbackOptions = {}): Promise<RespLoopback> {
    const runtime = new Runtime({
      settings: { ...brokerSettingsDefault, ...settings },
      clock: nodePlatform.clock,
      timers: nodePlatform.timers,
      random: nodePlatform.random,
      logger: silentLogger,
    })
    const broker = await Broker.open(
      runtime,
      openStore ??
        (machines => openMemoryStore({ platform: nodePlatform, logger: silentLogger, machines })),
    )
    return new RespLoopback(broker, { ...respOptionsDefault, ...resp })
  }

  /** What was logged as a bug of the broker. */
  get failures(): object[] {
    return this.#failures
  }

  client(peer: Partial<Peer> = {}): RespClient {
    return new RespClient(
      { connect: of => new RespConnection(of, this.services) },
      peer,
      this.#failures,
    )
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.broker.close()
  }
}

const SLAB_BYTES = 64 * 1024

type LoopedEgress = Egress & { congested: boolean; pendingBytes: number }
type Ends = { written(bytes: Buffer): void; ended(): void }

/** A connection that is called; what it writes is told at once. */
export function looped(
  protocol: Pick<Protocol, 'connect'>,
  { written, ended }: Ends,
  peer: Partial<Peer> = {},
): { readonly connection: Connection; readonly egress: LoopedEgress } {
  const slab = Buffer.alloc(SLAB_BYTES)
  const egress: LoopedEgress = {
    write: written,
    reserve: () => slab,
    position: 0,
    // The room is reserved anew for the next reply.
    advance: endAt => written(Buffer.from(slab.subarray(0, endAt))),
    whenTaken: () => undefined,
    pendingBytes: 0,
    congested: false,
    end: ended,
    destroy: ended,
  }
  const connection = protocol.connect({
    egress,
    remote: { host: '127.0.0.1', port: 50_000 },
    local: { host: '127.0.0.1', port: 6379 },
    listener: { name: 'resp', advertised: null },
    isTls: false,
    certificate: null,
    logger: silentLogger,
    now: () => Millis(Date.now()),
    pause: () => {},
    resume: () => {},
    ...peer,
  })
  return { connection, egress }
}

/** A client whose replies are there as soon as they are written. */
export class RespClient {
  isEnded = false
  isPaused = false
  readonly connection: Connection
  readonly egress: LoopedEgress
  sentBytes = 0
  readonly #reader = new ReplyReader()
  readonly #inbox: Plain[] = []
  /** Not looked at yet: a long reply is written in many pieces. */
  #pieces: Buffer[] = []
  #waiting: (() => void) | null = null

  constructor(
    protocol: Pick<Protocol, 'connect'>,
    peer: Partial<Peer> = {},
    failures: object[] = [],
  ) {
    const ends: Ends = {
      written: bytes => this.#written(bytes),
      ended: () => {
        this.isEnded = true
        this.#waiting?.()
      },
    }
    const logger = { ...silentLogger, error: (facts: object) => void failures.push(facts) }
    const reading = {
      pause: () => void (this.isPaused = true),
      resume: () => void (this.isPaused = false),
    }
    const { connection, egress } = looped(protocol, ends, { logger, ...reading, ...peer })
    this.connection = connection
    this.egress = egress
  }

  /** Everything that came and was not taken. */
  get inbox(): Plain[] {
    if (this.#pieces.length === 0) return this.#inbox
    this.#reader.push(Buffer.concat(this.#pieces))
    this.#pieces = []
    for (let reply = this.#reader.next(); reply !== undefined; reply = this.#reader.next())
      this.#inbox.push(plain(reply))
    return this.#inbox
  }

  /** One command, as a client encodes it. */
  send(...words: readonly (string | Buffer)[]): void {
    receiveLent(this.connection, encoded(words))
  }

  /** Several commands in one read. */
  pipeline(...commands: readonly (readonly (string | Buffer)[])[]): void {
    receiveLent(this.connection, Buffer.concat(commands.map(encoded)))
  }

  /** Sends a command and gives its reply, which has to be there at once. */
  ask(...words: readonly (string | Buffer)[]): Plain {
    this.send(...words)
    const reply = this.inbox.shift()
    if (reply === undefined) throw new Error(`no reply to ${words.join(' ')}`)
    return reply
  }

  /** The next thing that comes. */
  async next(): Promise<Plain> {
    while (this.inbox.length === 0 && !this.isEnded)
      await new Promise<void>(resolve => {
        this.#waiting = resolve
      })
    const reply = this.inbox.shift()
    if (reply === undefined) throw new Error('the connection ended')
    return reply
  }

  /** The peer is gone. */
  close(): void {
    this.connection.closed()
  }

  #written(bytes: Buffer): void {
    this.sentBytes += bytes.length
    // As a socket does: what is large is not copied.
    this.#pieces.push(bytes.length > COPY_BYTES_MAX ? bytes : Buffer.from(bytes))
    this.#waiting?.()
  }
}

export function encoded(words: readonly (string | Buffer)[]): Buffer {
  const parts: Buffer[] = [Buffer.from(`*${words.length}\r\n`)]
  for (const word of words) {
    const bytes = typeof word === 'string' ? Buffer.from(word) : word
    parts.push(Buffer.from(`$${bytes.length}\r\n`), bytes, Buffer.from('\r\n'))
  }
  return Buffer.concat(parts)
}

function plain(reply: Reply): Plain {
  switch (reply.kind) {
    case 'simple':
      return `+${reply.text}`
    case 'error':
    case 'bulk error':
      return `-${reply.text}`
    case 'integer':
    case 'double':
      return Number(reply.text)
    case 'boolean':
      return reply.text === 't'
    case 'null':
      return null
    case 'bulk':
    case 'big':
    case 'verbatim':
      return reply.text
    default:
      return reply.items.map(plain)
  }
}
