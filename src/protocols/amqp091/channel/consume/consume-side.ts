import { BrokerError } from '../../../../broker/errors.ts'
import type { Delivery } from '../../../../broker/queue/consumer.ts'
import type { Queue } from '../../../../broker/queue/queue.ts'
import { streamFilter, type StreamOptions } from '../../../../broker/stream/index.ts'
import type { Topic } from '../../../../broker/topic/index.ts'
import { limits } from '../../../../limits/limits.ts'
import type { ChannelHost } from '../../channel-port.ts'
import { AmqpError } from '../../errors.ts'
import { basicCancel, basicConsumeOk, type basicConsume, type ShapeOf } from '../../schema/index.ts'
import {
  consumerPriority,
  isBrowse,
  seekTargets,
  streamFilterSpec,
  streamStart,
} from './consume-arguments.ts'
import {
  type CancelReason,
  type ConsumerHost,
  type ConsumerSpec,
  QueueConsumer,
} from './consumer.ts'
import { Consuming } from './consuming.ts'
import type { ContentFrames } from '../content/frames.ts'
import { Get } from './get.ts'
import { ReplyConsumer } from './reply-consumer.ts'
import type { ChannelServices } from '../services.ts'
import { StreamConsumer } from './stream-consumer.ts'

export const REPLY_QUEUE = 'amq.rabbitmq.reply-to'
const TAG_BYTES = 16

type ConsumeFields = ShapeOf<(typeof basicConsume)['fields']>
type AnyConsumer = QueueConsumer | StreamConsumer

/** The consuming half of a channel: consumers, gets, prefetch. */
export class ConsumeSide {
  readonly consuming = new Consuming()
  /** Of consumers to come: basic.qos without `global`. */
  prefetch = 0
  readonly #host: ChannelHost
  readonly #services: ChannelServices
  readonly #on: ConsumerHost
  readonly #consumers = new Map<string, AnyConsumer>()
  #reply: { readonly consumer: ReplyConsumer; readonly name: string } | null = null

