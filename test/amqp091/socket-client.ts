import { connect, type Socket } from 'node:net'
import {
  emptyTable,
  type FieldTable,
  FrameSplitter,
  methodFrame,
  readMethod,
} from '../../src/protocols/amqp091/codec/index.ts'
import { frameType, PROTOCOL_HEADER } from '../../src/protocols/amqp091/constants.ts'
import { frame, publishBytes } from '../../src/protocols/amqp091/channel/client-frames.fixture.ts'
import {
  type Properties,
  readProperties,
} from '../../src/protocols/amqp091/channel/content/properties.ts'
import * as schema from '../../src/protocols/amqp091/schema/index.ts'

export type Reply = { readonly name: string; readonly fields: Readonly<Record<string, unknown>> }

/** A message that came: by basic.deliver, basic.get_ok or basic.return, whichever `name` says. */
export type Message = Reply & {
  readonly channel: number
  readonly properties: Properties
  readonly body: Buffer
}

export type SocketOptions = {
  readonly port: number
  readonly heartbeat?: number
  readonly frameMax?: number
  readonly clientProperties?: FieldTable
}

/** What comes unasked. Called in the order it came in. */
export type Handlers = {
  message?(message: Message): void
  /** basic.ack and basic.nack. */
  confirm?(channel: number, isAck: boolean, tag: number, isMultiple: boolean): void
  /** basic.cancel, connection.blocked, connection.unblocked, connection.close, channel.close. */
  notice?(channel: number, notice: Reply): void
  /** After each read. */
  read?(): void
}

type Waiting = {
  readonly channel: number
  readonly resolve: (reply: Reply) => void
  readonly reject: (error: Error) => void
}

const contentNames = new Set(['basic.deliver', 'basic.get_ok', 'basic.return'])
const noticeNames = new Set(['basic.cancel', 'connection.blocked', 'connection.unblocked'])
const CLOSES = new Set(['connection.close', 'channel.close'])

/** An AMQP client that shows what is on the wire, over a real socket. It forgives nothing. */
export class SocketClient {
  handlers: Handlers = {}
  isEnded = false
  /** The first close of the server's, of a channel or all. */
  closeText: string | null = null
  readonly ended: Promise<void>
  readonly #socket: Socket
  readonly #splitter = new FrameSplitter(1 << 21)
  readonly #waiting: Waiting[] = []
  #message: { reply: Reply; channel: number; properties: Properties; left: number } | null = null
  #bodies: Buffer[] = []

