import { assert } from '../../lib/assert.ts'
import { Ring } from '../../lib/ring.ts'
import type { Egress } from '../protocol.ts'
import { limits } from '../../limits/limits.ts'

/** The answer to one request, when it is there. */
export class Reply {
  /** Null while the answer is not there, empty when the client wants none. */
  chunks: readonly Buffer[] | null = null
  sizeBytes = 0
  whenWritten: (() => void) | null = null
}

const NO_CHUNKS: readonly Buffer[] = []

/** Answers go out in the order in which the requests came, whichever is ready first. */
export class ReplyQueue {
  readonly #egress: Pick<Egress, 'write' | 'whenTaken'>
  readonly #replies = new Ring<Reply>(limits.requestsInFlightMax)
  #readyBytes = 0

  constructor(egress: Pick<Egress, 'write' | 'whenTaken'>) {
    this.#egress = egress
  }

  get count(): number {
    return this.#replies.count
  }

  /** No further request may be begun: too many are unanswered, or too large answers wait. */
  get isFull(): boolean {
    return this.#replies.isFull || this.#readyBytes > limits.responseBytesHigh
  }

  /** Takes the place of a request that begins now. */
  begin(): Reply {
    const reply = new Reply()
    this.#replies.push(reply)
    return reply
  }

  /** Null chunks: the client wants no answer. */
  finish(
    reply: Reply,
    chunks: readonly Buffer[] | null,
    whenWritten: (() => void) | null = null,
  ): void {
    assert(reply.chunks === null, 'a request is answered once')
    reply.whenWritten = whenWritten
    reply.chunks = chunks ?? NO_CHUNKS
    if (this.#replies.peek() === reply) return this.#flush()
    for (const chunk of reply.chunks) reply.sizeBytes += chunk.length
    this.#readyBytes += reply.sizeBytes
  }

  #flush(): void {
    for (let next = this.#replies.peek(); next?.chunks != null; next = this.#replies.peek()) {
      for (const chunk of next.chunks) this.#egress.write(chunk)
      if (next.whenWritten !== null) this.#egress.whenTaken(next.whenWritten)
      this.#readyBytes -= next.sizeBytes
      this.#replies.shift()
    }
  }
}
