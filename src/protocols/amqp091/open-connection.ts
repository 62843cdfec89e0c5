import type { User } from '../../broker/access/index.ts'
import type { Broker } from '../../broker/broker.ts'
import type { Millis } from '../../lib/brand.ts'
import type { Logger } from '../../lib/logger.ts'
import type { Address, Egress, Peer } from '../protocol.ts'
import { Channel, type ChannelOwner } from './channel.ts'
import {
  type ClientCapabilities,
  type ConnectionPort,
  expecting,
  methodKey,
} from './channel-port.ts'
import { type FrameSplitter, frameSnippet } from './codec/index.ts'
import { classId, frameType } from './constants.ts'
import { AmqpError, amqpErrorOf } from './errors.ts'
import { handleMethod } from './handlers/index.ts'
import { channelClose, channelCloseOk, channelOpen, channelOpenOk } from './schema/index.ts'
import type { Services } from './services.ts'
import { AmqpSession, type SessionFacts, type SessionOwner } from './session.ts'

/** What was agreed on until the connection was open. */
export type Agreement = {
  readonly user: User
  readonly namespace: string
  readonly capabilities: ClientCapabilities
  readonly frameMax: number
  readonly channelMax: number
  readonly facts: SessionFacts
}

/** The wire below: what channels ask of it. */
export interface Wire {
  pause(who: object): void
  resume(who: object): void
  /** Ends the connection with an error, which the client is told. */
  fail(error: AmqpError, key: number): void
  /** Frames that waited may be handled now. */
  wake(): void
  blocked(reason: string | null): void
  readonly isBlocked: boolean
  /** Of what it is told, `blocked` comes with the first message it sends. */
  messageCame(): void
}

const BASIC_PUBLISH = methodKey(classId.BASIC, 40)

/** A connection somebody logged in with: its channels, and the frames that are for them. */
export class OpenConnection implements ConnectionPort, ChannelOwner, SessionOwner {
  readonly broker: Broker
  readonly session: AmqpSession
  readonly user: User
  readonly namespace: string
  readonly egress: Egress
  readonly frameMax: number
  readonly capabilities: ClientCapabilities
  readonly remote: Address
  readonly isTls: boolean
  readonly logger: Logger
  readonly name: string
  readonly #channelMax: number
  readonly #peer: Peer
  readonly #wire: Wire
  readonly #services: Services
  readonly #channels = new Map<number, Channel>()
  /** The channel of the frame before: nearly always the next frame's, too. */
  #last: Channel | null = null
  #isEnded = false

  constructor(services: Services, peer: Peer, wire: Wire, agreement: Agreement) {
    this.broker = services.broker
    this.#services = services
    this.#peer = peer
    this.#wire = wire
    this.user = agreement.user
    this.namespace = agreement.namespace
    this.capabilities = agreement.capabilities
    this.frameMax = agreement.frameMax
    this.#channelMax = agreement.channelMax
    this.egress = peer.egress
    this.remote = peer.remote
    this.isTls = peer.isTls
    this.logger = peer.logger
    this.name = String(agreement.facts['name'])
    const { sessions } = this.broker
    this.session = new AmqpSession(sessions.nextId(), agreement, agreement.facts, this)
    sessions.add(this.session)
  }

  get port(): ConnectionPort {
    return this
  }

  get channels(): Iterable<Channel> {
    return this.#channels.values()
  }

  get channelCount(): number {
    return this.#channels.size
  }

  get state(): string {
    return this.#wire.isBlocked ? 'blocked' : 'running'
  }

  now(): Millis {
    return this.#peer.now()
  }

  hasReplyQueue(name: string): boolean {
    return this.#services.hasReplyQueue(name)
  }

  pause(who: object): void {
    this.#wire.pause(who)
  }

  resume(who: object): void {
    this.#wire.resume(who)
  }

  wake(): void {
    this.#wire.wake()
  }

  failConnection(error: AmqpError, key: number): void {
    this.#wire.fail(error, key)
  }

  /** An operator ends it. */
  end(reason: string): void {
    this.#wire.fail(new AmqpError('CONNECTION_FORCED', reason), 0)
  }

  blocked(reason: string | null): void {
    this.#wire.blocked(reason)
  }