  private constructor(socket: Socket) {
    this.#socket = socket
    this.ended = new Promise(resolve => {
      socket.once('close', () => {
        this.#end()
        resolve()
      })
    })
    socket.on('error', () => {})
    socket.on('data', bytes => this.#receive(bytes))
  }

  /** A socket over which nothing was said. */
  static async connect(port: number): Promise<SocketClient> {
    const socket = await new Promise<Socket>((resolve, reject) => {
      const made = connect({ host: '127.0.0.1', port, noDelay: true }, () => resolve(made))
      made.once('error', reject)
    })
    return new SocketClient(socket)
  }

  /** Logged in as guest, without a channel. */
  static async open(options: SocketOptions): Promise<SocketClient> {
    const client = await SocketClient.connect(options.port)
    client.write(PROTOCOL_HEADER)
    await client.#next(0)
    await client.ask(0, schema.connectionStartOk, {
      clientProperties: options.clientProperties ?? emptyTable,
      mechanism: 'PLAIN',
      response: Buffer.from('\0guest\0guest'),
      locale: 'en_US',
    })
    const { frameMax = 131_072, heartbeat = 0 } = options
    client.send(0, schema.connectionTuneOk, { channelMax: 2047, frameMax, heartbeat })
    await client.ask(0, schema.connectionOpen, { virtualHost: '/' })
    return client
  }

  /** Whether the system's buffer, and then some, is full of what was sent. */
  get isCongested(): boolean {
    return this.#socket.writableLength > 1 << 20
  }

  write(bytes: Buffer): void {
    if (!this.isEnded) this.#socket.write(bytes)
  }

  /** Nothing more is read: what a client does that hangs. */
  stopReading(): void {
    this.#socket.pause()
  }

  /** What comes is read and thrown away. */
  ignoreAll(): void {
    this.#socket.removeAllListeners('data')
    this.#socket.resume()
  }

  send<F extends schema.Fields>(
    channel: number,
    method: schema.Method<F>,
    fields: schema.DraftOf<F>,
  ): void {
    this.write(methodFrame(channel, method, fields))
  }

  /** Sends a request and waits for its reply; a close by the server is an error with its text. */
  ask<F extends schema.Fields>(
    channel: number,
    method: schema.Method<F>,
    fields: schema.DraftOf<F>,
  ): Promise<Reply> {
    if (this.isEnded) return Promise.reject(new Error('the connection has ended'))
    const reply = this.#next(channel)
    this.send(channel, method, fields)
    return reply
  }

  publish(
    channel: number,
    target: { readonly exchange?: string; readonly routingKey?: string; mandatory?: boolean },
    body: Buffer,
    properties: Partial<Properties> = {},
  ): void {
    this.write(publishBytes(channel, target, body, properties))
  }

  heartbeat(): void {
    this.write(frame(frameType.HEARTBEAT, 0, []))
  }

  /** Hangs up without a word. */
  destroy(): void {
    this.#socket.destroy()
    this.#end()
  }

  #next(channel: number): Promise<Reply> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ channel, resolve, reject })
    })
  }

  #end(): void {
    this.isEnded = true
    const reason = this.closeText ?? 'the connection has ended'
    for (const { reject } of this.#waiting.splice(0)) reject(new Error(reason))
  }

  #receive(bytes: Buffer): void {
    if (this.isEnded) return
    this.#splitter.push(bytes)
    while (!this.isEnded && this.#splitter.next()) this.#frame()
    if (!this.isEnded) this.handlers.read?.()
  }

  #frame(): void {
    const { type, channel, bytes, start, end } = this.#splitter
    if (type === frameType.METHOD) this.#method(channel, bytes, start, end)
    else if (type === frameType.HEADER) {
      const message = this.#message!
      message.left = Number(bytes.readBigUInt64BE(start + 4))
      message.properties = readProperties(bytes.subarray(start + 12, end))
      if (message.left === 0) this.#finishMessage()
    } else if (type === frameType.BODY) {
      this.#bodies.push(Buffer.from(bytes.subarray(start, end)))
      this.#message!.left -= end - start
      if (this.#message!.left === 0) this.#finishMessage()
    }
  }

  #finishMessage(): void {
    const { reply, channel, properties } = this.#message!
    const body = Buffer.concat(this.#bodies)
    this.#message = null
    this.#bodies = []
    this.handlers.message?.({ ...reply, channel, properties, body })
    if (reply.name === 'basic.get_ok') this.#answer(channel, reply)
  }

  #method(channel: number, bytes: Buffer, start: number, end: number): void {
    const method = schema.methodOf(bytes.readInt32BE(start))
    if (method === undefined) throw new Error(`no method ${bytes.readInt32BE(start)}`)
    const { name } = method
    const reply = { name, fields: readMethod(method, bytes, start + 4, end) as Reply['fields'] }
    if (contentNames.has(name)) {
      this.#message = { reply, channel, properties: readProperties(Buffer.alloc(2)), left: 0 }
    } else if (name === 'basic.ack' || name === 'basic.nack') {
      const { deliveryTag, multiple } = reply.fields
      this.handlers.confirm?.(channel, name === 'basic.ack', Number(deliveryTag), multiple === true)
    } else if (CLOSES.has(name)) this.#closed(channel, reply)
    else if (noticeNames.has(name)) this.handlers.notice?.(channel, reply)
    else this.#answer(channel, reply)
  }

  #answer(channel: number, reply: Reply): void {
    const index = this.#waiting.findIndex(one => one.channel === channel)
    if (index < 0) throw new Error(`${reply.name} came unasked`)
    this.#waiting.splice(index, 1)[0]!.resolve(reply)
  }

  #closed(channel: number, reply: Reply): void {
    const text = String(reply.fields['replyText'])
    this.closeText ??= text
    this.handlers.notice?.(channel, reply)
    if (channel === 0) {
      this.send(0, schema.connectionCloseOk, {})
      this.destroy()
      return
    }
    this.send(channel, schema.channelCloseOk, {})
    const isHit = (one: Waiting): boolean => one.channel === channel
    for (const { reject } of this.#waiting.filter(isHit)) reject(new Error(text))
    const others = this.#waiting.filter(one => !isHit(one))
    this.#waiting.splice(0, this.#waiting.length, ...others)
  }
}
