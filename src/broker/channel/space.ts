import { matchesGlob } from '../../lib/glob.ts'
import { Fanout, type IsLate } from './fanout.ts'
import { ChannelMessage, type Subscriber } from './message.ts'
import type { TopicLinks } from './topic-links.ts'

/**
 * The channels of one namespace. A message goes to those who are subscribed now and is kept
 * nowhere, unless there is a topic of the channel's name: then it is appended to that, and heard
 * when it is confirmed, with what other protocols write there. Names are binary strings.
 */
export class ChannelSpace {
  readonly #named = new Fanout()
  readonly #sharded = new Fanout()
  readonly #patterns = new Fanout()
  readonly #links: TopicLinks
  readonly #message = new ChannelMessage()
  #isDelivering = false

  constructor(linksOf: (space: ChannelSpace) => TopicLinks) {
    this.#links = linksOf(this)
  }

  /** False: it was subscribed already. Likewise below. */
  subscribe(channel: string, subscriber: Subscriber): boolean {
    const isNew = this.#named.subscribe(channel, subscriber)
    if (isNew) this.#links.subscribed(channel, this.#named.find(channel)!, subscriber)
    return isNew
  }

  /** False: it was not subscribed. Likewise below. */
  unsubscribe(channel: string, subscriber: Subscriber): boolean {
    const wasThere = this.#named.unsubscribe(channel, subscriber)
    if (wasThere) this.#links.unsubscribed(channel, this.#named.find(channel))
    return wasThere
  }

  subscribePattern(pattern: string, subscriber: Subscriber): boolean {
    const isNew = this.#patterns.subscribe(pattern, subscriber)
    if (!isNew) return false
    this.#links.patternSubscribed(pattern, this.#patterns.find(pattern)!, subscriber)
    return true
  }

  unsubscribePattern(pattern: string, subscriber: Subscriber): boolean {
    const wasThere = this.#patterns.unsubscribe(pattern, subscriber)
    if (wasThere && this.#patterns.countOf(pattern) === 0) this.#links.patternUnsubscribed()
    return wasThere
  }

  subscribeSharded(channel: string, subscriber: Subscriber): boolean {
    return this.#sharded.subscribe(channel, subscriber)
  }

  unsubscribeSharded(channel: string, subscriber: Subscriber): boolean {
    return this.#sharded.unsubscribe(channel, subscriber)
  }

  /**
   * To all subscribers, and to the topic of that name when there is one. Says how often it is
   * received. Throws `storage` when there is a topic and the disk takes nothing.
   */
  publish(channel: string, body: Buffer, start = 0, end = body.length): number {
    const link = this.#links.find(channel)
    if (link === null) return this.announce(channel, body, start, end)
    link.publish(body, start, end)
    return this.#receiversOf(channel)
  }

  /** To all subscribers, whatever topics there are: what the broker itself tells. */
  announce(channel: string, body: Buffer, start = 0, end = body.length): number {
    if (this.#named.count === 0 && this.#patterns.count === 0) return 0
    return this.deliver(channel, body, start, end, null)
  }

  publishSharded(channel: string, body: Buffer, start = 0, end = body.length): number {
    const subscribers = this.#sharded.find(channel)
    if (subscribers === undefined) return 0
    const message = this.#take(channel, body, start, end)
    message.isSharded = true
    const count = subscribers.deliver(message, null)
    this.#giveBack(message)
    return count
  }

  /** For `TopicLinks`: hands out what was read from a topic, or was not for one. */
  deliver(
    channel: string,
    body: Buffer,
    start: number,
    end: number,
    isLate: IsLate | null,
  ): number {
    const message = this.#take(channel, body, start, end)
    let count = this.#named.find(channel)?.deliver(message, isLate) ?? 0
    for (const [pattern, subscribers] of this.#patterns.entries()) {
      if (!matchesGlob(pattern, channel)) continue
      message.matchedBy(pattern)
      count += subscribers.deliver(message, isLate)
    }
    this.#giveBack(message)
    return count
  }

  /** Whether anybody subscribed to it, by name or pattern. */
  isHeard(channel: string): boolean {
    if (this.#named.find(channel) !== undefined) return true
    for (const pattern of this.#patterns.names()) if (matchesGlob(pattern, channel)) return true
    return false
  }

  /** Nobody subscribed to anything a topic could be called. */
  get isSilent(): boolean {
    return this.#named.count === 0 && this.#patterns.count === 0
  }

  /** Channels with a subscriber by name. */
  channels(): Iterable<string> {
    return this.#named.names()
  }

  /** Subscribers by name. */
  countOf(channel: string): number {
    return this.#named.countOf(channel)
  }

  get channelCount(): number {
    return this.#named.count
  }

  /** Different ones, however many subscribed to each. */
  get patternCount(): number {
    return this.#patterns.count
  }

  shardedChannels(): Iterable<string> {
    return this.#sharded.names()
  }

  get shardedChannelCount(): number {
    return this.#sharded.count
  }

  countOfSharded(channel: string): number {
    return this.#sharded.countOf(channel)
  }

  #receiversOf(channel: string): number {
    let count = this.#named.countOf(channel)
    for (const [pattern, subscribers] of this.#patterns.entries())
      if (matchesGlob(pattern, channel)) count += subscribers.count
    return count
  }

  /** Who takes a message may cause another one, for which there is another object then. */
  #take(channel: string, body: Buffer, start: number, end: number): ChannelMessage {
    const message = this.#isDelivering ? new ChannelMessage() : this.#message
    this.#isDelivering = true
    message.set(channel, body, start, end)
    return message
  }

  #giveBack(message: ChannelMessage): void {
    message.done()
    if (message === this.#message) this.#isDelivering = false
  }
}
