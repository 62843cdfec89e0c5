import { limits } from '../../limits/limits.ts'

const BACKOFF_SLOTS_MIN = 4
const BACKOFF_SLOTS_MAX = 64

/**
 * Whether the whole process may wait for the disk. On a quick one waiting is cheaper than two
 * changes of thread; after a slow answer others do the waiting for a while, the longer the more
 * often it was slow, and then it is tried again.
 */
export class DiskPace {
  #backoffSlots = BACKOFF_SLOTS_MIN
  /** So many slots are left to others. */
  #left = 0

  /** Asked once a slot. */
  isWaitingCheap(): boolean {
    if (this.#left === 0) return true
    this.#left--
    return false
  }

  /** How long the process stood still. */
  waited(elapsedMs: number): void {
    if (elapsedMs <= limits.writeNowMsMax) {
      this.#backoffSlots = Math.max(BACKOFF_SLOTS_MIN, this.#backoffSlots / 2)
      return
    }
    this.#left = this.#backoffSlots
    this.#backoffSlots = Math.min(BACKOFF_SLOTS_MAX, this.#backoffSlots * 2)
  }
}
