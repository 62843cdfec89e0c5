import { connect, type Socket } from 'node:net'
import { decodeResponse, encodeRequest } from '../../../src/protocols/kafka/codec.ts'
import type { Api, DraftOf, Fields, ShapeOf } from '../../../src/protocols/kafka/schema/index.ts'
import { RequestSplitter } from '../../../src/protocols/kafka/splitter.ts'

/** One plain socket. Frames go out as they are given; answers come back in order. */
export class Wire {
  /** Told once of a connection that broke, or of what was thrown when an answer was looked at. */
  failed: (reason: unknown) => void = reason => {
    throw reason
  }
  readonly #socket: Socket
  readonly #splitter = new RequestSplitter(2 ** 30)
  readonly #waiting: ((frame: Buffer) => void)[] = []
  #waitingFrom = 0
  #unanswered = 0
  #isOver = false

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.on('data', bytes => this.#receive(bytes))
    socket.on('error', error => this.#fail(error))
    socket.on('close', () => {
      if (this.inFlight > 0) this.#fail(new Error('the broker closed a connection in mid-flight'))
    })
  }

  static open(host: string, port: number): Promise<Wire> {
    return new Promise((resolve, reject) => {
      const socket = connect({ host, port, noDelay: true })
      socket.once('error', reject)
      socket.once('connect', () => {
        socket.off('error', reject)
        resolve(new Wire(socket))
      })
    })
  }

  get inFlight(): number {
    return this.#waiting.length - this.#waitingFrom + this.#unanswered
  }

  /** The frame has its size in front, and may be written by reference. */
  send(chunks: readonly Buffer[], answered: (frame: Buffer) => void): void {
    this.#waiting.push(answered)
    this.#socket.cork()
    for (const chunk of chunks) this.#socket.write(chunk)
    this.#socket.uncork()
  }

  /** Frames that nobody answers count as done when the kernel has them. */
  sendUnanswered(chunks: readonly Buffer[], written: () => void): void {
    this.#unanswered++
    const last = chunks.length - 1
    chunks.forEach((chunk, index) => {
      if (index < last) this.#socket.write(chunk)
      else {
        this.#socket.write(chunk, () => {
          this.#unanswered--
          written()
        })
      }
    })
  }

  /** One request, its answer decoded: for everything that is not measured. */
  ask<Request extends Fields, Response extends Fields>(
    api: Api<Request, Response>,
    apiVersion: number,
    request: DraftOf<Request>,
  ): Promise<ShapeOf<Response>> {
    const header = { apiVersion, correlationId: 0, clientId: 'bench' }
    return new Promise((resolve, reject) => {
      this.failed = reject
      this.send(encodeRequest(api, header, request), frame =>
        resolve(decodeResponse(api, apiVersion, frame)),
      )
    })
  }

  /** Answers that are still to come are not waited for. */
  close(): void {
    this.#isOver = true
    this.#socket.destroy()
  }

  #receive(bytes: Buffer): void {
    this.#splitter.push(bytes)
    try {
      for (let frame = this.#splitter.next(); frame !== undefined; frame = this.#splitter.next())
        this.#take(frame)
    } catch (error) {
      this.#fail(error)
    }
  }

  #take(frame: Buffer): void {
    const answered = this.#waiting[this.#waitingFrom]
    if (answered === undefined) throw new Error('an answer to nothing')
    if (++this.#waitingFrom === 1024) {
      this.#waiting.splice(0, 1024)
      this.#waitingFrom = 0
    }
    if (!this.#isOver) answered(frame)
  }

  #fail(reason: unknown): void {
    if (this.#isOver) return
    this.close()
    this.failed(reason)
  }
}
