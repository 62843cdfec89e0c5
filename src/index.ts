import { brokerSettingsDefault, type BrokerSettings } from './broker/settings.ts'
import { configOf } from './config/index.ts'
import { silentLogger, type Logger } from './lib/logger.ts'
import { showAddress, type BoundListener, type ListenerOptions } from './server/index.ts'
import { openWorld } from './world.ts'

export type { BrokerSettings, BoundListener, ListenerOptions, Logger }

export type StartOptions = {
  /** `memory` (default) forgets everything when it is closed. */
  readonly storage?: 'memory' | { readonly folder: string }
  /** By protocol's name. Absent or 0: any free port. */
  readonly ports?: Readonly<Partial<Record<'kafka' | 'amqp091' | 'resp' | 'disque', number>>>
  /** In place of one plain listener on 127.0.0.1 and ::1 for each protocol. */
  readonly listeners?: readonly ListenerOptions[]
  readonly settings?: Partial<BrokerSettings>
  /** How much of the newest records is kept in memory. */
  readonly tailBytesMax?: number
  /** How much topics that are never written may hold together; then the oldest records go. */
  readonly memoryBytesMax?: number
  /** With `async` durability: how often what was written is synced. */
  readonly flushIntervalMs?: number
  /** How long clients may finish what they began when the broker is closed. */
  readonly stopGraceMs?: number
  /** Silent by default. A pino logger fits. */
  readonly logger?: Logger
}

export interface RunningBroker extends AsyncDisposable {
  /** "127.0.0.1:port" of the first listener of a protocol (or of a listener with that name). */
  url(name: string): string
  port(name: string): number
  readonly listeners: readonly BoundListener[]
  /** Lets clients finish, then closes the log. What was acknowledged is there at the next start. */
  close(): Promise<void>
}

/**
 * Starts a broker in this process. Several can run side by side, each with its own storage:
 *
 *     await using broker = await startBroker({ storage: 'memory' })
 *     const kafka = new Kafka({ brokers: [broker.url('kafka')] })
 *     const rabbit = await connect(`amqp://${broker.url('amqp091')}`)
 */
export async function startBroker(options: StartOptions = {}): Promise<RunningBroker> {
  const { storage = 'memory' } = options
  const defaults = configOf({
    'kafka.port': options.ports?.kafka ?? 0,
    'amqp091.port': options.ports?.amqp091 ?? 0,
    'resp.port': options.ports?.resp ?? 0,
    'disque.port': options.ports?.disque ?? 0,
  })
  const world = await openWorld(
    {
      ...defaults,
      storage: storage === 'memory' ? 'memory' : 'file',
      dataFolder: storage === 'memory' ? '' : storage.folder,
      listeners: options.listeners ?? defaults.listeners,
      tailBytesMax: options.tailBytesMax ?? defaults.tailBytesMax,
      memoryBytesMax: options.memoryBytesMax ?? defaults.memoryBytesMax,
      flushIntervalMs: options.flushIntervalMs ?? defaults.flushIntervalMs,
      stopGraceMs: options.stopGraceMs ?? 1000,
      broker: { ...brokerSettingsDefault, ...options.settings },
    },
    options.logger ?? silentLogger,
  )
  const find = (name: string): BoundListener => {
    const { bound } = world
    const found = bound.find(one => one.protocol === name) ?? bound.find(one => one.name === name)
    if (found !== undefined) return found
    const names = bound.map(one => one.name).join(', ')
    throw new Error(`no listener speaks "${name}"; there are: ${names}`)
  }
  return {
    url: name => {
      const { hosts, port } = find(name)
      return showAddress({ host: dialable(hosts[0]!), port })
    },
    port: name => find(name).port,
    listeners: world.bound,
    close: () => world.close(),
    [Symbol.asyncDispose]: () => world.close(),
  }
}

/** One can listen on "all addresses", but not connect to it. */
const dialable = (host: string): string =>
  host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host
