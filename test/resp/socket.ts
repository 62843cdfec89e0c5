import { connect, type Socket } from 'node:net'
import { type Reply, ReplyReader } from './reply.ts'

const ANSWER_MS_MAX = 10_000

/** A connection as a client has it, without a client's opinions: words out, replies in. */
export class RespSocket {
  /** What came and was not taken. */
  readonly inbox: Reply[] = []
  isClosed = false
  readonly #socket: Socket
  readonly #reader = new ReplyReader()
  #failure: unknown = null
  #wake: () => void = () => {}

  static async open(address: string): Promise<RespSocket> {
    const [host = '', port] = address.split(':')
    const socket = connect(Number(port), host)
    socket.setNoDelay(true)
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve)
      socket.once('error', reject)
    })
    return new RespSocket(socket)
  }

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.removeAllListeners('error')
    socket.on('error', () => {}) // The end tells.
    socket.on('data', bytes => this.#received(bytes))
    socket.on('close', () => {
      this.isClosed = true
      this.#wake()
    })
  }

  send(words: readonly (string | Buffer)[]): void {
    this.#socket.write(encode(words))
  }

  raw(bytes: Buffer): void {
    this.#socket.write(bytes)
  }

  /** The next thing that comes. Undefined: the connection ended first, or the time is over. */
  async next(waitMs = ANSWER_MS_MAX): Promise<Reply | undefined> {
    const deadline = performance.now() + waitMs
    while (this.inbox.length === 0 && !this.isClosed && this.#failure === null) {
      const left = deadline - performance.now()
      if (left <= 0) return undefined
      await new Promise<void>(resolve => {
        const timer = setTimeout(resolve, left)
        this.#wake = () => {
          clearTimeout(timer)
          resolve()
        }
      })
    }
    if (this.#failure !== null) throw this.#failure
    return this.inbox.shift()
  }

  /** Sends and gives the reply; throws when there is none. */
  async ask(...words: readonly (string | Buffer)[]): Promise<Reply> {
    this.send(words)
    const reply = await this.next()
    if (reply === undefined) throw new Error(`no reply to ${words.join(' ').slice(0, 200)}`)
    return reply
  }

  async close(): Promise<void> {
    if (this.isClosed) return
    const closed = new Promise(resolve => this.#socket.once('close', resolve))
    this.#socket.destroy()
    await closed
  }

  #received(bytes: Buffer): void {
    try {
      this.#reader.push(bytes)
      for (let reply = this.#reader.next(); reply !== undefined; reply = this.#reader.next())
        this.inbox.push(reply)
    } catch (error) {
      this.#failure = error
      this.#socket.destroy()
    }
    this.#wake()
  }
}

/** Words without Buffers among them are taken as bytes, one for each character. */
export function encode(words: readonly (string | Buffer)[]): Buffer {
  const parts: Buffer[] = [Buffer.from(`*${words.length}\r\n`)]
  for (const word of words) {
    const bytes = typeof word === 'string' ? Buffer.from(word, 'latin1') : word
    parts.push(Buffer.from(`$${bytes.length}\r\n`), bytes, Buffer.from('\r\n'))
  }
  return Buffer.concat(parts)
}
