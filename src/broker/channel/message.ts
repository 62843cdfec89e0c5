const EMPTY = Buffer.alloc(0)

/**
 * One message on its way to those who subscribed. One object is used again and again: nothing of it
 * is valid longer than the call it was given to.
 */
export class ChannelMessage {
  /** A binary string, as all names of channels: one character for each byte. */
  channel = ''
  /** What matched the channel; null for those who subscribed to its name. */
  pattern: string | null = null
  /** Of the channels that patterns and topics have nothing to do with. */
  isSharded = false
  body: Buffer = EMPTY
  bodyStart = 0
  bodyEnd = 0
  readonly #forms: Form[] = []
  readonly #frames: Buffer[] = []

  /** The next message; what was written of the one before is forgotten. */
  set(channel: string, body: Buffer, bodyStart: number, bodyEnd: number): void {
    this.channel = channel
    this.body = body
    this.bodyStart = bodyStart
    this.bodyEnd = bodyEnd
    this.isSharded = false
    this.matchedBy(null)
  }

  /** The same message for those who subscribed to a pattern. */
  matchedBy(pattern: string | null): void {
    this.pattern = pattern
    this.#forms.length = 0
    this.#frames.length = 0
  }

  /** Lets go of the body. */
  done(): void {
    this.body = EMPTY
    this.matchedBy(null)
  }

  /** Written once in each form, however many there are who take it. */
  frame(form: Form): Buffer {
    const known = this.#forms.indexOf(form)
    if (known >= 0) return this.#frames[known]!
    const frame = form.encode(this)
    this.#forms.push(form)
    this.#frames.push(frame)
    return frame
  }
}

/** How a protocol, or a version of it, writes messages. One object for all who take that form. */
export interface Form {
  /** Bytes that nobody changes afterwards: takers may keep them. */
  encode(message: ChannelMessage): Buffer
}

/** Who subscribes: usually a connection. */
export interface Subscriber {
  readonly form: Form
  /** One message, at once. May end the subscriber, who then unsubscribes. */
  take(frame: Buffer): void
}
