import type { Settlement } from '../../../../broker/queue/consumer.ts'
import type { StreamReader, StreamTaker } from '../../../../broker/stream/index.ts'
import type { Partition, Topic } from '../../../../broker/topic/index.ts'
import { Offset } from '../../../../lib/brand.ts'
import type { StoredMessage } from '../../../../message/stored-message.ts'
import { jsonOf } from '../../codec/index.ts'
import { type ConsumerHost, type ConsumerSpec, deliverPrefix } from './consumer.ts'
import type { Waiting } from './consuming.ts'
import { showMessage } from './delivering.ts'
import type { Holder } from './holder.ts'
import type { HolderIndex } from './unsettled.ts'

/**
 * A consumer of a stream, or of a topic that nobody declared a queue for: a cursor of its own.
 * Acknowledging gives credit and nothing else; however a delivery is settled, the log keeps it.
 * So does one who only looks through a queue.
 */
export class StreamConsumer implements StreamTaker, Holder, Waiting {
  readonly isConsumer = true
  readonly spec: ConsumerSpec
  readonly topic: Topic
  unsettledCount = 0
  #isGone = false
  #reader: StreamReader | null = null
  readonly #on: ConsumerHost
  readonly #prefix: Buffer
  readonly #index: HolderIndex
  /** The address on the wire: RabbitMQ's streams keep none, and say their name. */
  readonly #address: Buffer | null

  constructor(on: ConsumerHost, topic: Topic, spec: ConsumerSpec, isQueue: boolean) {
    this.#on = on
    this.topic = topic
    this.spec = spec
    this.#prefix = deliverPrefix(spec.tag)
    this.#index = on.consuming.join(this)
    const name = Buffer.from(topic.name).subarray(0, 255)
    this.#address = isQueue ? null : Buffer.concat([Buffer.of(0, name.length), name])
  }

  /** Called once, right after it was made. */
  attach(reader: StreamReader): void {
    this.#reader = reader
  }

  get isGone(): boolean {
    return this.#isGone
  }

  get isReady(): boolean {
    const { consuming, host } = this.#on
    if (this.#isGone || host.connection.egress.congested) return false
    const { isNoAck, prefetch } = this.spec
    if (isNoAck) return true
    return (prefetch === 0 || this.unsettledCount < prefetch) && consuming.hasRoom
  }

  deliver(message: StoredMessage, partition: Partition): void {
    const { frames, consuming, mappings } = this.#on
    const showing = { mappings, topic: this.topic.name }
    showMessage(frames, message, showing, { 'x-stream-offset': message.offset })
    if (this.#address !== null) {
      frames.address.bytes = this.#address
      frames.address.start = 0
      frames.address.end = this.#address.length
    }
    const tag = this.spec.isNoAck
      ? consuming.unsettled.skip()
      : consuming.handOut(this.#index, this, partition.index, Offset(message.offset))
    frames.deliver(this.#prefix, tag, false)
  }

  settle(_lane: number, _first: Offset, _last: Offset, _settlement: Settlement): void {
    this.wake()
  }

  wake(): void {
    if (this.isReady) this.#reader?.wake()
  }

  ended(reason: 'deleted' | 'failed'): void {
    if (this.#isGone) return
    this.#leave()
    this.#on.cancelled(this.spec.tag, reason === 'deleted' ? 'deleted' : 'failed-over')
  }

  detach(): void {
    if (this.#isGone) return
    this.#leave()
    this.#reader?.close()
  }

  /** RabbitMQ's list_consumers columns. */
  describe(): Readonly<Record<string, unknown>> {
    const { tag, isNoAck, isExclusive, prefetch, arguments: table } = this.spec
    return {
      queue: this.topic.name,
      consumer_tag: tag,
      ack_required: !isNoAck,
      exclusive: isExclusive,
      prefetch_count: prefetch,
      active: true,
      activity_status: 'up',
      arguments: jsonOf(table),
      messages_unacknowledged: this.unsettledCount,
    }
  }

  #leave(): void {
    this.#isGone = true
    this.#on.consuming.leave(this.#index)
  }
}
