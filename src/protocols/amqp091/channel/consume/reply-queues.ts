import type { ConnectionPort } from '../../channel-port.ts'
import type { Random } from '../../../../platform/platform.ts'
import { REPLY_PREFIX } from '../publish/addresses.ts'

/** Who takes replies: a channel's consumer of `amq.rabbitmq.reply-to`. */
export interface ReplyTaker {
  /** The ranges of `ContentFrames` are filled by it. Not settled, not stored, never refused. */
  reply(message: ReplyMessage, sender: ConnectionPort): void
}

export type ReplyMessage = {
  readonly address: Buffer
  readonly properties: Buffer
  readonly propertiesStart: number
  readonly propertiesEnd: number
  readonly body: Buffer
  readonly bodyStart: number
  readonly bodyEnd: number
}

const KEY_BYTES = 16

/**
 * Direct reply-to: queues that consist of one consumer. Their names are unguessable, since whoever
 * knows one may send to it.
 */
export class ReplyQueues {
  readonly #random: Random
  readonly #takers = new Map<string, ReplyTaker>()

  constructor(random: Random) {
    this.#random = random
  }

  /** The name that goes into reply-to. Live until it is closed. */
  open(taker: ReplyTaker): string {
    const name = REPLY_PREFIX + this.#random.bytes(KEY_BYTES).toString('base64url')
    this.#takers.set(name, taker)
    return name
  }

  close(name: string): void {
    this.#takers.delete(name)
  }

  has(name: string): boolean {
    return this.#takers.has(name)
  }

  taker(name: string): ReplyTaker | undefined {
    return this.#takers.get(name)
  }
}
