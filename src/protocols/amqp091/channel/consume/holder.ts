import type { Offset } from '../../../../lib/brand.ts'
import { requeueCounted, type Settlement } from '../../../../broker/queue/consumer.ts'
import type { Queue } from '../../../../broker/queue/queue.ts'
import type { HolderIndex } from './unsettled.ts'

/** Somebody who was handed messages that are not settled: a consumer, or the gets of a channel. */
export interface Holder {
  /** Whether its deliveries count towards the prefetch of the channel. */
  readonly isConsumer: boolean
  unsettledCount: number
  /** Nothing more is handed to it: it is forgotten once all is settled. */
  readonly isGone: boolean
  /** `[first, last]` in one lane, all of it unsettled. */
  settle(lane: number, first: Offset, last: Offset, settlement: Settlement): void
}

/** Those who hold something, by small numbers that are used again. */
export class Holders {
  readonly #slots: (Holder | null)[] = []
  readonly #free: HolderIndex[] = []

  add(holder: Holder): HolderIndex {
    const index = this.#free.pop() ?? this.#slots.length
    this.#slots[index] = holder
    return index
  }

  at(index: HolderIndex): Holder {
    return this.#slots[index]!
  }

  remove(index: HolderIndex): void {
    this.#slots[index] = null
    this.#free.push(index)
  }
}

export function settleInQueue(
  queue: Queue,
  lane: number,
  range: { readonly first: Offset; readonly last: Offset },
  settlement: Settlement,
): void {
  if (queue.isDeleted) return // Its messages went with it.
  if (range.first === range.last) queue.settle(lane, range.first, settlement)
  else queue.settleRange(lane, range.first, range.last, settlement)
}

/** What becomes of messages whose channel closes: a failed delivery, as in RabbitMQ. */
export const abandoned = requeueCounted
