import { InvariantError } from '../../lib/assert.ts'
import type { Millis } from '../../lib/brand.ts'
import { ByteReader, MalformedError } from '../../lib/bytes/index.ts'
import { limits } from '../../limits/limits.ts'
import type { Connection, Peer } from '../protocol.ts'
import { ClosingCalls } from './closing-calls.ts'
import { encodeResponse, readRequest, readRequestHeader, type RequestHeader } from './codec.ts'
import { unknownVersionResponse } from './handlers/data/18-api-versions.ts'
import { ClosingError, type Client, type Context, type Handler } from './handlers/handler.ts'
import { handlerOf } from './handlers/index.ts'
import { type Reply, ReplyQueue } from './reply-queue.ts'
import { apiVersions } from './schema/index.ts'
import type { Services } from './services.ts'
import { RequestSplitter } from './splitter.ts'

const PRODUCE = 0
/** The slowest a request may come in, in bytes per millisecond, beyond the time it has anyway. */
const ARRIVAL_BYTES_PER_MS = 50

/** A request on its way to its answer. */
type Asked = {
  readonly reply: Reply
  readonly handler: Handler
  readonly header: RequestHeader
  readonly context: Context
}

/**
 * One client. Requests are begun as they come and answered in that order; reading stops while too
 * many are unanswered, while the client does not read its answers, and, for producers, while the
 * disk lags.
 */
export class KafkaConnection implements Connection {
  readonly borrowsReads = true
  readonly #peer: Peer
  readonly #services: Services
  readonly #client: Client
  readonly #splitter: RequestSplitter
  readonly #replies: ReplyQueue
  /** Tries again; one function for the connection's life, because the gate knows it by identity. */
  readonly #enter = (): void => this.#work()
  /** A produce request that must wait for the disk. */
  #held: Buffer | undefined
  #isClosed = false
  #isStopping = false
  #isWorking = false
  #isPaused = false
  /** Whether anything came since the last tick, and when it was that something came last. */
  #wasActive = true
  #lastActiveAt: number
  /** Since when a request is incomplete, or -1. */
  #partialSince = -1
  #requestCount = 0

