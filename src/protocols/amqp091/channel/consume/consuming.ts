import { accept, type Settlement } from '../../../../broker/queue/consumer.ts'
import type { Offset } from '../../../../lib/brand.ts'
import { limits } from '../../../../limits/limits.ts'
import { type Holder, Holders } from './holder.ts'
import { type HolderIndex, type SettledRuns, Unsettled } from './unsettled.ts'

/** A consumer that may have waited for credit or for its peer. */
export interface Waiting {
  wake(): void
}

/**
 * What a channel was handed and did not settle yet, with the credit that follows from it: each
 * consumer has its own prefetch, and the channel may have one for all of them together.
 */
export class Consuming implements SettledRuns {
  readonly unsettled = new Unsettled()
  /** Consumers by tag. */
  readonly consumers = new Map<string, Waiting>()
  readonly #holders = new Holders()
  #settlement: Settlement = accept
  /** Of consumers, without what gets took. */
  #consumerUnsettledCount = 0
  /** basic.qos with `global`; 0: no bound but ours. */
  #prefetch = 0

  /** The channel may be handed more. */
  get hasRoom(): boolean {
    if (this.#prefetch > 0 && this.#consumerUnsettledCount >= this.#prefetch) return false
    const { count, markedCount } = this.unsettled
    return count + markedCount < limits.channelUnsettledMax
  }

  get prefetch(): number {
    return this.#prefetch
  }

  set prefetch(count: number) {
    this.#prefetch = count
    this.wakeAll()
  }

  join(holder: Holder): HolderIndex {
    return this.#holders.add(holder)
  }

  /** The holder takes nothing any more; it stays known while it holds something. */
  leave(index: HolderIndex): void {
    if (this.#holders.at(index).unsettledCount === 0) this.#holders.remove(index)
  }

  /** The delivery tag of what is handed out now. */
  handOut(index: HolderIndex, holder: Holder, lane: number, offset: Offset): number {
    holder.unsettledCount++
    if (holder.isConsumer) this.#consumerUnsettledCount++
    return this.unsettled.add(index, lane, offset)
  }

  /** False: there is no such delivery, or it is settled. Tag 0 with `isMultiple` is all. */
  settle(tag: number, isMultiple: boolean, settlement: Settlement): boolean {
    const hadRoom = this.hasRoom
    this.#settlement = settlement
    let isKnown = true
    if (!isMultiple) isKnown = this.unsettled.settleOne(tag, this)
    else if (tag === 0) this.unsettled.settleAll(this)
    else isKnown = this.unsettled.settleUpTo(tag, this)
    if (!hadRoom && this.hasRoom) this.wakeAll()
    return isKnown
  }

  /** Called back by `unsettled`. */
  run(index: HolderIndex, lane: number, first: number, last: number): void {
    const holder = this.#holders.at(index)
    const count = last - first + 1
    holder.unsettledCount -= count
    if (holder.isConsumer) this.#consumerUnsettledCount -= count
    // They came out of a log.
    holder.settle(lane, first as Offset, last as Offset, this.#settlement)
    if (holder.isGone && holder.unsettledCount === 0) this.#holders.remove(index)
  }

  wakeAll(): void {
    for (const consumer of this.consumers.values()) consumer.wake()
  }
}
