import { matchesGlob } from '../../lib/glob.ts'
import type { Policies } from '../policy/index.ts'
import type { MessagePublisher, Packers } from '../publish/index.ts'
import type { Queues } from '../queue/index.ts'
import type { Streams } from '../stream/index.ts'
import type { Topic, Topics } from '../topic/index.ts'
import type { Turn } from '../turn.ts'
import type { IsLate, Subscribers } from './fanout.ts'
import type { Subscriber } from './message.ts'
import { channelOf, topicNameOf } from './names.ts'
import { TopicLink } from './topic-link.ts'

export type LinkPorts = {
  readonly namespace: string
  readonly topics: Topics
  readonly queues: Queues
  readonly policies: Policies
  readonly publisher: MessagePublisher
  readonly packers: Packers
  readonly streams: Streams
  readonly turn: Turn
  /** Who hears what is read. */
  readonly space: Listeners
  readonly isApart: (topic: Topic) => boolean
}

/** What links need of the channels. */
export interface Listeners {
  readonly isSilent: boolean
  isHeard(channel: string): boolean
  deliver(channel: string, body: Buffer, start: number, end: number, isLate: IsLate | null): number
}

type Start = 'first' | 'next'

/**
 * Which channels of a namespace are topics, too. A topic is read while somebody subscribes to its
 * name, or to a pattern that matches it; all of them hear the one reader.
 */
export class TopicLinks {
  readonly #ports: LinkPorts
  /** What was found out of topics that are there; null: no channel. */
  readonly #byChannel = new Map<string, TopicLink | null>()
  /** What changed, and where a reader begins if one is needed now. */
  readonly #changed = new Map<string, Start>()
  #isDue = false

  constructor(ports: LinkPorts) {
    this.#ports = ports
  }

  /** The topic that a channel is; null when it is none. */
  find(channel: string): TopicLink | null {
    if (this.#changed.size > 0) this.#resolve(channel)
    const known = this.#byChannel.get(channel)
    return known === undefined ? this.#look(channel) : known
  }

  subscribed(channel: string, subscribers: Subscribers, subscriber: Subscriber): void {
    this.find(channel)?.listen(subscribers, subscriber)
  }

  /** `subscribers` are those who are left, if any. */
  unsubscribed(channel: string, subscribers: Subscribers | undefined): void {
    if (subscribers === undefined) this.#rest(this.#byChannel.get(channel))
  }

  patternSubscribed(pattern: string, subscribers: Subscribers, subscriber: Subscriber): void {
    const { topics, namespace } = this.#ports
    for (const topic of topics.all()) {
      if (topic.namespace !== namespace) continue
      const channel = channelOf(topic.name)
      if (matchesGlob(pattern, channel)) this.find(channel)?.listen(subscribers, subscriber)
    }
  }

  patternUnsubscribed(): void {
    for (const link of this.#byChannel.values()) this.#rest(link)
  }

  /** A topic is there that was not. */
  created(name: string): void {
    this.#change(name, 'first')
  }

  /** A topic or queue came or went, or owns the other. */
  changed(name: string): void {
    this.#change(name, 'next')
  }

  policiesChanged(): void {
    const { topics, namespace, space } = this.#ports
    for (const channel of [...this.#byChannel.keys()]) this.changed(topicNameOf(channel))
    if (space.isSilent) return
    for (const topic of topics.all()) if (topic.namespace === namespace) this.changed(topic.name)
  }

  /** Only noted, for it happens while others change; and a queue comes after its topic. */
  #change(name: string, start: Start): void {
    const channel = channelOf(name)
    const link = this.#byChannel.get(channel)
    if (link?.topic.isDeleted === true || link === null) this.#byChannel.delete(channel)
    if (link === undefined && !this.#ports.space.isHeard(channel)) return
    if (this.#changed.get(channel) === 'first') return
    this.#changed.set(channel, start)
    if (this.#isDue) return
    this.#isDue = true
    this.#ports.turn.add('dispatch', () => {
      this.#isDue = false
      for (const each of [...this.#changed.keys()]) this.#resolve(each)
    })
  }

  #resolve(channel: string): void {
    const start = this.#changed.get(channel)
    if (start === undefined) return
    this.#changed.delete(channel)
    const before = this.#byChannel.get(channel) ?? null
    const topic = this.#topicOf(channel)
    if (before !== null && before.topic === topic && this.#isChannel(topic)) return
    before?.close()
    this.#byChannel.delete(channel)
    if (this.#ports.space.isHeard(channel)) this.#look(channel)?.read(start)
  }

  #look(channel: string): TopicLink | null {
    const topic = this.#topicOf(channel)
    if (topic === undefined) return null
    const link = this.#isChannel(topic) ? new TopicLink(this.#ports, channel, topic) : null
    this.#byChannel.set(channel, link)
    return link
  }

  #topicOf(channel: string): Topic | undefined {
    const { topics, namespace } = this.#ports
    return topics.find(namespace, topicNameOf(channel))
  }

  /**
   * Topics are, unless they are the broker's own, or keys of somebody who keeps keys and channels
   * apart: queues, and streams that are made of entries. A policy says otherwise.
   */
  #isChannel(topic: Topic): boolean {
    if (topic.isInternal || topic.isHidden) return false
    const { queues, policies, isApart } = this.#ports
    const { namespace, name } = topic
    const queue = queues.find(namespace, name)
    const type = queue?.spec.type ?? 'stream'
    const { definition } = policies.effective({ kind: 'queue', namespace, name, type })
    const said = definition['channel']
    if (typeof said === 'boolean') return said
    return type === 'stream' && !isApart(topic)
  }

  /** Nothing is read that nobody hears. */
  #rest(link: TopicLink | null | undefined): void {
    if (link?.isReading === true && !this.#ports.space.isHeard(link.channel)) link.close()
  }
}
