export { ClientError } from '../client-error.ts'

/** Tables as JSON has them; a point in time within one is shown as `<time>`. */
export type Table = Readonly<Record<string, unknown>>

export type Properties = {
  readonly contentType?: string
  readonly contentEncoding?: string
  readonly headers?: Table
  readonly deliveryMode?: number
  readonly priority?: number
  readonly correlationId?: string
  readonly replyTo?: string
  /** Milliseconds, as text. */
  readonly expiration?: string
  readonly messageId?: string
  /** Seconds. */
  readonly timestamp?: number
  readonly type?: string
  readonly userId?: string
  readonly appId?: string
}

/** What a client was handed. Absent properties and empty header tables are left out. */
export type Message = {
  readonly body: string
  readonly exchange: string
  readonly key: string
  readonly properties: Properties
  /** Of deliveries and answers to `get`. */
  readonly tag?: number
  readonly redelivered?: boolean
  readonly consumer?: string
  /** Of answers to `get`: how many are left. */
  readonly left?: number
  /** Of returned messages. */
  readonly code?: number
  readonly text?: string
}

/** Why the broker closed something. */
export type Closed = {
  readonly what: 'channel' | 'connection'
  readonly code: number
  readonly text: string
}

type On = { readonly channel: string }

/**
 * What a scenario may ask of a client. `channel` is `connection` or `connection.number`: both are
 * opened when first named, and opened anew when named after the broker closed them.
 */
export type Operations = {
  /** Returns the broker's capabilities. */
  open(args: {
    connection: string
    user?: string
    password?: string
    vhost?: string
  }): Promise<{ capabilities: Table }>
  close(args: { connection: string }): Promise<unknown>
  closeChannel(args: On): Promise<unknown>
  /** Waits until the broker closes the channel or its connection. */
  closed(args: On): Promise<Closed>
  declareExchange(
    args: On & {
      exchange: string
      type: string
      durable?: boolean
      autoDelete?: boolean
      internal?: boolean
      passive?: boolean
      arguments?: Table
    },
  ): Promise<unknown>
  deleteExchange(args: On & { exchange: string; ifUnused?: boolean }): Promise<unknown>
  bindExchange(args: On & ExchangeBinding): Promise<unknown>
  unbindExchange(args: On & ExchangeBinding): Promise<unknown>
  declareQueue(
    args: On & {
      queue: string
      durable?: boolean
      exclusive?: boolean
      autoDelete?: boolean
      passive?: boolean
      arguments?: Table
    },
  ): Promise<{ queue: string; messages: number; consumers: number }>
  deleteQueue(
    args: On & { queue: string; ifUnused?: boolean; ifEmpty?: boolean },
  ): Promise<{ messages: number }>
  purgeQueue(args: On & { queue: string }): Promise<{ messages: number }>
  bindQueue(args: On & QueueBinding): Promise<unknown>
  unbindQueue(args: On & QueueBinding): Promise<unknown>
  qos(args: On & { count: number; global?: boolean }): Promise<unknown>
  confirmSelect(args: On): Promise<unknown>
  /** With confirms it waits for all of them and returns each one. */
  publish(
    args: On & {
      exchange?: string
      key: string
      bodies: readonly string[]
      properties?: Properties
      mandatory?: boolean
    },
  ): Promise<('ack' | 'nack')[]>
  /** Takes messages that came back, as soon as there are so many or the time is over. */
  returned(args: On & { count: number; waitMs?: number }): Promise<Message[]>
  get(args: On & { queue: string; noAck?: boolean }): Promise<Message | null>
  consume(
    args: On & {
      queue: string
      tag: string
      noAck?: boolean
      exclusive?: boolean
      arguments?: Table
    },
  ): Promise<unknown>
  cancel(args: On & { tag: string }): Promise<unknown>
  /** Waits for the broker to cancel a consumer of the channel. */
  cancelled(args: On): Promise<{ tag: string }>
  /** Takes deliveries of the channel, as soon as there are so many or the time is over. */
  deliveries(args: On & { count: number; waitMs?: number }): Promise<Message[]>
  ack(args: On & { tag: number; multiple?: boolean }): Promise<unknown>
  nack(args: On & { tag: number; multiple?: boolean; requeue?: boolean }): Promise<unknown>
  reject(args: On & { tag: number; requeue?: boolean }): Promise<unknown>
  recover(args: On): Promise<unknown>
  txSelect(args: On): Promise<unknown>
  txCommit(args: On): Promise<unknown>
  txRollback(args: On): Promise<unknown>
  /** Closes everything and forgets it. */
  reset(args: object): Promise<unknown>
}

type QueueBinding = { queue: string; exchange: string; key?: string; arguments?: Table }
type ExchangeBinding = { destination: string; source: string; key?: string; arguments?: Table }

export type Operation = keyof Operations

/** How long an operation waits for something that must come. */
export const WAIT_MS_MAX = 8000

export type Driver = {
  readonly operations: Partial<Operations>
  close(): Promise<void>
}

export type DriverKind = {
  readonly name: string
  prepare(): Promise<void>
  open(address: string): Promise<Driver>
}

export const allOperations: readonly Operation[] = [
  ...(['open', 'close', 'closeChannel', 'closed', 'reset'] as const),
  ...(['declareExchange', 'deleteExchange', 'bindExchange', 'unbindExchange'] as const),
  ...(['declareQueue', 'deleteQueue', 'purgeQueue', 'bindQueue', 'unbindQueue'] as const),
  ...(['qos', 'confirmSelect', 'publish', 'returned', 'get'] as const),
  ...(['consume', 'cancel', 'cancelled', 'deliveries'] as const),
  ...(['ack', 'nack', 'reject', 'recover', 'txSelect', 'txCommit', 'txRollback'] as const),
]

/** The same operations, which throw what `reasonOf` makes of the library's errors. */
export function withReasons(
  operations: Readonly<Record<string, (args: never) => unknown>>,
  reasonOf: (error: unknown, args: never) => unknown,
): Partial<Operations> {
  const entries = Object.entries(operations).map(([name, run]) => [
    name,
    async (args: never) => {
      try {
        return await run(args)
      } catch (error) {
        throw await reasonOf(error, args)
      }
    },
  ])
  return Object.fromEntries(entries)
}
