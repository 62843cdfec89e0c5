import { MalformedError } from '../../../../lib/bytes/index.ts'
import { givenBack } from '../../../../lib/given-back.ts'
import { limits } from '../../../../limits/limits.ts'
import { Publication } from '../../../../message/publication.ts'
import { type ChannelHost, type Expecting, expecting } from '../../channel-port.ts'
import { CONTENT_HEAD_BYTES, classId } from '../../constants.ts'
import { AmqpError } from '../../errors.ts'
import { checkTopic, resolve } from './address-check.ts'
import { type Address, Addresses } from './addresses.ts'
import { BodyAssembly } from '../content/body.ts'
import { Content, withoutBcc, withReplyTo } from '../content/content.ts'
import { copy } from '../content/frames.ts'
import { KeptMessage } from './kept-message.ts'
import type { ChannelServices } from '../services.ts'
import { uint32At } from '../content/table-scan.ts'

const MANDATORY = 1
const IMMEDIATE = 2
const REPLY_TO = 'amq.rabbitmq.reply-to'
const IMPERSONATOR = 'impersonator'
/** More is given back after the message; a channel that publishes nothing has none. */
const SCRATCH_BYTES = 1024
const SPARE_BYTES_MAX = 2 * 1024 * 1024
const EMPTY = Buffer.alloc(0)

/** What becomes of a message that came in whole. */
export interface MessageSink {
  /** The name this channel's replies go to, or null. */
  readonly replyName: string | null
  message(address: Address, isMandatory: boolean): void
}

/**
 * Puts messages together from their frames: method, content header, body. One object of each kind
 * serves all messages of a channel.
 */
export class Publishing {
  expects: Expecting = expecting.method
  /** The message that came in, or was kept; valid while the sink is called. */
  readonly publication = new Publication()
  readonly #host: ChannelHost
  readonly #services: ChannelServices
  readonly #sink: MessageSink
  readonly #bytesMax: number
  readonly #addresses = new Addresses()
  readonly #content = new Content()
  #address: Address | null = null
  #isMandatory = false
  /** The property list; the header frame's bytes may be gone when the body comes. */
  #properties: Buffer = EMPTY
  #propertyBytes = 0
  #bodyBytes = 0
  #assembly: BodyAssembly | null = null
  /** What the body before was put together in, while bodies come. */
  #spare: Buffer | null = null
  #isSpareIdle = false

  constructor(host: ChannelHost, services: ChannelServices, sink: MessageSink) {
    this.#host = host
    this.#services = services
    this.#sink = sink
    this.#bytesMax = services.broker.runtime.settings.messageBytesMax
    const { connection, number } = host
    const sender = { connection: connection.name, channel: number, user: connection.user.name }
    this.publication.sender = sender
  }

  /** Arguments of basic.publish. */
  method(bytes: Buffer, start: number, end: number): void {
    const exchangeAt = start + 2
    const keyAt = exchangeAt + 1 + bytes[exchangeAt]!
    const addressEnd = keyAt + 1 + bytes[keyAt]!
    if (addressEnd + 1 !== end || keyAt >= end)
      throw new MalformedError('basic.publish has another length than its arguments')
    const bits = bytes[addressEnd]!
    if ((bits & IMMEDIATE) !== 0) throw new AmqpError('NOT_IMPLEMENTED', 'immediate=true')
    this.#isMandatory = (bits & MANDATORY) !== 0
    this.#address = this.#addresses.find(bytes, exchangeAt, addressEnd)
    this.expects = expecting.header
  }