  constructor(host: ChannelHost, services: ChannelServices, frames: ContentFrames) {
    this.#host = host
    this.#services = services
    this.#on = {
      host,
      consuming: this.consuming,
      frames,
      mappings: services.broker.mappings,
      tracing: services.broker.publisher.tracing,
      traced: delivery => this.#traced(delivery),
      cancelled: (tag, reason) => this.#cancelled(tag, reason),
    }
  }

  get consumerCount(): number {
    return this.#consumers.size + (this.#reply === null ? 0 : 1)
  }

  /** Where replies to this channel go, or null. */
  get replyName(): string | null {
    return this.#reply?.name ?? null
  }

  consumers(): Iterable<AnyConsumer> {
    return this.#consumers.values()
  }

  consume(fields: ConsumeFields): void {
    const name = this.#host.queueNamed(fields.queue)
    const tag = fields.consumerTag === '' ? this.#newTag() : fields.consumerTag
    // A second consumer of replies is refused for being that, whatever its tag.
    const isReplyTag = name !== REPLY_QUEUE && this.#reply?.consumer.tag === tag
    if (this.#consumers.has(tag) || isReplyTag)
      throw new AmqpError('NOT_ALLOWED', `attempt to reuse consumer tag '${tag}'`)
    if (this.consumerCount >= limits.channelConsumersMax)
      throw new AmqpError(
        'NOT_ALLOWED',
        `reached maximum (${limits.channelConsumersMax}) of consumers per channel`,
      )
    if (name === REPLY_QUEUE) this.#consumeReplies(tag, fields.noAck)
    else this.#consumeNamed(name, tag, fields)
    if (!fields.nowait) this.#host.send(basicConsumeOk, { consumerTag: tag })
  }

  /** Unknown tags are no error. */
  cancel(tag: string): void {
    if (this.#reply?.consumer.tag === tag) this.#endReplies()
    this.#consumers.get(tag)?.detach()
    this.#forget(tag)
  }

  get(name: string, isNoAck: boolean): void {
    const queueName = this.#host.queueNamed(name)
    this.#checkRead(queueName)
    const queue = this.#queue(queueName)
    if (queue === undefined) return this.#noGet(this.#topic(queueName))
    if (queue.spec.type === 'stream')
      throw new AmqpError(
        'NOT_IMPLEMENTED',
        `basic.get not supported by stream queues ${this.#named(queueName)}`,
      )
    if (queue.settings.isSingleActive && queue.spec.type === 'quorum')
      throw new AmqpError(
        'RESOURCE_LOCKED',
        `cannot obtain access to locked ${this.#named(queueName)}. basic.get operations are not ` +
          'supported by <<"quorum">> queues with single active consumer',
      )
    new Get(this.#on, queue, isNoAck).run()
  }

  drained(): void {
    this.consuming.wakeAll()
    this.#reply?.consumer.release()
  }

  /** Consumers leave; what is out is not settled by this. */
  close(): void {
    if (this.#reply !== null) this.#endReplies()
    for (const consumer of this.#consumers.values()) consumer.detach()
    this.#consumers.clear()
    this.consuming.consumers.clear()
  }

  #consumeReplies(tag: string, isNoAck: boolean): void {
    if (!isNoAck) throw new AmqpError('PRECONDITION_FAILED', 'reply consumer cannot acknowledge')
    if (this.#reply !== null)
      throw new AmqpError('PRECONDITION_FAILED', 'reply consumer already set')
    const consumer = new ReplyConsumer(this.#on, tag)
    this.#reply = { consumer, name: this.#services.replies.open(consumer) }
  }

  #endReplies(): void {
    this.#services.replies.close(this.#reply!.name)
    this.#reply!.consumer.release()
    this.#reply = null
  }

  #consumeNamed(name: string, tag: string, fields: ConsumeFields): void {
    this.#checkRead(name)
    const queue = this.#queue(name)
    const spec: ConsumerSpec = {
      tag,
      isNoAck: fields.noAck,
      prefetch: this.prefetch,
      isExclusive: fields.exclusive,
      arguments: fields.arguments,
    }
    const consumer =
      queue === undefined || queue.spec.type === 'stream'
        ? this.#attachToStream(queue?.topic ?? this.#topic(name), spec)
        : isBrowse(spec.arguments, this.#named(name))
          ? this.#browse(queue, spec)
          : this.#attach(queue, spec)
    this.#consumers.set(tag, consumer)
    this.consuming.consumers.set(tag, consumer)
  }

  #attach(queue: Queue, spec: ConsumerSpec): QueueConsumer {
    const named = this.#named(queue.spec.name)
    const priority = consumerPriority(spec.arguments, named)
    if (spec.arguments.has('x-stream-offset'))
      throw new AmqpError(
        'PRECONDITION_FAILED',
        `invalid arg 'x-stream-offset' for ${named} of queue type ${queue.spec.type}`,
      )
    const { isNoAck: isAutoAccepted, isExclusive } = spec
    const seek = seekTargets(spec.arguments, { shown: named, topic: queue.topic }, this.#now())
    const consumer = new QueueConsumer(this.#on, queue, spec)
    try {
      queue.attach(consumer, { isAutoAccepted, isExclusive, priority })
    } catch (error) {
      consumer.abandon()
      const { kind } = BrokerError.from(error)
      if (kind !== 'access-refused') throw error
      throw new AmqpError('ACCESS_REFUSED', `${named} in exclusive use`)
    }
    if (seek.length > 0) consumer.seek(seek)
    return consumer
  }

  /** A cursor on what lies in a queue: nothing is taken, and acknowledging gives credit alone. */
  #browse(queue: Queue, spec: ConsumerSpec): StreamConsumer {
    const start = streamStart(spec.arguments, this.#named(queue.spec.name), this.#now(), 'first')
    return this.#open(queue.topic, spec, { start, queue })
  }

  #attachToStream(topic: Topic, spec: ConsumerSpec): StreamConsumer {
    const named = this.#named(topic.name)
    const start = streamStart(spec.arguments, named, this.#now())
    const stream = `stream ${named}`
    if (spec.isNoAck)
      throw new AmqpError('NOT_IMPLEMENTED', `automatic acknowledgement not supported by ${stream}`)
    if (this.consuming.prefetch > 0)
      throw new AmqpError('NOT_IMPLEMENTED', `${named} does not support global qos`)
    if (spec.prefetch === 0)
      throw new AmqpError('PRECONDITION_FAILED', `consumer prefetch count is not set for ${stream}`)
    return this.#open(topic, spec, { start })
  }

  #open(topic: Topic, spec: ConsumerSpec, options: StreamOptions): StreamConsumer {
    const { mappings, streams } = this.#services.broker
    const wanted = streamFilterSpec(spec.arguments)
    const filter = wanted === null ? {} : { filter: streamFilter(mappings, wanted) }
    const isQueue = options.queue !== undefined
    const consumer = new StreamConsumer(this.#on, topic, spec, isQueue)
    consumer.attach(streams.open(topic, consumer, { ...options, ...filter }))
    return consumer
  }

  #now(): number {
    return this.#services.broker.runtime.clock.now()
  }

  #queue(name: string): Queue | undefined {
    const { namespace, session } = this.#host.connection
    const queue = this.#services.broker.queues.find(namespace, name)
    const owner = queue?.spec.owner ?? null
    if (owner === null || owner === session.id) return queue
    throw new AmqpError(
      'RESOURCE_LOCKED',
      `cannot obtain exclusive access to locked ${this.#named(name)}. It could be originally ` +
        'declared on another connection or the exclusive property value does not match that of ' +
        'the original declaration.',
    )
  }

  /** What nobody declared a queue for can be read like a stream. */
  #topic(name: string): Topic {
    const topic = this.#services.broker.topics.find(this.#host.connection.namespace, name)
    if (topic === undefined || topic.isHidden)
      throw new AmqpError('NOT_FOUND', `no ${this.#named(name)}`)
    return topic
  }

  #noGet({ name }: Topic): never {
    throw new AmqpError(
      'NOT_IMPLEMENTED',
      `basic.get not supported by stream queues ${this.#named(name)}`,
    )
  }

  #checkRead(name: string): void {
    const { user, namespace } = this.#host.connection
    if (this.#services.broker.access.may(user, namespace, 'read', name)) return
    throw new AmqpError(
      'ACCESS_REFUSED',
      `read access to ${this.#named(name)} refused for user '${user.name}'`,
    )
  }

  #named(name: string): string {
    return `queue '${name}' in vhost '${this.#host.connection.namespace}'`
  }

  #newTag(): string {
    const { random } = this.#services.broker.runtime
    return `amq.ctag-${random.bytes(TAG_BYTES).toString('base64url')}`
  }

  #cancelled(tag: string, reason: CancelReason): void {
    const timeoutMs = this.#timeoutOf(tag)
    this.#forget(tag)
    const { capabilities } = this.#host.connection
    if (capabilities.consumerCancelNotify)
      this.#host.send(basicCancel, { consumerTag: tag, nowait: true })
    else if (reason === 'timeout')
      this.#host.fail(
        new AmqpError(
          'PRECONDITION_FAILED',
          `delivery acknowledgement on channel ${this.#host.number} timed out. Timeout value ` +
            `used: ${timeoutMs} ms. This timeout value can be configured, see consumers doc ` +
            'guide to learn more',
        ),
      )
  }

  #timeoutOf(tag: string): number {
    const consumer = this.#consumers.get(tag)
    return (consumer instanceof QueueConsumer && consumer.queue.settings.consumerTimeoutMs) || 0
  }

  #traced({ queue, message, count }: Delivery): void {
    const { connection, number } = this.#host
    const receiver = { connection: connection.name, channel: number, user: connection.user.name }
    const { namespace, name } = queue.spec
    const isRedelivered = count > 0
    const { tracing } = this.#services.broker.publisher
    tracing.delivered({ namespace, queue: name, message, isRedelivered, receiver })
  }

  #forget(tag: string): void {
    this.#consumers.delete(tag)
    this.consuming.consumers.delete(tag)
  }
}
