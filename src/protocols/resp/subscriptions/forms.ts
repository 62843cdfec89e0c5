import type { ChannelMessage, Form } from '../../../broker/channel/index.ts'

const LINE_END = '\r\n'

/** A bulk string: characters are bytes. */
const bulk = (text: string): string => `$${text.length}${LINE_END}${text}${LINE_END}`

/** `type` begins an array in RESP2, and a push in RESP3. */
class MessageForm implements Form {
  readonly #message: string
  readonly #sharded: string
  readonly #matched: string

  constructor(type: '*' | '>') {
    this.#message = `${type}3${LINE_END}${bulk('message')}`
    this.#sharded = `${type}3${LINE_END}${bulk('smessage')}`
    this.#matched = `${type}4${LINE_END}${bulk('pmessage')}`
  }

  encode(message: ChannelMessage): Buffer {
    const { channel, pattern, body, bodyStart, bodyEnd } = message
    const start = message.isSharded ? this.#sharded : this.#message
    const kind = pattern === null ? start : this.#matched + bulk(pattern)
    const size = bodyEnd - bodyStart
    const head = `${kind}${bulk(channel)}$${size}${LINE_END}`
    const frame = Buffer.allocUnsafe(head.length + size + LINE_END.length)
    frame.write(head, 0, 'latin1')
    body.copy(frame, head.length, bodyStart, bodyEnd)
    frame.write(LINE_END, head.length + size, 'latin1')
    return frame
  }
}

/** How messages of channels are written, by version of the protocol. */
export const messageForms: Readonly<Record<2 | 3, Form>> = {
  2: new MessageForm('*'),
  3: new MessageForm('>'),
}