  /** Payload of a content header frame. */
  header(bytes: Buffer, start: number, end: number): void {
    if (end - start < CONTENT_HEAD_BYTES + 2) throw new MalformedError('a content header is short')
    const group = (bytes[start]! << 8) | bytes[start + 1]!
    if (group !== classId.BASIC)
      throw new AmqpError(
        'UNEXPECTED_FRAME',
        `expected content header for class 60, got one for class ${group} instead`,
      )
    const bodyBytes = uint32At(bytes, start + 4) * 2 ** 32 + uint32At(bytes, start + 8)
    if (bodyBytes > this.#bytesMax) this.#refuseSize(bodyBytes)
    this.#takeProperties(bytes, start + CONTENT_HEAD_BYTES, end)
    if (!this.#content.scan(this.#properties, 0, this.#propertyBytes))
      throw new MalformedError('the properties of a message cannot be read')
    this.#bodyBytes = bodyBytes
    if (bodyBytes === 0) this.#finish(bytes, end, end)
    else this.expects = expecting.body
  }

  /** Payload of a body frame, or a piece of it: then `left` bytes of that frame are to come. */
  body(bytes: Buffer, start: number, end: number, left: number): void {
    const sizeBytes = end - start
    if (sizeBytes === this.#bodyBytes && this.#assembly === null && left === 0)
      return this.#finish(bytes, start, end)
    this.#assembly ??= new BodyAssembly(this.#bodyBytes, this.#spare)
    if (sizeBytes + left > this.#assembly.missingBytes)
      throw new AmqpError('FRAME_ERROR', 'content body frame exceeds remaining content size')
    this.#assembly.append(bytes, start, end)
    if (this.#assembly.missingBytes > 0) return
    const body = this.#assembly.finish()
    this.#assembly = null
    this.#spare = body.length <= SPARE_BYTES_MAX ? body : null
    this.#isSpareIdle = false
    this.#finish(body, 0, this.#bodyBytes)
    if (this.#spare !== null) givenBack(this.#spare)
  }

  /** For who refers to the body of the message for longer than it is published. */
  ownBody(): void {
    const { publication } = this
    publication.body = Buffer.from(
      publication.body.subarray(publication.bodyStart, publication.bodyEnd),
    )
    publication.bodyStart = 0
    publication.bodyEnd = publication.body.length
  }

  /** About once a second. */
  tick(): void {
    if (this.#isSpareIdle) this.#spare = null
    this.#isSpareIdle = true
  }

  /** Fills the publication with a message that was kept. */
  recall(message: KeptMessage): void {
    this.#fillAddress(message.address)
    message.fill(this.publication)
  }

  keep(address: Address, isMandatory: boolean): KeptMessage {
    return new KeptMessage(this.publication, address, isMandatory)
  }

  /** Makes sure of the route; throws when the message may not go there. */
  resolve(address: Address): void {
    const { access } = this.#services.broker
    const isKnown = address.isReply || (address.route !== null && !address.route.isStale)
    if (isKnown && address.accessVersion === access.version) return
    resolve(address, this.#host, this.#services)
  }

  #takeProperties(bytes: Buffer, start: number, end: number): void {
    const sizeBytes = end - start
    if (sizeBytes > this.#properties.length)
      this.#properties = Buffer.allocUnsafeSlow(Math.max(sizeBytes, SCRATCH_BYTES))
    this.#propertyBytes = sizeBytes
    copy(bytes, start, end, this.#properties, 0)
  }

  #finish(body: Buffer, bodyStart: number, bodyEnd: number): void {
    this.expects = expecting.method
    const address = this.#address!
    this.resolve(address)
    const { publication } = this
    this.#fillAddress(address)
    publication.body = body
    publication.bodyStart = bodyStart
    publication.bodyEnd = bodyEnd
    this.#fillProperties(publication, address)
    this.#sink.message(address, this.#isMandatory)
    if (this.#properties.length > SCRATCH_BYTES) this.#properties = EMPTY
    givenBack(this.#properties)
  }

  #fillAddress(address: Address): void {
    const { publication } = this
    publication.exchange = address.exchange
    publication.routingKey = address.routingKey
    publication.address = address.bytes
    publication.addressEnd = address.bytes.length
  }

  #fillProperties(publication: Publication, address: Address): void {
    const content = this.#content
    publication.properties = this.#properties
    publication.propertiesStart = 0
    publication.propertiesEnd = this.#propertyBytes
    publication.ttlMs = content.ttlMs
    publication.priority = content.priority
    publication.isPersistent = content.isPersistent
    publication.delayMs = content.delayMs
    publication.copies = null
    publication.key = null
    if (content.isPlain) return
    if (content.replyToStart !== -1) this.#overrideReplyTo(publication)
    if (content.flaw !== null) throw new AmqpError('PRECONDITION_FAILED', content.flaw)
    if (content.copies !== null && content.copies.length > 0) {
      publication.copies = content.copies
      for (const key of content.copies)
        checkTopic(address.exchange, key, this.#host, this.#services)
    }
    if (content.userIdStart !== -1) this.#checkUserId()
    if (content.keyStart !== -1)
      publication.key = this.#properties.subarray(content.keyStart, content.keyEnd)
    if (content.bccStart !== -1) {
      // The reply-to lies behind the headers, and its positions are used no more.
      const { properties, propertiesStart, propertiesEnd } = publication
      publication.properties = withoutBcc(properties, propertiesStart, propertiesEnd, content)
      publication.propertiesEnd = publication.properties.length
    }
  }

  #overrideReplyTo(publication: Publication): void {
    const content = this.#content
    const { replyToStart: start, replyToEnd: end } = content
    if (end - start !== REPLY_TO.length) return
    if (this.#properties.toString('latin1', start, end) !== REPLY_TO) return
    const name = this.#sink.replyName
    if (name === null)
      throw new AmqpError('PRECONDITION_FAILED', 'fast reply consumer does not exist')
    const range = { start: 0, end: this.#propertyBytes }
    publication.properties = withReplyTo(this.#properties, range, content, Buffer.from(name))
    publication.propertiesEnd = publication.properties.length
  }

  #checkUserId(): void {
    const { user } = this.#host.connection
    const { userIdStart, userIdEnd } = this.#content
    const claimed = this.#properties.toString('utf8', userIdStart, userIdEnd)
    if (claimed === user.name || user.tags.includes(IMPERSONATOR)) return
    throw new AmqpError(
      'PRECONDITION_FAILED',
      `user_id property set to '${claimed}' but authenticated user was '${user.name}'`,
    )
  }

  #refuseSize(bodyBytes: number): never {
    const max = this.#bytesMax
    if (bodyBytes > limits.messageBytesMax)
      throw new AmqpError(
        'FRAME_ERROR',
        `content body size ${bodyBytes} exceeds maximum allowed size ${limits.messageBytesMax}`,
      )
    throw new AmqpError(
      'PRECONDITION_FAILED',
      `message size ${bodyBytes} is larger than configured max size ${max}`,
    )
  }
}
