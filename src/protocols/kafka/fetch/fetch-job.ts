import type { Wait, Waiter } from '../../../broker/fetch/index.ts'
import type { LogId } from '../../../log/store.ts'
import type { Context } from '../handlers/handler.ts'
import { AnswerRoom } from './answer-room.ts'
import { FetchRead } from './fetch-read.ts'
import { fetchResponse } from './fetch-response.ts'
import type { FetchPlan } from './fetch-sessions.ts'
import { type FetchRequest, type FetchResponse, TOPIC_IDS_FROM } from './messages.ts'

/**
 * One fetch on its way: it reads, and where that gives too little, waits for the logs and reads
 * again. While it waits, it is one entry among the waiters of each log, and nothing more.
 */
export class FetchJob implements Waiter {
  logs: readonly LogId[] = []
  readonly #request: FetchRequest
  readonly #context: Context
  readonly #plan: FetchPlan
  readonly #bytesMin: number
  readonly #bytesMax: number
  readonly #deadline: number
  #read: FetchRead | null = null
  #wait: Wait | null = null
  #resolve: ((response: FetchResponse | Promise<FetchResponse>) => void) | null = null
  readonly #whenClosed = (): void => this.#end()

  constructor(request: FetchRequest, context: Context, plan: FetchPlan) {
    this.#request = request
    this.#context = context
    this.#plan = plan
    this.#bytesMax = Math.min(request.maxBytes, context.services.fetchBytesMax)
    this.#bytesMin = Math.min(request.minBytes, this.#bytesMax)
    this.#deadline = context.broker.runtime.clock.elapsed() + request.maxWaitMs
  }

  run(): FetchResponse | Promise<FetchResponse> {
    const read = this.#start()
    if (read.pending.length > 0) return this.#finishRead(read)
    if (this.#isEnough(read)) return this.#respond(read)
    return new Promise(resolve => {
      this.#resolve = resolve
      this.#waitFor(read)
    })
  }

  wake(reason: 'advanced' | 'expired'): void {
    const resolve = this.#resolve
    this.#context.client.whenClosed.delete(this.#whenClosed)
    if (resolve === null) return
    if (reason === 'expired' && this.#read !== null) return resolve(this.#respond(this.#read))
    this.#read?.room.giveBack() // All of it is read again, with what came since.
    const read = this.#start()
    if (read.pending.length > 0) return resolve(this.#finishRead(read))
    if (this.#isEnough(read)) return resolve(this.#respond(read))
    this.#waitFor(read)
  }

  #start(): FetchRead {
    const { broker, version, peer, services } = this.#context
    return new FetchRead(this.#plan.partitions, {
      topics: broker.topics,
      bodies: broker.bodies,
      isById: version >= TOPIC_IDS_FROM,
      bytesMax: this.#bytesMax,
      room: new AnswerRoom(services.answerBlocks),
      onDamage: error =>
        peer.logger.error({ error: String(error) }, 'a fetch could not read its records'),
    })
  }

  /** Whoever had to read the disk is not near the end, and there is no need to wait for more. */
  async #finishRead(read: FetchRead): Promise<FetchResponse> {
    await Promise.all(read.pending)
    return this.#respond(read)
  }

  #isEnough(read: FetchRead): boolean {
    if (read.sizeBytes >= this.#bytesMin || read.hasError || read.logs.length === 0) return true
    return this.#context.broker.runtime.clock.elapsed() >= this.#deadline
  }

  #waitFor(read: FetchRead): void {
    const { broker, client } = this.#context
    this.#read = read
    this.logs = read.logs
    client.whenClosed.add(this.#whenClosed)
    this.#wait = broker.waiters.add(this, this.#deadline - broker.runtime.clock.elapsed())
  }

  /** The connection is gone or going: whoever still listens gets what there is. */
  #end(): void {
    if (this.#wait !== null) this.#context.broker.waiters.remove(this.#wait)
    this.wake('expired')
  }

  #respond(read: FetchRead): FetchResponse {
    read.makeReadable(this.#context.services.readable)
    // A read that failed may have left others under way, which still fill what they were given.
    if (!read.hasFailed && !read.room.isEmpty)
      this.#context.whenWritten = () => read.room.giveBack()
    return fetchResponse(read, { request: this.#request, context: this.#context, plan: this.#plan })
  }
}
