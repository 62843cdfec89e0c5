import type { ChannelHost, ChannelPort, ConnectionPort } from './channel-port.ts'
import { methodFrame } from './codec/index.ts'
import { AmqpError } from './errors.ts'
import { channelClose, type DraftOf, type Fields, type Method } from './schema/index.ts'

/** What a channel asks of whoever holds all channels of a connection. */
export interface ChannelOwner {
  readonly port: ConnectionPort
  /** Closes the connection with an error. */
  failConnection(error: AmqpError, key: number): void
  /** Frames that waited may be handled now. */
  wake(): void
}

/** One channel: its number, whether it is open, what it waits for, and how it is closed. */
export class Channel implements ChannelHost {
  readonly number: number
  readonly connection: ConnectionPort
  readonly id: string
  queueLast = ''
  #port: ChannelPort | null = null
  readonly #owner: ChannelOwner
  #holdCount = 0
  #isOpen = true
  /** The channel was closed by us, and the client did not say that it knows. */
  isClosing = false

  constructor(number: number, id: string, owner: ChannelOwner) {
    this.number = number
    this.id = id
    this.connection = owner.port
    this.#owner = owner
  }

  /** The half that knows messages. Set once, right after both halves were made. */
  get port(): ChannelPort {
    return this.#port!
  }

  attach(port: ChannelPort): void {
    this.#port = port
  }

  get isOpen(): boolean {
    return this.#isOpen
  }

  get isHeld(): boolean {
    return this.#holdCount > 0
  }

  queueNamed(name: string): string {
    if (name !== '') return name
    if (this.queueLast !== '') return this.queueLast
    throw new AmqpError('NOT_FOUND', 'no previously declared queue')
  }

  send<F extends Fields>(method: Method<F>, fields: DraftOf<F>): void {
    if (this.#isOpen) this.connection.egress.write(methodFrame(this.number, method, fields))
  }

  /** Sends once what was done is as safe as the broker promises; what comes meanwhile waits. */
  sendWhenSafe<F extends Fields>(method: Method<F>, fields: DraftOf<F>): void {
    this.hold()
    this.connection.broker.publisher.whenSafe(refusal => {
      if (refusal === null) this.send(method, fields)
      else this.fail(new AmqpError('PRECONDITION_FAILED', refusal.message), method.key)
      this.release()
    })
  }

  /** To a client that closes what we closed. */
  sendClosed(method: Method<Record<never, never>>): void {
    this.connection.egress.write(methodFrame(this.number, method, {}))
  }

  fail(error: AmqpError, key = 0): void {
    if (!this.#isOpen) return
    if (error.closesConnection) return this.#owner.failConnection(error, key)
    const { code, replyText } = error
    const facts = { channel: this.number, reason: replyText }
    this.connection.logger.warn(facts, 'closing an AMQP channel')
    this.send(channelClose, {
      replyCode: code,
      replyText,
      classId: key >>> 16,
      methodId: key & 0xffff,
    })
    this.isClosing = true
    this.end()
  }

  /** Nothing is written from now on; consumers leave, and what is out goes back. */
  end(): void {
    if (!this.#isOpen) return
    this.#isOpen = false
    this.port.closed()
  }

  hold(): void {
    this.#holdCount++
  }

  release(): void {
    this.#holdCount--
    if (this.#holdCount === 0) this.#owner.wake()
  }
}
