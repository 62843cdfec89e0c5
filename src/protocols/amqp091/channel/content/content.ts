import { integerAt, isText, textsAt, typeNameAt, uint32At, valueEnd } from './table-scan.ts'

/** Flags of the property list, in its order (section 4.2.6.1 and class basic). */
export const propertyFlag = {
  contentType: 0x8000,
  contentEncoding: 0x4000,
  headers: 0x2000,
  deliveryMode: 0x1000,
  priority: 0x0800,
  correlationId: 0x0400,
  replyTo: 0x0200,
  expiration: 0x0100,
  messageId: 0x0080,
  timestamp: 0x0040,
  type: 0x0020,
  userId: 0x0010,
  appId: 0x0008,
  clusterId: 0x0004,
} as const

/** Three properties that a flag each names and nobody but their receiver looks at. */
const BEFORE_HEADERS = propertyFlag.contentType | propertyFlag.contentEncoding
/** Names the header that says what Kafka calls the key of a message. */
export const KEY_HEADER = 'x-message-key'

/** Ten years, RabbitMQ's bound. */
const EXPIRATION_MS_MAX = 315_360_000_000

/**
 * What the broker has to know of a message's property list. One object for a channel, filled again
 * with each message; positions are in the bytes that were scanned last, -1 for what is not there.
 */
export class Content {
  isPersistent = false
  priority = 0
  /** -1: it does not expire. */
  ttlMs = -1
  /** Positions of the text, without its length byte. */
  replyToStart = -1
  replyToEnd = -1
  userIdStart = -1
  userIdEnd = -1
  /** The table's entries, without its length. */
  headersStart = -1
  headersEnd = -1
  /** Of the whole `BCC` header, name included. */
  bccStart = -1
  bccEnd = -1
  /** Further routing keys, of headers CC and BCC. */
  copies: string[] | null = null
  delayMs = -1
  keyStart = -1
  keyEnd = -1
  #isOrdinary = true
  /** The message cannot be accepted: in RabbitMQ's words. Null when it can. */
  flaw: string | null = null

  /** Nothing in it needs a closer look: no reply-to, no user-id, no special header. */
  get isPlain(): boolean {
    return this.replyToStart === -1 && this.userIdStart === -1 && this.#isOrdinary
  }

  /** False when the bytes are no property list. */
  scan(bytes: Buffer, start: number, end: number): boolean {
    this.#clear()
    if (end - start < 2) return false
    const flags = (bytes[start]! << 8) | bytes[start + 1]!
    let at = start + 2
    if ((flags & 1) !== 0) return false // No property of the class has a flag in a second word.
    if ((flags & BEFORE_HEADERS) !== 0) {
      if ((flags & propertyFlag.contentType) !== 0) at += 1 + (bytes[at] ?? end)
      if ((flags & propertyFlag.contentEncoding) !== 0) at += 1 + (bytes[at] ?? end)
    }
    if ((flags & propertyFlag.headers) !== 0) {
      at = this.#scanHeaders(bytes, at, end)
      if (at === -1) return false
    }
    if ((flags & propertyFlag.deliveryMode) !== 0) this.isPersistent = bytes[at++] === 2
    if ((flags & propertyFlag.priority) !== 0) this.priority = bytes[at++] ?? 0
    if ((flags & 0x07fc) !== 0) at = this.#scanRest(bytes, at, end, flags)
    return at === end
  }

