import { connect, type Socket } from 'node:net'
import * as frames from './frames.ts'

const { methodId } = frames
const HEADER = Buffer.from('AMQP\0\0\x09\x01', 'latin1')

/** What comes in while load runs. Tags are below 2 ** 53. */
export type Handlers = {
  acked?(tag: number, isMultiple: boolean): void
  delivered?(tag: number): void
  /** After each read of the socket: replies are best written here. */
  turnOver?(): void
}

/** One connection with channel 1 open, over a plain socket. */
export class Wire {
  handlers: Handlers = {}
  readonly #socket: Socket
  readonly #replies: ((id: number) => void)[] = []
  #rest: Buffer | null = null

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

  delete(queue: string): Promise<number> {
    const fields = [frames.uint16(0), frames.shortString(queue), frames.uint8(0)]
    return this.ask(frames.method(1, methodId.queueDelete, ...fields))
  }

  confirms(): Promise<number> {
    return this.ask(frames.method(1, methodId.confirmSelect, frames.uint8(0)))
  }

  async consume(queue: string, prefetch: number): Promise<void> {
    const qos = [frames.uint32(0), frames.uint16(prefetch), frames.uint8(0)]
    await this.ask(frames.method(1, methodId.qos, ...qos))
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
    const bytes = this.#rest === null ? read : Buffer.concat([this.#rest, read])
    let at = 0
    while (bytes.length - at >= 8) {
      const end = at + 8 + readUint32(bytes, at + 3)
      if (end > bytes.length) break
      if (bytes[at] === 1) this.#method(bytes, at + 7)
      at = end
    }
    this.#rest = at === bytes.length ? null : bytes.subarray(at)
    this.handlers.turnOver?.()
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
