import type { User } from '../../broker/access/access.ts'
import type { Broker } from '../../broker/broker.ts'
import type { Session } from '../../broker/session/session.ts'
import type { Millis } from '../../lib/brand.ts'
import type { Logger } from '../../lib/logger.ts'
import type { Address, Egress } from '../protocol.ts'
import type { AmqpError } from './errors.ts'
import type { DraftOf, Fields, Method } from './schema/dsl.ts'

/** Which frame a channel wants next (section 4.2.6): a method, or the rest of a content. */
export const expecting = { method: 0, header: 1, body: 2 } as const
export type Expecting = (typeof expecting)[keyof typeof expecting]

/** Class and method number in one: `classId << 16 | methodId`, as the bytes lie on the wire. */
export const methodKey = (classId: number, methodId: number): number => (classId << 16) | methodId

/**
 * The half of a channel that knows messages: basic.*, confirm.* and tx.*. The connection splits
 * frames, refuses those that `expects` does not want, and calls. What is thrown (AmqpError,
 * BrokerError, MalformedError) closes the channel or the connection, as the method at fault the one
 * that is being received. Bytes are the socket's: valid during the call, copied if kept.
 */
export interface ChannelPort {
  readonly expects: Expecting
  /** Arguments of a method of class basic, confirm or tx lie in `[start, end)`. */
  method(key: number, bytes: Buffer, start: number, end: number): void
  /** The payload of a content header frame of class basic: class, weight, body size, flags, … */
  header(bytes: Buffer, start: number, end: number): void
  /** The payload of a body frame, or a piece of it: then `left` bytes of that frame follow. */
  body(bytes: Buffer, start: number, end: number, left: number): void
  /**
   * Whoever closed the channel, or its connection is gone: consumers leave, what is out goes back.
   * Nothing is written from now on.
   */
  closed(): void
  /** The egress was congested and has room again. */
  drained(): void
  /** About once a second. */
  tick(now: Millis): void
  /** RabbitMQ's list_channels columns that are about messages (`prefetch_count`, …). */
  describe(): Readonly<Record<string, unknown>>
}

/** The half of a channel that the connection keeps: its number, its replies, its end. */
export interface ChannelHost {
  readonly number: number
  readonly connection: ConnectionPort
  /** The channel's id in lists, like `<sabir@host.1.7.1>`. */
  readonly id: string
  /** False once it is closing: whoever finishes later must not write. */
  readonly isOpen: boolean
  /** The queue this channel declared last: what an empty queue name means. Empty: none. */
  readonly queueLast: string
  /** `name`, or for an empty one the queue declared last. Throws when there is none. */
  queueNamed(name: string): string
  /** Writes a method frame through its table: for everything that is not the hot path. */
  send<F extends Fields>(method: Method<F>, fields: DraftOf<F>): void
  /** Closes the channel (or connection) because of something that was not thrown in a call. */
  fail(error: AmqpError, key?: number): void
  /**
   * Frames of this channel wait until `release`: for replies that come later (the disk, a read), so
   * that they keep their order. The whole connection stops reading only if such a frame comes.
   * Holds are counted.
   */
  hold(): void
  release(): void
}

/** What a channel may use of its connection. */
export interface ConnectionPort {
  readonly broker: Broker
  readonly session: Session
  readonly user: User
  readonly namespace: string
  /** Where frames are encoded to: `reserve`, `position`, `advance`, or `write` for large bodies. */
  readonly egress: Egress
  /** The negotiated bound of a whole frame, its eight bytes around included. Never 0. */
  readonly frameMax: number
  readonly capabilities: ClientCapabilities
  readonly remote: Address
  readonly isTls: boolean
  readonly logger: Logger
  /** The name in lists: `127.0.0.1:50000 -> 127.0.0.1:5672`. */
  readonly name: string
  now(): Millis
  /** Whether a client, of whatever connection, has a reply queue of that name. */
  hasReplyQueue(name: string): boolean
  /**
   * Stops handling frames after the current one, and reading, while anyone has it paused. By
   * identity: a channel pauses as itself, as often as it likes.
   */
  pause(who: object): void
  resume(who: object): void
}

/** What the client says it understands, in start-ok. */
export type ClientCapabilities = {
  readonly basicNack: boolean
  readonly publisherConfirms: boolean
  readonly consumerCancelNotify: boolean
  readonly exchangeExchangeBindings: boolean
  readonly authenticationFailureClose: boolean
  readonly connectionBlocked: boolean
}

/** `open` of `Channels` (channel/index.ts), of which there is one for a broker, has this form. */
export type OpenChannel = (host: ChannelHost) => ChannelPort
