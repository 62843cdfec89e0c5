import type { Delivery, Settlement } from '../../../../broker/queue/consumer.ts'
import type { Queue, Taker } from '../../../../broker/queue/queue.ts'
import type { Offset } from '../../../../lib/brand.ts'
import { classId } from '../../constants.ts'
import { basicGetEmpty, basicGetOk } from '../../schema/index.ts'
import type { ConsumerHost } from './consumer.ts'
import { countHeaders, showMessage } from './delivering.ts'
import { type Holder, settleInQueue } from './holder.ts'
import type { HolderIndex } from './unsettled.ts'

const GET_OK_PREFIX = Buffer.of(0, classId.BASIC, 0, basicGetOk.methodId)

/** One basic.get. What it took is settled like any delivery, but counts towards no prefetch. */
export class Get implements Taker, Holder {
  readonly isConsumer = false
  readonly isAutoAccepted: boolean
  readonly sessionId: number
  readonly isGone = true
  unsettledCount = 0
  readonly #on: ConsumerHost
  readonly #queue: Queue
  #isAnswered = false
  /** Frames of the channel wait for the answer. */
  #isHolding = false

  constructor(on: ConsumerHost, queue: Queue, isNoAck: boolean) {
    this.#on = on
    this.#queue = queue
    this.isAutoAccepted = isNoAck
    this.sessionId = on.host.connection.session.id
  }

  run(): void {
    this.#queue.pull(this)
    if (this.#isAnswered) return
    this.#isHolding = true
    this.#on.host.hold()
  }

  deliver(delivery: Delivery): void {
    const { host, frames, consuming, mappings } = this.#on
    this.#answered()
    if (!host.isOpen) return this.#giveBack(delivery)
    const showing = { mappings, topic: this.#queue.topic.name }
    showMessage(frames, delivery.message, showing, countHeaders(delivery))
    const tag = this.isAutoAccepted
      ? consuming.unsettled.skip()
      : consuming.handOut(this.#index(), this, delivery.lane, delivery.offset)
    frames.getOk(GET_OK_PREFIX, tag, delivery.count > 0, delivery.readyCount)
    if (this.#on.tracing.isActive) this.#on.traced(delivery)
  }

  empty(): void {
    this.#answered()
    this.#on.host.send(basicGetEmpty, {})
  }

  settle(lane: number, first: Offset, last: Offset, settlement: Settlement): void {
    settleInQueue(this.#queue, lane, { first, last }, settlement)
  }

  /** Only what takes something has a place among the holders. */
  #index(): HolderIndex {
    return this.#on.consuming.join(this)
  }

  /** The channel was closed while the disk was read. */
  #giveBack(delivery: Delivery): void {
    if (this.isAutoAccepted) return // It is settled: at most once is what was asked for.
    const { lane, offset } = delivery
    this.settle(lane, offset, offset, { kind: 'requeue', isCounted: false })
  }

  #answered(): void {
    this.#isAnswered = true
    if (!this.#isHolding) return
    this.#isHolding = false
    this.#on.host.release()
  }
}
