import { limits } from '../../limits/limits.ts'
import type { SlotNumber } from '../store.ts'
import type { Workshop } from './workshop.ts'

const MiB = 1024 * 1024

export type FoldBounds = {
  /** Producers who write more than that are busy. */
  readonly busyBytesPerSecond: number
  /** Less than that is no load, however quickly it came. */
  readonly busyBytesMin: number
  /** How long producers who were busy are looked at. */
  readonly lookMs: number
  /** What may be left undone, and of it what a start would read. */
  readonly undoneBytesMax: number
  readonly undoneIndexBytesMax: number
}

const boundsDefault: FoldBounds = {
  busyBytesPerSecond: 64 * MiB,
  busyBytesMin: 4 * MiB,
  lookMs: 100,
  undoneBytesMax: limits.unsegmentedBytesMax,
  undoneIndexBytesMax: limits.unsegmentedIndexBytesMax,
}

/** Of the room that is left: what is rewritten lies there twice for a while. */
const SHARE_OF_ROOM = 1 / 8

/**
 * Whether slots are to be rewritten now. It takes as much of the disk and of the processors as
 * writing them did, so it gives way to producers while they are busy. How much may be left undone
 * has bounds: in bytes, by the room there is, and by what a start would have to read of it.
 */
export class FoldPace {
  readonly #workshop: Workshop
  readonly #bounds: FoldBounds
  #seenBelow: SlotNumber
  #seenAt: number

  constructor(workshop: Workshop, bounds: FoldBounds = boundsDefault) {
    this.#workshop = workshop
    this.#bounds = bounds
    this.#seenBelow = workshop.source.syncedBelow
    this.#seenAt = workshop.platform.clock.elapsed()
  }

  /** Asked before each stretch. If producers were busy it looks whether they are still. */
  async isDue(below: SlotNumber): Promise<boolean> {
    if (await this.#isTooMuch(below)) return true
    if (!this.#isBusy()) return true
    const { timers } = this.#workshop.platform
    await new Promise<void>(resolve => {
      timers.after(this.#bounds.lookMs, resolve)
    })
    return !this.#isBusy()
  }

  async #isTooMuch(below: SlotNumber): Promise<boolean> {
    const { source } = this.#workshop
    const { undoneBytesMax, undoneIndexBytesMax } = this.#bounds
    const { bytes, indexBytes } = source.extent(source.segmentedBelow, below)
    if (indexBytes > undoneIndexBytesMax) return true
    const roomBytes = await this.#workshop.roomToFree()
    return bytes > Math.min(undoneBytesMax, roomBytes * SHARE_OF_ROOM)
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
    const { busyBytesMin, busyBytesPerSecond } = this.#bounds
    return bytes >= busyBytesMin && bytes * 1000 > busyBytesPerSecond * elapsedMs
  }
}
