import { limits } from '../../../limits/limits.ts'
import { BrokerError } from '../../errors.ts'
import type { Taker } from '../queue.ts'

/** Somebody who asked for one message. */
export type Pull = {
  readonly taker: Taker
  /**
   * For each lane, where it ended then, with what was not confirmed yet: whoever publishes and
   * then asks is to find it.
   */
  readonly ends: readonly number[]
}

/** Those who asked for a message and wait for the disk, in the order they came. */
export class Pulls {
  #waiting: Pull[] = []

  get count(): number {
    return this.#waiting.length
  }

  get first(): Pull | undefined {
    return this.#waiting[0]
  }

  add(pull: Pull): void {
    if (this.#waiting.length >= limits.queuePullsMax)
      throw new BrokerError('throttled', 'Too many requests for a message of this queue wait.')
    this.#waiting.push(pull)
  }

  shift(): void {
    this.#waiting.shift()
  }

  dropSession(sessionId: number): void {
    this.#waiting = this.#waiting.filter(({ taker }) => taker.sessionId !== sessionId)
  }

  /** Nobody gets anything any more. */
  end(): void {
    for (const { taker } of this.#waiting.splice(0)) taker.empty()
  }
}
