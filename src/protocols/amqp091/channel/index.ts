import type { ChannelHost, ChannelPort } from '../channel-port.ts'
import { MessageChannel } from './message-channel.ts'
import { PublishGate } from './publish/publish-gate.ts'
import { ReplyQueues } from './consume/reply-queues.ts'
import type { ChannelBroker, ChannelServices } from './services.ts'

export { REPLY_QUEUE } from './consume/consume-side.ts'

/** The messages' half of all channels of a broker. */
export class Channels {
  readonly #services: ChannelServices

  constructor(broker: ChannelBroker) {
    const { store, random } = broker.runtime
    this.#services = {
      broker,
      gate: new PublishGate(store),
      replies: new ReplyQueues(random),
    }
  }

  open(host: ChannelHost): ChannelPort {
    return new MessageChannel(host, this.#services)
  }

  /** Whether somebody waits for replies under a name like `amq.rabbitmq.reply-to.…`. */
  hasReplyQueue(name: string): boolean {
    return this.#services.replies.has(name)
  }
}
