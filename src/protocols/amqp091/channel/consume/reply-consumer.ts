import type { ConnectionPort } from '../../channel-port.ts'
import { type ConsumerHost, deliverPrefix } from './consumer.ts'
import type { ReplyMessage, ReplyTaker } from './reply-queues.ts'

/**
 * The consumer of `amq.rabbitmq.reply-to`. Replies are never stored and never settled. While its
 * peer reads too slowly, those who reply are stopped.
 */
export class ReplyConsumer implements ReplyTaker {
  readonly tag: string
  readonly #on: ConsumerHost
  readonly #prefix: Buffer
  readonly #stopped = new Set<ConnectionPort>()

  constructor(on: ConsumerHost, tag: string) {
    this.tag = tag
    this.#on = on
    this.#prefix = deliverPrefix(tag)
  }

  reply(message: ReplyMessage, sender: ConnectionPort): void {
    const { frames, consuming, host } = this.#on
    frames.address.bytes = message.address
    frames.address.start = 0
    frames.address.end = message.address.length
    frames.properties.bytes = message.properties
    frames.properties.start = message.propertiesStart
    frames.properties.end = message.propertiesEnd
    frames.body.bytes = message.body
    frames.body.start = message.bodyStart
    frames.body.end = message.bodyEnd
    frames.deliver(this.#prefix, consuming.unsettled.skip(), false)
    // A connection that talks to itself would stop for ever if its client writes before it reads.
    if (!host.connection.egress.congested || sender === host.connection) return
    this.#stopped.add(sender)
    sender.pause(this)
  }

  /** Its peer reads again, or it is gone. */
  release(): void {
    for (const sender of this.#stopped) sender.resume(this)
    this.#stopped.clear()
  }
}
