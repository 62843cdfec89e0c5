import { connect, type Socket } from 'node:net'
import * as frames from './frames.ts'

const { methodId } = frames
const HEADER = Buffer.from('AMQP\0\0\x09\x01', 'latin1')
const BODY = 3
const BODY_BYTES_MAX = 4096

/** What comes in while load runs. Tags are below 2 ** 53. */
export type Handlers = {
  acked?(tag: number, isMultiple: boolean): void
  delivered?(tag: number): void
  /** A body of at most 4 KiB, from `start` to `end`; larger ones are passed over. */
  body?(bytes: Buffer, start: number, end: number): void
  /** After each read of the socket: replies are best written here. */
  turnOver?(): void
}

/** One connection with channel 1 open, over a plain socket. */
export class Wire {
  handlers: Handlers = {}
  readonly #socket: Socket
  readonly #replies: ((id: number) => void)[] = []
  #rest: Buffer | null = null
  /** Of the next read, so many bytes are of a body that nobody looks at. */
  #passedOver = 0

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.on('data', bytes => this.#receive(bytes))
  }

  static async open(host: string, port: number): Promise<Wire> {
    const socket = await new Promise<Socket>((resolve, reject) => {
      const made = connect({ host, port, noDelay: true }, () => resolve(made))
      made.once('error', reject)
    })
    const wire = new Wire(socket)
    await wire.ask(HEADER)
    const login = frames.longString('\0guest\0guest')
    const mechanism = [frames.shortString('PLAIN'), login, frames.shortString('en_US')]
    await wire.ask(frames.method(0, methodId.startOk, frames.uint32(0), ...mechanism))
    const tune = [frames.uint16(2047), frames.uint32(131_072), frames.uint16(0)]
    wire.write(frames.method(0, methodId.tuneOk, ...tune))
    const open = [frames.shortString('/'), frames.shortString(''), frames.uint8(0)]
    await wire.ask(frames.method(0, methodId.open, ...open))
    await wire.ask(frames.method(1, methodId.channelOpen, frames.shortString('')))
    return wire
  }

  /** Sends one method and waits for whatever method answers. */
  ask(bytes: Buffer): Promise<number> {
    return new Promise(resolve => {
      this.#replies.push(resolve)
      this.write(bytes)
    })
  }

  declare(queue: string): Promise<number> {
    const fields = [frames.uint16(0), frames.shortString(queue), frames.uint8(2), frames.uint32(0)]
    return this.ask(frames.method(1, methodId.queueDeclare, ...fields))
  }

  declareFanout(exchange: string): Promise<number> {
    const names = [frames.shortString(exchange), frames.shortString('fanout')]
    const fields = [frames.uint16(0), ...names, frames.uint8(2), frames.uint32(0)]
    return this.ask(frames.method(1, methodId.exchangeDeclare, ...fields))
  }

  deleteExchange(exchange: string): Promise<number> {
    const fields = [frames.uint16(0), frames.shortString(exchange), frames.uint8(0)]
    return this.ask(frames.method(1, methodId.exchangeDelete, ...fields))
  }

  bind(queue: string, exchange: string): Promise<number> {
    const names = [queue, exchange, ''].map(frames.shortString)
    const fields = [frames.uint16(0), ...names, frames.uint8(0), frames.uint32(0)]
    return this.ask(frames.method(1, methodId.queueBind, ...fields))
  }

  delete(queue: string): Promise<number> {
    const fields = [frames.uint16(0), frames.shortString(queue), frames.uint8(0)]
    return this.ask(frames.method(1, methodId.queueDelete, ...fields))
  }

  confirms(): Promise<number> {
    return this.ask(frames.method(1, methodId.confirmSelect, frames.uint8(0)))
  }

  /** For each consumer that comes after it on this connection. */
  prefetch(count: number): Promise<number> {
    const fields = [frames.uint32(0), frames.uint16(count), frames.uint8(0)]
    return this.ask(frames.method(1, methodId.qos, ...fields))
  }

  async consume(queue: string): Promise<void> {
    const names = [frames.shortString(queue), frames.shortString('')]
    const fields = [frames.uint16(0), ...names, frames.uint8(0), frames.uint32(0)]
    await this.ask(frames.method(1, methodId.consume, ...fields))
  }

  write(bytes: Buffer): void {
    this.#socket.write(bytes)
  }

  get isCongested(): boolean {
    return this.#socket.writableLength > 1024 * 1024
  }

  onDrain(run: () => void): void {
    this.#socket.on('drain', run)
  }

  close(): void {
    this.#socket.destroy()
  }

  #receive(read: Buffer): void {
    if (this.#passedOver >= read.length) this.#passedOver -= read.length
    else {
      const fresh = this.#passedOver === 0 ? read : read.subarray(this.#passedOver)
      this.#passedOver = 0
      this.#split(this.#rest === null ? fresh : Buffer.concat([this.#rest, fresh]))
    }
    this.handlers.turnOver?.()
  }

  #split(bytes: Buffer): void {
    let at = 0
    this.#rest = null
    while (bytes.length - at >= 8) {
      const payloadBytes = readUint32(bytes, at + 3)
      const end = at + 8 + payloadBytes
      if (bytes[at] === BODY && payloadBytes > BODY_BYTES_MAX) {
        if (end > bytes.length) {
          this.#passedOver = end - bytes.length
          return
        }
      } else if (end > bytes.length) break
      else if (bytes[at] === 1) this.#method(bytes, at + 7)
      else if (bytes[at] === BODY) this.handlers.body?.(bytes, at + 7, end - 1)
      at = end
    }
    if (at < bytes.length) this.#rest = bytes.subarray(at)
  }

  #method(bytes: Buffer, at: number): void {
    const id = readUint32(bytes, at)
    if (id === methodId.deliver) {
      const tagAt = at + 5 + bytes[at + 4]!
      this.handlers.delivered?.(readUint64(bytes, tagAt))
    } else if (id === methodId.ack) {
      this.handlers.acked?.(readUint64(bytes, at + 4), bytes[at + 12] === 1)
    } else if (id === methodId.connectionClose || id === methodId.channelClose) {
      const text = bytes.toString('utf8', at + 7, at + 7 + bytes[at + 6]!)
      throw new Error(`the broker closed: ${text}`)
    } else if (id === methodId.nack) throw new Error('the broker refused a message')
    else this.#replies.shift()?.(id)
  }
}

const readUint32 = (bytes: Buffer, at: number): number =>
  bytes[at]! * 0x1000000 + ((bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!)

const readUint64 = (bytes: Buffer, at: number): number =>
  readUint32(bytes, at) * 2 ** 32 + readUint32(bytes, at + 4)

/** Whether a broker answers AMQP's greeting: an open port alone does not say so. */
export function answersAmqp(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect(port, '127.0.0.1', () => socket.write(HEADER))
    const answer = (isStart: boolean): void => {
      socket.destroy()
      resolve(isStart)
    }
    socket.once('data', bytes => {
      answer(bytes.length >= 11 && readUint32(bytes, 7) === methodId.start)
    })
    socket.once('error', () => answer(false)).once('close', () => answer(false))
  })
}