  drained(): void {
    for (const channel of this.#channels.values()) if (channel.isOpen) channel.port.drained()
  }

  tick(now: Millis): void {
    for (const channel of this.#channels.values()) if (channel.isOpen) channel.port.tick(now)
  }

  /** Channels let go of what they have, then what belongs to the session alone goes. */
  closed(): void {
    if (this.#isEnded) return
    this.#isEnded = true
    for (const channel of this.#channels.values()) channel.end()
    this.#channels.clear()
    this.#last = null
    this.broker.sessions.remove(this.session)
  }

  /** A frame of a channel other than 0. False: it cannot be taken yet. */
  frame(frame: FrameSplitter): boolean {
    const number = frame.channel
    let channel: Channel | null | undefined = this.#last
    if (channel === null || channel.number !== number) {
      channel = this.#channels.get(number)
      if (channel === undefined) {
        this.#firstFrame(frame)
        return true
      }
      this.#last = channel
    }
    if (channel.isHeld) return false
    if (channel.isClosing) this.#closingFrame(channel, frame)
    else if (frame.type === frameType.BODY || frame.type === frameType.HEADER)
      this.#contentFrame(channel, frame)
    else this.#methodFrame(channel, frame)
    return true
  }

  #methodFrame(channel: Channel, frame: FrameSplitter): void {
    let key = 0
    try {
      const { port } = channel
      const { bytes, start, end } = frame
      if (frame.type !== frameType.METHOD || end - start < 4) refuse(frame)
      if (port.expects !== expecting.method) throw unexpected(port.expects)
      const group = (bytes[start]! << 8) | bytes[start + 1]!
      key = (group << 16) | (bytes[start + 2]! << 8) | bytes[start + 3]!
      if (group === classId.BASIC || group === classId.CONFIRM || group === classId.TX)
        return port.method(key, bytes, start + 4, end)
      if (key === channelClose.key) return this.#closeChannel(channel)
      handleMethod(channel, key, bytes, start + 4, end)
    } catch (error) {
      channel.fail(amqpErrorOf(error), key)
    }
  }

  #contentFrame(channel: Channel, frame: FrameSplitter): void {
    try {
      const { port } = channel
      if (frame.type === frameType.HEADER) {
        if (port.expects !== expecting.header) throw unexpected(port.expects)
        if (this.#wire.isBlocked) this.#wire.messageCame()
        port.header(frame.bytes, frame.start, frame.end)
      } else {
        if (port.expects !== expecting.body) throw unexpected(port.expects)
        port.body(frame.bytes, frame.start, frame.end, frame.left)
      }
    } catch (error) {
      channel.fail(amqpErrorOf(error), BASIC_PUBLISH)
    }
  }

  /** The first frame of a channel that is not open: it has to open it. */
  #firstFrame(frame: FrameSplitter): void {
    const { type, channel: number } = frame
    try {
      if (type !== frameType.METHOD && type !== frameType.HEADER && type !== frameType.BODY)
        refuse(frame)
      this.#checkChannelLimit()
      if (type !== frameType.METHOD) throw unexpected(expecting.method)
      if (keyOf(frame) !== channelOpen.key)
        throw new AmqpError('CHANNEL_ERROR', "expected 'channel.open'")
    } catch (error) {
      return this.#wire.fail(amqpErrorOf(error), 0)
    }
    const channel = new Channel(number, `${this.session.pid.slice(0, -2)}${number}>`, this)
    channel.attach(this.#services.openChannel(channel))
    this.#channels.set(number, channel)
    channel.send(channelOpenOk, {})
  }

  #checkChannelLimit(): void {
    const count = this.#channels.size
    if (count >= this.#channelMax)
      throw new AmqpError(
        'NOT_ALLOWED',
        `number of channels opened (${count}) has reached the negotiated channel_max ` +
          `(${this.#channelMax})`,
      )
    const { name } = this.user
    const max = this.broker.access.user(name)?.limits.channelsMax ?? null
    if (max === null) return
    let ofUser = 0
    for (const session of this.broker.sessions.all())
      if (session.user.name === name && session instanceof AmqpSession)
        ofUser += session.channelCount
    if (ofUser >= max)
      throw new AmqpError(
        'NOT_ALLOWED',
        `number of channels opened for user '${name}' has reached the maximum allowed user ` +
          `limit of ${max}`,
      )
  }

  #closeChannel(channel: Channel): void {
    channel.send(channelCloseOk, {})
    channel.end()
    this.#forget(channel)
  }

  /** We closed it, and the client may not know yet: only that it does is of interest. */
  #closingFrame(channel: Channel, frame: FrameSplitter): void {
    if (frame.type !== frameType.METHOD) return
    const key = keyOf(frame)
    if (key === channelCloseOk.key) this.#forget(channel)
    else if (key === channelClose.key) channel.sendClosed(channelCloseOk)
  }

  #forget(channel: Channel): void {
    this.#channels.delete(channel.number)
    this.#last = null
  }
}

/** -1 for a method frame too short to have one. */
function keyOf({ bytes, start, end }: FrameSplitter): number {
  return end - start < 4 ? -1 : bytes.readInt32BE(start)
}

function refuse({ type, bytes, start, end }: FrameSplitter): never {
  const snippet = frameSnippet(type, bytes.subarray(start, end))
  if (type === frameType.HEARTBEAT) throw new AmqpError('UNEXPECTED_FRAME', snippet)
  throw new AmqpError('FRAME_ERROR', `${snippet}: unknown_frame`)
}

const unexpectedTexts = [
  'expected method frame, got non method frame instead',
  'expected content header for class 60, got non content header frame instead',
  'expected content body, got non content body frame instead',
] as const

const unexpected = (expects: 0 | 1 | 2): AmqpError =>
  new AmqpError('UNEXPECTED_FRAME', unexpectedTexts[expects])
