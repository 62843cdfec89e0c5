import type { StoredMessage } from '../../message/stored-message.ts'
import { origins } from '../../message/origin.ts'
import { Publication } from '../../message/publication.ts'
import { BrokerError } from '../errors.ts'
import { published } from '../publish/index.ts'
import type { Route } from '../routing/index.ts'
import type { StreamReader, StreamTaker } from '../stream/index.ts'
import type { Partition, Topic } from '../topic/index.ts'
import type { IsLate, Subscribers } from './fanout.ts'
import type { Subscriber } from './message.ts'
import type { LinkPorts } from './topic-links.ts'

const NO_BODY = Buffer.alloc(0)

/** Who subscribed while messages were on their way that had been published before. */
type Latecomer = {
  readonly subscribers: Subscribers
  readonly subscriber: Subscriber
  /** By partition: what lies below came too early. */
  readonly firsts: readonly number[]
}

/** A channel that is a topic: where messages are appended, and heard as they are confirmed. */
export class TopicLink implements StreamTaker {
  readonly channel: string
  readonly topic: Topic
  /** Nobody is slow here: who cannot follow is sent away by its protocol. */
  readonly isReady = true
  readonly #ports: LinkPorts
  readonly #route: Route
  readonly #publication = new Publication()
  #reader: StreamReader | null = null
  #latecomers: Latecomer[] = []
  #offset = 0
  #partition = 0
  readonly #isLate: IsLate = (subscribers, subscriber) =>
    this.#latecomers.some(
      late =>
        late.subscribers === subscribers &&
        late.subscriber === subscriber &&
        this.#offset < (late.firsts[this.#partition] ?? 0),
    )

  constructor(ports: LinkPorts, channel: string, topic: Topic) {
    this.#ports = ports
    this.channel = channel
    this.topic = topic
    this.#route = ports.publisher.route(topic.namespace, '', topic.name)
    this.#publication.addressTo('', topic.name)
    this.#publication.origin = origins.redis
    this.#publication.isPersistent = true
  }

  /** Throws when it is not taken. */
  publish(body: Buffer, start: number, end: number): void {
    const publication = this.#publication
    publication.body = body
    publication.bodyStart = start
    publication.bodyEnd = end
    const bits = this.#ports.publisher.publish(this.#route, publication)
    publication.body = NO_BODY
    if ((bits & published.rejected) === 0) return
    throw new BrokerError('storage', `'${this.topic.name}' takes no messages now`)
  }

  get isReading(): boolean {
    return this.#reader !== null
  }

  /** From now on this one hears what is published. */
  listen(subscribers: Subscribers, subscriber: Subscriber): void {
    const { packers, turn } = this.#ports
    // What waits to be appended was published before; others may append in between.
    if (this.topic.partitions.some(({ logId }) => packers.waitingCount(logId) > 0)) turn.flush()
    this.read('next')
    const firsts = this.topic.partitions.map(({ log }) => log.endOffset)
    this.#latecomers = this.#latecomers.filter(
      late => late.subscribers !== subscribers || late.subscriber !== subscriber,
    )
    this.#forgetPunctual()
    const latecomer = { subscribers, subscriber, firsts }
    if (this.#isStillLate(latecomer)) this.#latecomers.push(latecomer)
  }

  read(start: 'first' | 'next'): void {
    const { streams } = this.#ports
    this.#reader ??= streams.open(this.topic, this, { start: { kind: start } })
  }

  close(): void {
    this.#reader?.close()
    this.#reader = null
    this.#latecomers = []
  }

  deliver({ body, bodyStart, bodyEnd, offset }: StoredMessage, { index }: Partition): void {
    const { space } = this.#ports
    this.#offset = offset
    this.#partition = index
    const isLate = this.#latecomers.length === 0 ? null : this.#isLate
    space.deliver(this.channel, body, bodyStart, bodyEnd, isLate)
    if (isLate !== null) this.#forgetPunctual()
  }

  ended(): void {
    this.#reader = null
    this.#latecomers = []
  }

  #forgetPunctual(): void {
    if (this.#latecomers.length === 0) return
    this.#latecomers = this.#latecomers.filter(late => this.#isStillLate(late))
  }

  #isStillLate({ firsts }: Latecomer): boolean {
    for (const { partition, next } of this.#reader?.positions() ?? [])
      if (next < (firsts[partition] ?? 0)) return true
    return false
  }
}