  constructor(peer: Peer, services: Services) {
    this.#peer = peer
    this.#services = services
    services.connected()
    this.#splitter = new RequestSplitter(limits.requestBytesMax, services.frameBlocks)
    this.#lastActiveAt = peer.now()
    this.#replies = new ReplyQueue(peer.egress)
    this.#client = {
      softwareName: '',
      softwareVersion: '',
      host: `/${peer.remote.host}`,
      whenClosed: new ClosingCalls(),
    }
  }

  receive(bytes: Buffer): void {
    if (this.#isClosed) return
    this.#wasActive = true
    this.#splitter.push(bytes)
    this.#work()
    this.#splitter.settle()
  }

  drained(): void {
    this.#work()
  }

  tick(now: Millis): void {
    if (this.#isClosed) return
    this.#services.tick(now)
    if (this.#wasActive || this.#replies.count > 0) this.#lastActiveAt = now
    this.#wasActive = false
    if (now - this.#lastActiveAt > limits.connectionIdleMs) {
      this.#peer.logger.debug(this.#facts(), 'closing a connection that was idle for too long')
      this.#close()
      return
    }
    this.#checkArrival(now)
    this.#work()
  }

  stopping(): void {
    this.#isStopping = true
    this.#client.whenClosed.run()
    this.#endIfDone()
  }

  closed(): void {
    if (!this.#isClosed) this.#services.disconnected()
    this.#isClosed = true
    this.#held = undefined
    this.#services.diskGate.forget(this.#enter)
    this.#client.whenClosed.run()
  }

  /** A request that began has to come in, though slowly: nobody may keep memory by stalling. */
  #checkArrival(now: Millis): void {
    const { pendingBytes } = this.#splitter
    if (pendingBytes === 0 || this.#isStalled()) {
      this.#partialSince = -1
      return
    }
    if (this.#partialSince === -1) {
      this.#partialSince = now
      this.#requestCount = 0
    } else if (this.#requestCount > 0) {
      this.#partialSince = now // Others came to their end since: this is another one.
      this.#requestCount = 0
    }
    const allowedMs = limits.requestArrivalMs + pendingBytes / ARRIVAL_BYTES_PER_MS
    if (now - this.#partialSince > allowedMs) this.#refuse('a request did not come to its end')
  }

  #isStalled(): boolean {
    return this.#held !== undefined || this.#replies.isFull || this.#peer.egress.congested
  }

  /** Begins what has come, as far as limits allow. */
  #work(): void {
    if (this.#isClosed || this.#isStopping || this.#isWorking) return
    this.#isWorking = true
    try {
      while (!this.#isClosed && !this.#replies.isFull && !this.#peer.egress.congested) {
        const frame = this.#held ?? this.#splitter.next()
        if (frame === undefined) break
        const isProduce = frame.length >= 2 && frame.readInt16BE(0) === PRODUCE
        const { diskGate } = this.#services
        if (isProduce && !diskGate.isOpen) {
          diskGate.whenOpen(this.#enter)
          this.#held ??= this.#splitter.hold(frame)
          break
        }
        this.#held = undefined
        // What is appended is copied; other requests may be kept, or be answered later.
        this.#serve(isProduce ? frame : this.#splitter.own(frame))
      }
    } catch (error) {
      this.#fail(error)
    } finally {
      this.#isWorking = false
    }
    if (this.#isClosed) return
    this.#setPaused(this.#isStalled())
  }

  #setPaused(isPaused: boolean): void {
    if (isPaused === this.#isPaused) return
    this.#isPaused = isPaused
    if (isPaused) this.#peer.pause()
    else this.#peer.resume()
  }

  #serve(frame: Buffer): void {
    this.#requestCount++
    const reader = new ByteReader(frame)
    const header = readRequestHeader(reader)
    const handler = handlerOf(header.apiKey)
    if (handler === undefined || !isServed(handler, header.apiVersion))
      return this.#serveUnknown(header)
    const request = readRequest(handler.api, header.apiVersion, reader)
    const reply = this.#replies.begin()
    const context = this.#context(header)
    const answer = handler.answer(request, context)
    const asked: Asked = { reply, handler, header, context }
    if (!(answer instanceof Promise)) return this.#finish(asked, answer)
    answer.then(
      response => this.#finishLater(asked, response),
      error => this.#fail(error),
    )
  }

  #serveUnknown(header: RequestHeader): void {
    if (header.apiKey === apiVersions.key) {
      const response = unknownVersionResponse()
      this.#replies.finish(
        this.#replies.begin(),
        encodeResponse(apiVersions, 0, header.correlationId, response),
      )
      return
    }
    this.#refuse(`API ${header.apiKey} in version ${header.apiVersion} is not served`)
  }

  #finishLater(asked: Asked, response: unknown): void {
    if (this.#isClosed) return
    try {
      this.#finish(asked, response)
    } catch (error) {
      return this.#fail(error)
    }
    this.#work()
    if (this.#isStopping) this.#endIfDone()
  }

  #finish({ reply, handler, header, context }: Asked, response: unknown): void {
    if (response === null) return this.#replies.finish(reply, null)
    const { apiVersion, correlationId } = header
    // The handler was made for this very table, so it answers in its shape.
    const draft = response as Record<string, unknown>
    const chunks = encodeResponse(handler.api, apiVersion, correlationId, draft)
    this.#replies.finish(reply, chunks, context.whenWritten)
  }

  #context(header: RequestHeader): Context {
    return {
      broker: this.#services.broker,
      peer: this.#peer,
      client: this.#client,
      services: this.#services,
      version: header.apiVersion,
      clientId: header.clientId ?? '',
      whenWritten: null,
    }
  }

  #fail(error: unknown): void {
    if (this.#isClosed && !(error instanceof InvariantError)) return
    if (error instanceof MalformedError || error instanceof ClosingError)
      return this.#refuse(error.message)
    if (error instanceof InvariantError) throw error
    this.#peer.logger.error({ ...this.#facts(), error }, 'a request failed unexpectedly')
    this.#close()
  }

  /** What cannot be answered ends the connection, as it does in Apache Kafka. */
  #refuse(reason: string): void {
    this.#peer.logger.warn(this.#facts(), `closing a connection: ${reason}`)
    this.#close()
  }

  #close(): void {
    if (this.#isClosed) return
    this.closed()
    // Answers that were given go out first: the client may be waiting for one of them.
    this.#peer.egress.end()
  }

  #endIfDone(): void {
    if (!this.#isClosed && this.#replies.count === 0) this.#close()
  }

  #facts(): object {
    const { remote, listener } = this.#peer
    return { remote: `${remote.host}:${remote.port}`, listener: listener.name }
  }
}

function isServed(handler: Handler, version: number): boolean {
  return version >= handler.versions[0] && version <= handler.versions[1]
}
