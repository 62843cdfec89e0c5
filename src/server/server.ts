import type { Server as NetServer, Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import type { Logger } from '../lib/logger.ts'
import { limits } from '../limits/limits.ts'
import type { Clock, Timer, Timers } from '../platform/platform.ts'
import type { Connection, Peer, Protocol } from '../protocols/protocol.ts'
import { bind, PortTakenError, unlisten, type Bound } from './bind.ts'
import { Client } from './client.ts'
import { Detection } from './detect.ts'
import { StartError, type BoundListener, type ListenerOptions } from './options.ts'
import { loadTls } from './tls.ts'

const TICK_MS = 1000

export type ServerOptions = {
  readonly protocols: readonly Protocol[]
  readonly listeners: readonly ListenerOptions[]
  readonly clock: Clock
  readonly timers: Timers
  readonly logger: Logger
  readonly connectionsMax?: number
}

/** Every socket of the broker: takes connections, ticks them, stops them gracefully. */
export class Server {
  readonly #options: ServerOptions
  readonly #connectionsMax: number
  readonly #sockets: NetServer[] = []
  readonly #clients = new Set<Client>()
  readonly #bound: BoundListener[] = []
  readonly #ticker: Timer
  #turnedAway = 0
  /** Called when the last connection is gone. */
  #emptied: (() => void) | null = null
  #isStopping = false

  private constructor(options: ServerOptions) {
    this.#options = options
    this.#connectionsMax = options.connectionsMax ?? limits.connectionsMax
    this.#ticker = options.timers.every(TICK_MS, () => this.#tick())
  }

  /** Listens everywhere or, with a StartError that says why and what would work, nowhere. */
  static async open(options: ServerOptions): Promise<Server> {
    const server = new Server(options)
    try {
      for (const listener of options.listeners) await server.#listen(listener)
      await server.#listenSomewhere()
      return server
    } catch (error) {
      await server.close(0)
      throw error
    }
  }

  /** Where it listens, in the order of the configuration, without what was skipped. */
  get bound(): readonly BoundListener[] {
    return this.#bound
  }

  get connectionCount(): number {
    return this.#clients.size
  }

  /** Nobody is served until `resume`: as `close`, but listeners come back where they were. */
  async suspend(graceMs: number): Promise<void> {
    if (this.#isStopping) return
    await this.#empty(graceMs)
  }

  /** Listens again where it did. Throws a StartError when somebody else took a port meanwhile. */
  async resume(): Promise<void> {
    if (!this.#isStopping) return
    this.#isStopping = false
    const ports = new Map(this.#bound.splice(0).map(({ name, port }) => [name, port]))
    for (const listener of this.#options.listeners) {
      const port = ports.get(listener.name)
      if (port !== undefined) await this.#bind({ ...listener, port })
    }
  }

  get isSuspended(): boolean {
    return this.#isStopping
  }

  /** Takes nothing new, lets connections finish for as long as `graceMs`, then cuts them off. */
  async close(graceMs: number): Promise<void> {
    await this.#empty(graceMs)
    this.#ticker.cancel()
  }

  async #empty(graceMs: number): Promise<void> {
    this.#isStopping = true
    const unlistened = this.#sockets.splice(0).map(unlisten)
    for (const client of [...this.#clients]) client.stopping()
    if (this.#clients.size > 0) await this.#lastGone(graceMs)
    if (this.#clients.size > 0)
      this.#options.logger.info({ connections: this.#clients.size }, 'cut off: still open')
    for (const client of [...this.#clients]) client.destroy()
    await Promise.all(unlistened)
  }

  /** Or the time is over. Not by looking now and then: timers do not keep a process alive. */
  async #lastGone(graceMs: number): Promise<void> {
    await new Promise<void>(resolve => {
      const timer = this.#options.timers.after(graceMs, resolve)
      this.#emptied = () => {
        timer.cancel()
        resolve()
      }
    })
    this.#emptied = null
  }

  async #listen(listener: ListenerOptions): Promise<void> {
    try {
      await this.#bind(listener)
    } catch (error) {
      if (!(listener.isDefaultPort && error instanceof PortTakenError)) throw error
      this.#options.logger.warn(
        { listener: listener.name, port: listener.port },
        `skipped port ${listener.port}: another program has it. To serve ${listener.protocol} ` +
          `elsewhere, give a port: --${listener.protocol}-port`,
      )
    }
  }

  /** When every default port is taken, a free one is better than a broker nobody can reach. */
  async #listenSomewhere(): Promise<void> {
    const [first] = this.#options.listeners
    if (this.#bound.length > 0 || first === undefined) return
    await this.#bind({ ...first, port: 0 })
  }

  async #bind(listener: ListenerOptions): Promise<void> {
    const tls = listener.tls === null ? null : loadTls(listener.name, listener.tls)
    const connect = this.#connector(listener)
    const bound = await bind(listener, tls, socket => this.#accept(socket, listener, connect))
    this.#watch(bound, listener)
    this.#bound.push({
      name: listener.name,
      protocol: listener.protocol,
      isTls: tls !== null,
      port: bound.port,
      hosts: bound.hosts,
      advertised: listener.advertised,
    })
  }

  #watch(bound: Bound, { name }: ListenerOptions): void {
    for (const socket of bound.servers) {
      this.#sockets.push(socket)
      socket.on('error', error => {
        this.#options.logger.error({ listener: name, error: error.message }, 'cannot accept')
      })
      socket.on('tlsClientError', (error: Error, client: TLSSocket) => {
        const facts = { listener: name, peer: client.remoteAddress, reason: error.message }
        this.#options.logger.warn(facts, 'closed: the TLS handshake failed')
      })
    }
  }

  #connector(listener: ListenerOptions): (peer: Peer) => Connection {
    const { protocols } = this.#options
    if (listener.protocol === 'auto') return peer => new Detection(protocols, peer)
    const protocol = protocols.find(({ name }) => name === listener.protocol)
    if (protocol !== undefined) return peer => protocol.connect(peer)
    const names = ['auto', ...protocols.map(({ name }) => name)].join(', ')
    throw new StartError(
      `listener "${listener.name}": no protocol "${listener.protocol}". There are: ${names}`,
    )
  }

  #accept(socket: Socket, listener: ListenerOptions, connect: (peer: Peer) => Connection): void {
    if (this.#isStopping || this.#clients.size >= this.#connectionsMax) {
      this.#turnedAway++ // Told once a second: a flood of connections is no flood of lines.
      socket.on('error', () => {})
      socket.destroy()
      return
    }
    const client = new Client({
      socket,
      listener: { name: listener.name, advertised: listener.advertised },
      isTls: listener.tls !== null,
      logger: this.#options.logger,
      now: () => this.#options.clock.now(),
      connect,
      closed: gone => {
        this.#clients.delete(gone)
        if (this.#clients.size === 0) this.#emptied?.()
      },
    })
    this.#clients.add(client)
  }

  #tick(): void {
    const now = this.#options.clock.now()
    for (const client of this.#clients) client.tick(now)
    if (this.#turnedAway === 0) return
    this.#options.logger.warn(
      { turnedAway: this.#turnedAway, connectionsMax: this.#connectionsMax },
      'connections turned away: there are as many as allowed',
    )
    this.#turnedAway = 0
  }
}
