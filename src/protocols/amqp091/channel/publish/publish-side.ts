import { published } from '../../../../broker/publish/publisher.ts'
import type { StoreRefusal } from '../../../../log/store.ts'
import type { ChannelHost } from '../../channel-port.ts'
import { classId, replyCode } from '../../constants.ts'
import { AmqpError } from '../../errors.ts'
import { basicAck, basicNack, basicReturn } from '../../schema/index.ts'
import type { Address } from './addresses.ts'
import { Confirms, type ConfirmWriter } from './confirms.ts'
import type { ConsumeSide } from '../consume/consume-side.ts'
import type { ContentFrames } from '../content/frames.ts'
import type { KeptMessage } from './kept-message.ts'
import { type MessageSink, Publishing } from './publishing.ts'
import type { ChannelServices } from '../services.ts'
import { Transaction } from './transaction.ts'

const RETURN_PREFIX = returnPrefix(replyCode.NO_ROUTE, 'NO_ROUTE')

/** Class, method, code and text of basic.return. */
function returnPrefix(code: number, text: string): Buffer {
  const prefix = Buffer.alloc(7 + text.length)
  prefix.writeUInt16BE(classId.BASIC, 0)
  prefix.writeUInt16BE(basicReturn.methodId, 2)
  prefix.writeUInt16BE(code, 4)
  prefix[6] = text.length
  prefix.write(text, 7)
  return prefix
}

/** The publishing half of a channel: publishes, confirms, returns, and keeps for transactions. */
export class PublishSide implements MessageSink, ConfirmWriter {
  readonly publishing: Publishing
  readonly #host: ChannelHost
  readonly #services: ChannelServices
  readonly #frames: ContentFrames
  readonly #consuming: ConsumeSide
  #confirms: Confirms | null = null
  #transaction: Transaction | null = null
  #isTurnOpen = false
  #mustWait = false
  /** A message that the store does not take yet; frames behind it wait. */
  #held: KeptMessage | null = null
  #isClosed = false
  readonly #endTurn = (): void => this.#turnEnded()
  readonly #safe = (refusal: StoreRefusal | null): void => this.#settled(refusal)
  readonly #retry = (): void => this.#publishHeld()

  constructor(
    host: ChannelHost,
    services: ChannelServices,
    parts: { readonly frames: ContentFrames; readonly consuming: ConsumeSide },
  ) {
    this.#host = host
    this.#services = services
    this.#frames = parts.frames
    this.#consuming = parts.consuming
    this.publishing = new Publishing(host, services, this)
  }

  get replyName(): string | null {
    return this.#consuming.replyName
  }

  get isConfirming(): boolean {
    return this.#confirms !== null
  }

  get transaction(): Transaction | null {
    return this.#transaction
  }

  get unconfirmedCount(): number {
    return this.#confirms?.unconfirmedCount ?? 0
  }

