import type { Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import { InvariantError } from '../lib/assert.ts'
import type { Millis } from '../lib/brand.ts'
import { MalformedError } from '../lib/bytes/reader.ts'
import type { Logger } from '../lib/logger.ts'
import type { Address, Connection, Peer, PeerCertificate } from '../protocols/protocol.ts'
import { SocketEgress } from './egress.ts'
import { lendReads } from './lent-reads.ts'

/** How many seconds a peer has to take the last replies and to close its side. */
const ENDING_TICKS_MAX = 5

export type ClientOptions = {
  readonly socket: Socket
  readonly listener: Peer['listener']
  readonly isTls: boolean
  readonly logger: Logger
  readonly now: () => Millis
  readonly connect: (peer: Peer) => Connection
  readonly closed: (client: Client) => void
}

/** One socket and the connection behind it: hands bytes over, and catches what goes wrong. */
export class Client implements Peer {
  readonly egress: SocketEgress
  readonly remote: Address
  readonly local: Address
  readonly listener: Peer['listener']
  readonly isTls: boolean
  readonly certificate: PeerCertificate | null
  readonly logger: Logger
  readonly now: () => Millis
  readonly #socket: Socket
  readonly #connection: Connection
  #ticksEnding = 0

  constructor(options: ClientOptions) {
    const accepted = options.socket
    const lending = lendReads(accepted, bytes => this.#receiveLent(bytes))
    const socket = lending ?? accepted
    this.#socket = socket
    this.listener = options.listener
    this.isTls = options.isTls
    this.certificate = socket instanceof TLSSocket ? certificateOf(socket) : null
    this.now = options.now
    this.remote = address(socket.remoteAddress, socket.remotePort)
    this.local = address(socket.localAddress, socket.localPort)
    this.logger = new ClientLogger(options.logger, this)
    this.egress = new SocketEgress(socket, () => this.#guard(() => this.#connection.drained()))
    this.#connection = options.connect(this)
    if (lending === null) socket.on('data', (bytes: Buffer) => this.#receive(bytes)).resume()
    socket.on('error', error => this.logger.debug({ error: error.message }, 'connection failed'))
    socket.on('close', () => {
      options.closed(this)
      this.#guard(() => this.#connection.closed())
    })
  }

  pause(): void {
    if (!this.egress.isEnding) this.#socket.pause()
  }

  resume(): void {
    this.#socket.resume()
  }

  /** About once a second. */
  tick(now: Millis): void {
    this.egress.tick()
    if (this.egress.isEnding && ++this.#ticksEnding > ENDING_TICKS_MAX) return this.destroy()
    this.#guard(() => this.#connection.tick(now))
  }

  stopping(): void {
    this.#guard(() => this.#connection.stopping())
  }

  destroy(): void {
    this.#socket.destroy()
  }

  #receiveLent(bytes: Buffer): void {
    this.#receive(this.#connection.borrowsReads === true ? bytes : Buffer.from(bytes))
  }

  /** Spelled out, not guarded by a closure: it is called for every read. */
  #receive(bytes: Buffer): void {
    // Read on, and forget: closing with unread bytes would reset the peer before it has our reply.
    if (this.egress.isEnding) return
    try {
      this.#connection.receive(bytes)
    } catch (error) {
      this.#fail(error)
    }
  }

  #guard(call: () => void): void {
    try {
      call()
    } catch (error) {
      this.#fail(error)
    }
  }

  /** Wrong bytes of the peer close its connection; so does a bug, unless it broke an invariant. */
  #fail(error: unknown): void {
    if (error instanceof InvariantError) throw error
    if (error instanceof MalformedError) {
      this.logger.warn({ reason: error.message }, 'closed: the peer sent what it should not')
      this.egress.end() // What was answered before still goes out.
    } else {
      const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
      this.logger.error({ error: text }, 'closed: a bug of the broker in this connection')
      this.#socket.destroy()
    }
  }
}

/** Adds who it is about. Costs nothing until a line is written. */
class ClientLogger implements Logger {
  readonly #logger: Logger
  readonly #client: Client

  constructor(logger: Logger, client: Client) {
    this.#logger = logger
    this.#client = client
  }

  debug(facts: object, message: string): void {
    this.#logger.debug(this.#with(facts), message)
  }

  info(facts: object, message: string): void {
    this.#logger.info(this.#with(facts), message)
  }

  warn(facts: object, message: string): void {
    this.#logger.warn(this.#with(facts), message)
  }

  error(facts: object, message: string): void {
    this.#logger.error(this.#with(facts), message)
  }

  #with(facts: object): object {
    const { remote, listener } = this.#client
    return { peer: showAddress(remote), listener: listener.name, ...facts }
  }
}

/** Null also for one that no authority of ours signed: it proves nothing. */
function certificateOf(socket: TLSSocket): PeerCertificate | null {
  if (!socket.authorized) return null
  // Absent when there is no certificate, though its type says otherwise.
  const subject = socket.getPeerCertificate().subject as Subject | undefined
  if (subject === undefined) return null
  // RFC 4514 begins with the most specific part, the certificate with the least.
  const parts = Object.entries(subject)
    .flatMap(([key, values]) => [values].flat().map(value => `${key}=${escapedName(value)}`))
    .reverse()
  return { commonName: [subject['CN'] ?? ''].flat()[0]!, subject: parts.join(',') }
}

type Subject = Readonly<Record<string, string | readonly string[]>>

const escapedName = (value: string): string => value.replace(/[,+"\\<>;]/g, '\\$&')

/** IPv4 peers of a dual-stack socket are written the IPv4 way. */
function address(host: string | undefined, port: number | undefined): Address {
  return { host: (host ?? '').replace(/^::ffff:/, ''), port: port ?? 0 }
}

export const showAddress = ({ host, port }: Address): string =>
  host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