  #scanRest(bytes: Buffer, start: number, end: number, flags: number): number {
    let at = start
    if ((flags & propertyFlag.correlationId) !== 0) at += 1 + (bytes[at] ?? end)
    if ((flags & propertyFlag.replyTo) !== 0) {
      this.replyToStart = at + 1
      at += 1 + (bytes[at] ?? end)
      this.replyToEnd = at
    }
    if ((flags & propertyFlag.expiration) !== 0) {
      const textStart = at + 1
      at += 1 + (bytes[at] ?? end)
      if (at <= end) this.#parseExpiration(bytes.toString('latin1', textStart, at))
    }
    if ((flags & propertyFlag.messageId) !== 0) at += 1 + (bytes[at] ?? end)
    if ((flags & propertyFlag.timestamp) !== 0) at += 8
    if ((flags & propertyFlag.type) !== 0) at += 1 + (bytes[at] ?? end)
    if ((flags & propertyFlag.userId) !== 0) {
      this.userIdStart = at + 1
      at += 1 + (bytes[at] ?? end)
      this.userIdEnd = at
    }
    if ((flags & propertyFlag.appId) !== 0) at += 1 + (bytes[at] ?? end)
    if ((flags & propertyFlag.clusterId) !== 0) at += 1 + (bytes[at] ?? end)
    return at
  }

  #scanHeaders(bytes: Buffer, tableAt: number, end: number): number {
    if (tableAt + 4 > end) return -1
    this.headersStart = tableAt + 4
    this.headersEnd = this.headersStart + uint32At(bytes, tableAt)
    if (this.headersEnd > end) return -1
    let at = this.headersStart
    while (at < this.headersEnd) {
      const valueAt = at + 1 + bytes[at]!
      const next = valueEnd(bytes, valueAt, this.headersEnd)
      if (next === -1) return -1
      this.#noteHeader(bytes, at, valueAt, next)
      at = next
    }
    return at
  }

  /** Of all headers, the broker acts on four. */
  #noteHeader(bytes: Buffer, start: number, valueAt: number, next: number): void {
    const name = start + 1
    const isOrdinary = this.#isOrdinary
    this.#isOrdinary = false
    switch (valueAt - name) {
      case 2:
        if (isText(bytes, name, valueAt, 'CC')) this.#noteCopies(bytes, valueAt, 'CC')
        break
      case 3:
        if (!isText(bytes, name, valueAt, 'BCC')) break
        this.#noteCopies(bytes, valueAt, 'BCC')
        this.bccStart = start
        this.bccEnd = next
        break
      case 7:
        if (!isText(bytes, name, valueAt, 'x-delay')) break
        this.delayMs = Math.max(integerAt(bytes, valueAt) ?? -1, -1)
        break
      case KEY_HEADER.length:
        if (!isText(bytes, name, valueAt, KEY_HEADER)) break
        if (bytes[valueAt] !== 0x53 && bytes[valueAt] !== 0x78) break
        this.keyStart = valueAt + 5
        this.keyEnd = next
        break
      default:
        this.#isOrdinary = isOrdinary
    }
  }

  #noteCopies(bytes: Buffer, valueAt: number, name: string): void {
    const keys = textsAt(bytes, valueAt)
    if (keys === null)
      this.flaw ??=
        `invalid message: {unacceptable_type_in_header,"${name}",` +
        `${typeNameAt(bytes, valueAt)}}`
    else if (this.copies === null) this.copies = keys
    else this.copies = name === 'CC' ? [...keys, ...this.copies] : [...this.copies, ...keys]
  }

  #parseExpiration(text: string): void {
    const [, number, rest] = /^([+-]?\d+)?(.*)$/s.exec(text)!
    const millis = Number(number)
    let flaw = ''
    if (number === undefined) flaw = 'no_integer'
    else if (rest !== '') flaw = `{leftover_string,"${rest}"}`
    else if (millis < 0) flaw = `{value_negative,${BigInt(number)}}`
    else if (millis > EXPIRATION_MS_MAX) flaw = `{value_too_large,${BigInt(number)}}`
    else this.ttlMs = millis
    if (flaw === '') return
    this.#isOrdinary = false
    this.flaw ??= `invalid expiration '${text}': ${flaw}`
  }

  #clear(): void {
    this.isPersistent = false
    this.priority = 0
    this.ttlMs = -1
    this.replyToStart = -1
    this.userIdStart = -1
    this.headersStart = -1
    this.bccStart = -1
    this.copies = null
    this.delayMs = -1
    this.keyStart = -1
    this.#isOrdinary = true
    this.flaw = null
  }
}

/** The property list without its BCC header: who else got it is nobody's business. */
export function withoutBcc(bytes: Buffer, start: number, end: number, content: Content): Buffer {
  const { headersStart, headersEnd, bccStart, bccEnd } = content
  const tableBytes = Buffer.allocUnsafe(4)
  tableBytes.writeUInt32BE(headersEnd - headersStart - (bccEnd - bccStart))
  return Buffer.concat([
    bytes.subarray(start, headersStart - 4),
    tableBytes,
    bytes.subarray(headersStart, bccStart),
    bytes.subarray(bccEnd, end),
  ])
}

/** The property list with another reply-to; there was one. */
export function withReplyTo(
  bytes: Buffer,
  range: { readonly start: number; readonly end: number },
  content: Content,
  replyTo: Buffer,
): Buffer {
  return Buffer.concat([
    bytes.subarray(range.start, content.replyToStart - 1),
    Buffer.of(replyTo.length),
    replyTo,
    bytes.subarray(content.replyToEnd, range.end),
  ])
}