  confirmSelect(): void {
    if (this.#transaction !== null)
      throw new AmqpError('PRECONDITION_FAILED', 'cannot switch from tx to confirm mode')
    this.#confirms ??= new Confirms(this)
  }

  txSelect(): void {
    if (this.#confirms !== null)
      throw new AmqpError('PRECONDITION_FAILED', 'cannot switch from confirm to tx mode')
    this.#transaction ??= new Transaction()
  }

  /** The transaction that ends now; the next one begins. */
  txEnd(): Transaction {
    const transaction = this.#transaction
    if (transaction === null)
      throw new AmqpError('PRECONDITION_FAILED', 'channel is not transactional')
    this.#transaction = new Transaction()
    return transaction
  }

  /** Called by `publishing` with each message. */
  message(address: Address, isMandatory: boolean): void {
    if (this.#transaction !== null)
      this.#transaction.keep(this.publishing.keep(address, isMandatory))
    else if (this.#services.broker.runtime.store.refusal === null)
      this.#confirm(this.#publish(address, isMandatory))
    else if (this.#confirms !== null) this.#confirm(published.rejected)
    else this.#holdBack(this.publishing.keep(address, isMandatory))
  }

  /** Publishes what a transaction kept. Throws, before anything is done, if that cannot be. */
  publishAll(messages: readonly KeptMessage[]): { isRejected: boolean } {
    const { refusal } = this.#services.broker.runtime.store
    if (refusal !== null) throw new AmqpError('PRECONDITION_FAILED', refusal.message)
    for (const { address } of messages) this.publishing.resolve(address)
    let bits = 0
    for (const message of messages) {
      this.publishing.recall(message)
      bits |= this.#publish(message.address, message.isMandatory)
    }
    return { isRejected: (bits & published.rejected) !== 0 }
  }

  /** Nobody is told anything any more. */
  close(): void {
    this.#isClosed = true
    this.#transaction = null
    this.#held = null
    this.#services.gate.leave(this.#retry)
  }

  /** Writes basic.ack or basic.nack. */
  confirm(isAccepted: boolean, deliveryTag: number, multiple: boolean): void {
    if (isAccepted) this.#host.send(basicAck, { deliveryTag, multiple })
    else this.#host.send(basicNack, { deliveryTag, multiple, requeue: false })
  }

  /** Bits of `published`. */
  #publish(address: Address, isMandatory: boolean): number {
    const { publication } = this.publishing
    const bits = address.isReply
      ? this.#reply(address)
      : this.#services.broker.publisher.publish(address.route!, publication)
    if (isMandatory && (bits & published.routed) === 0) this.#return()
    if (!this.#isTurnOpen) {
      this.#isTurnOpen = true
      this.#services.broker.turn.add('confirm', this.#endTurn)
    }
    return bits
  }

  #confirm(bits: number): void {
    if (this.#confirms === null) return
    this.#confirms.published((bits & published.rejected) !== 0)
    if (!this.#isTurnOpen) {
      this.#isTurnOpen = true
      this.#services.broker.turn.add('confirm', this.#endTurn)
    }
    if ((bits & published.sync) === 0 || this.#mustWait) return
    this.#mustWait = true
    this.#services.broker.publisher.whenSafe(this.#safe)
  }

  /** Straight to the consumer that waits for it, if it still does. */
  #reply(address: Address): number {
    const taker = this.#services.replies.taker(address.routingKey)
    if (taker === undefined) return 0
    this.publishing.ownBody()
    taker.reply(this.publishing.publication, this.#host.connection)
    return published.routed
  }

  #return(): void {
    const { publication } = this.publishing
    this.publishing.ownBody()
    const { address, properties, body } = this.#frames
    address.bytes = publication.address
    address.start = publication.addressStart
    address.end = publication.addressEnd
    properties.bytes = publication.properties
    properties.start = publication.propertiesStart
    properties.end = publication.propertiesEnd
    body.bytes = publication.body
    body.start = publication.bodyStart
    body.end = publication.bodyEnd
    this.#frames.returned(RETURN_PREFIX)
  }

  #turnEnded(): void {
    this.#isTurnOpen = false
    if (this.#isClosed) return
    const mustWait = this.#mustWait
    this.#mustWait = false
    this.#confirms?.endTurn(mustWait)
    this.#services.gate.check(this.#host.connection)
  }

  #settled(refusal: StoreRefusal | null): void {
    if (!this.#isClosed) this.#confirms?.settled(refusal === null)
  }

  /** A publisher without confirms would not learn that its message is lost, so it waits. */
  #holdBack(message: KeptMessage): void {
    this.#held = message
    this.#host.hold()
    this.#services.gate.whenWelcome(this.#retry)
  }

  #publishHeld(): void {
    const held = this.#held
    if (held === null) return
    this.#held = null
    try {
      this.publishing.resolve(held.address)
      this.publishing.recall(held)
      this.#publish(held.address, held.isMandatory)
    } catch (error) {
      if (!(error instanceof AmqpError)) throw error
      this.#host.fail(error)
    }
    this.#host.release()
  }
}
