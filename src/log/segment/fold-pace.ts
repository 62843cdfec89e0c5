import { limits } from '../../limits/limits.ts'
import type { SlotNumber } from '../store.ts'
import type { Workshop } from './workshop.ts'

/** Producers who write more than that are busy. */
const BUSY_BYTES_PER_SECOND = 64 * 1024 * 1024
/** Less than that is no load, however quickly it came. */
const BUSY_BYTES_MIN = 4 * 1024 * 1024
const LOOK_MS = 100
/** Of the room that is left: what is rewritten lies there twice for a while. */
const SHARE_OF_ROOM = 1 / 8

/**
 * Whether slots are to be rewritten now. It takes as much of the disk and of the processors as
 * writing them did, so it gives way to producers while they are busy. How much may be left undone
 * has bounds: in bytes, by the room there is, and by what a start would have to read of it.
 */
export class FoldPace {
  readonly #workshop: Workshop
  #seenBelow: SlotNumber
  #seenAt: number

  constructor(workshop: Workshop) {
    this.#workshop = workshop
    this.#seenBelow = workshop.source.syncedBelow
    this.#seenAt = workshop.platform.clock.elapsed()
  }

  /** Asked before each stretch. If producers were busy it looks whether they are still. */
  async isDue(below: SlotNumber): Promise<boolean> {
    if (await this.#isTooMuch(below)) return true
    if (!this.#isBusy()) return true
    const { timers } = this.#workshop.platform
    await new Promise<void>(resolve => {
      timers.after(LOOK_MS, resolve)
    })
    return !this.#isBusy()
  }

  async #isTooMuch(below: SlotNumber): Promise<boolean> {
    const { source } = this.#workshop
    const { bytes, indexBytes } = source.extent(source.segmentedBelow, below)
    if (indexBytes > limits.unsegmentedIndexBytesMax) return true
    const roomBytes = await this.#workshop.roomToFree()
    return bytes > Math.min(limits.unsegmentedBytesMax, roomBytes * SHARE_OF_ROOM)
  }

  /** Since it was asked last. */
  #isBusy(): boolean {
    const { source, platform } = this.#workshop
    const { syncedBelow } = source
    const now = platform.clock.elapsed()
    const { bytes } = source.extent(this.#seenBelow, syncedBelow)
    const elapsedMs = now - this.#seenAt
    this.#seenBelow = syncedBelow
    this.#seenAt = now
    return bytes >= BUSY_BYTES_MIN && bytes * 1000 > BUSY_BYTES_PER_SECOND * elapsedMs
  }
}
