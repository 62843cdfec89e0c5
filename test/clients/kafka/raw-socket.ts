import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

/** A client that sends whatever it likes. */
export class RawSocket {
  readonly #socket: Socket
  #received: Buffer = Buffer.alloc(0)
  #isClosed = false
  #changed: () => void = () => {}

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.on('data', bytes => {
      this.#received = Buffer.concat([this.#received, bytes])
      this.#changed()
    })
    socket.on('error', () => {}) // A reset is one way to be closed.
    socket.on('close', () => {
      this.#isClosed = true
      this.#changed()
    })
  }

  static async open(address: string): Promise<RawSocket> {
    const [host = '', port] = address.split(':')
    const socket = connect(Number(port), host)
    await once(socket, 'connect')
    return new RawSocket(socket)
  }

  send(bytes: Buffer): void {
    this.#socket.write(bytes)
  }

  /** Reads no more from now on, as a client does that hangs. */
  pause(): void {
    this.#socket.pause()
  }

  close(): void {
    this.#socket.destroy()
  }

  get isClosed(): boolean {
    return this.#isClosed
  }

  /** The next response with its size cut off, or null when the broker closed the connection. */
  async response(timeoutMs = 10_000): Promise<Buffer | null> {
    const frame = (): Buffer | null => {
      if (this.#received.length < 4) return null
      const end = 4 + this.#received.readInt32BE(0)
      return this.#received.length < end ? null : this.#received.subarray(4, end)
    }
    await this.#until(() => frame() !== null || this.#isClosed, timeoutMs)
    const found = frame()
    if (found !== null) this.#received = this.#received.subarray(4 + found.length)
    return found
  }

  async closed(timeoutMs = 10_000): Promise<void> {
    await this.#until(() => this.#isClosed, timeoutMs)
  }

  async #until(isDone: () => boolean, timeoutMs: number): Promise<void> {
    const deadline = performance.now() + timeoutMs
    while (!isDone()) {
      const left = deadline - performance.now()
      if (left <= 0) throw new Error(`nothing happened within ${timeoutMs} ms`)
      await new Promise<void>(resolve => {
        const timer = setTimeout(resolve, left)
        this.#changed = () => {
          clearTimeout(timer)
          resolve()
        }
      })
    }
  }
}
