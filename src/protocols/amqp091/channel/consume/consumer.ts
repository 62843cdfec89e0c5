import type { Offset } from '../../../../lib/brand.ts'
import {
  type Consumer,
  type Delivery,
  requeue,
  type Settlement,
} from '../../../../broker/queue/consumer.ts'
import type { Queue, SeekTarget } from '../../../../broker/queue/queue.ts'
import type { Mappings } from '../../../../message/mapping.ts'
import type { ChannelHost } from '../../channel-port.ts'
import { type FieldTable, jsonOf } from '../../codec/index.ts'
import { classId } from '../../constants.ts'
import { basicDeliver } from '../../schema/index.ts'
import type { Consuming, Waiting } from './consuming.ts'
import { countHeaders, showMessage } from './delivering.ts'
import type { ContentFrames } from '../content/frames.ts'
import { type Holder, settleInQueue } from './holder.ts'
import type { HolderIndex } from './unsettled.ts'

/** What consumers of a channel share. */
export type ConsumerHost = {
  readonly host: ChannelHost
  readonly consuming: Consuming
  readonly frames: ContentFrames
  readonly mappings: Mappings
  /** Tells whoever traces messages what was handed out. */
  traced(delivery: Delivery): void
  readonly tracing: { readonly isActive: boolean }
  /** The broker ended a consumer. */
  cancelled(tag: string, reason: CancelReason): void
}

export type CancelReason = 'deleted' | 'timeout' | 'failed-over'

export type ConsumerSpec = {
  readonly tag: string
  readonly isNoAck: boolean
  /** 0: no bound. */
  readonly prefetch: number
  readonly isExclusive: boolean
  readonly arguments: FieldTable
}

/** Class, method and consumer tag of basic.deliver. */
export function deliverPrefix(tag: string): Buffer {
  const text = Buffer.from(tag)
  const prefix = Buffer.allocUnsafeSlow(5 + text.length)
  prefix.writeUInt16BE(classId.BASIC, 0)
  prefix.writeUInt16BE(basicDeliver.methodId, 2)
  prefix[4] = text.length
  text.copy(prefix, 5)
  return prefix
}

/** A consumer of a queue. */
export class QueueConsumer implements Consumer, Holder, Waiting {
  readonly name: string
  readonly sessionId: number
  readonly isConsumer = true
  readonly spec: ConsumerSpec
  readonly queue: Queue
  unsettledCount = 0
  /** Of an exclusive or single-active queue: false while another one is. */
  isActive = true
  #isGone = false
  /** The queue goes to another place first. */
  #isSeeking = false
  /** What it held went back to the queue; its client may settle that late, to no effect. */
  #isReleased = false
  readonly #on: ConsumerHost
  readonly #prefix: Buffer
  readonly #index: HolderIndex
  readonly #showing: { readonly mappings: Mappings; readonly topic: string }

  constructor(on: ConsumerHost, queue: Queue, spec: ConsumerSpec) {
    this.#on = on
    this.queue = queue
    this.spec = spec
    this.name = `${on.host.id} ${spec.tag}`
    this.sessionId = on.host.connection.session.id
    this.#prefix = deliverPrefix(spec.tag)
    this.#index = on.consuming.join(this)
    this.#showing = { mappings: on.mappings, topic: queue.topic.name }
  }

  get isGone(): boolean {
    return this.#isGone
  }

  get isReady(): boolean {
    const { prefetch, isNoAck } = this.spec
    const { consuming, host } = this.#on
    if (this.#isGone || this.#isSeeking || host.connection.egress.congested) return false
    if (isNoAck) return true
    return (prefetch === 0 || this.unsettledCount < prefetch) && consuming.hasRoom
  }

  deliver(delivery: Delivery): void {
    const { consuming, frames } = this.#on
    showMessage(frames, delivery.message, this.#showing, countHeaders(delivery))
    const tag = this.spec.isNoAck
      ? consuming.unsettled.skip()
      : consuming.handOut(this.#index, this, delivery.lane, delivery.offset)
    frames.deliver(this.#prefix, tag, delivery.count > 0)
    if (this.#on.tracing.isActive) this.#on.traced(delivery)
  }

  settle(lane: number, first: Offset, last: Offset, settlement: Settlement): void {
    if (this.#isReleased) return
    settleInQueue(this.queue, lane, { first, last }, settlement)
    const { prefetch } = this.spec
    if (prefetch === 0 || this.#isGone) return
    const wasFull = this.unsettledCount + last - first + 1 >= prefetch
    if (wasFull) this.wake()
  }

  /** Called once, right after it was attached. */
  seek(targets: readonly SeekTarget[]): void {
    this.#isSeeking = true
    const { queue } = this
    Promise.all(targets.map(target => queue.seek(target))).then(
      () => {
        this.#isSeeking = false
        this.wake()
      },
      () => {
        if (this.#isGone) return
        this.detach()
        this.#on.cancelled(this.spec.tag, 'failed-over')
      },
    )
  }

  wake(): void {
    if (this.isReady && !this.queue.isDeleted) this.queue.wake(this)
  }

  #release(): void {
    const giveBack = (_: HolderIndex, lane: number, first: number, last: number): void =>
      this.settle(lane, first as Offset, last as Offset, requeue) // They came out of a log.
    this.#on.consuming.unsettled.each(this.#index, { run: giveBack })
    this.#isReleased = true
  }

  activated(isActive: boolean): void {
    this.isActive = isActive
  }

  cancelled(reason: CancelReason): void {
    if (this.#isGone) return
    this.#leave()
    if (reason === 'timeout') this.#release()
    this.#on.cancelled(this.spec.tag, reason)
  }

  /** The queue did not take it. */
  abandon(): void {
    this.#leave()
  }

  /** Takes nothing any more. What it holds stays with the channel. */
  detach(): void {
    if (this.#isGone) return
    this.#leave()
    if (!this.queue.isDeleted) this.queue.detach(this)
  }

  /** RabbitMQ's list_consumers columns. */
  describe(): Readonly<Record<string, unknown>> {
    const { tag, isNoAck, isExclusive, prefetch, arguments: table } = this.spec
    return {
      queue: this.queue.spec.name,
      consumer_tag: tag,
      ack_required: !isNoAck,
      exclusive: isExclusive,
      prefetch_count: prefetch,
      active: this.isActive,
      activity_status: this.isActive ? 'up' : 'single_active',
      arguments: jsonOf(table),
      messages_unacknowledged: this.unsettledCount,
    }
  }

  #leave(): void {
    this.#isGone = true
    this.#on.consuming.leave(this.#index)
  }
}
