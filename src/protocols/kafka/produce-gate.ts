import { limits } from '../../limits/limits.ts'
import type { Store } from '../../log/store.ts'

/**
 * Stops producers while too much is waiting for the disk. Those who wait are let in again, in
 * order, once the disk caught up: that is how a fast producer feels a slow disk.
 */
export class ProduceGate {
  readonly #store: Store
  readonly #waiting = new Set<() => void>()
  #isClosed = false

  constructor(store: Store) {
    this.#store = store
    store.onAdvanced(() => this.#open())
    store.onRefusal(() => this.#open())
  }

  /** False means: wait, and `enter` will be called when it is worth trying again. */
  tryEnter(enter: () => void): boolean {
    const { unconfirmedBytes, refusal } = this.#store
    // Refused writes are answered at once: nobody should wait for a disk to be emptied.
    if (refusal !== null) return true
    if (!this.#isClosed && unconfirmedBytes <= limits.unconfirmedBytesHigh) return true
    this.#isClosed = true
    this.#waiting.add(enter)
    return false
  }

  leave(enter: () => void): void {
    this.#waiting.delete(enter)
  }

  #open(): void {
    if (!this.#isClosed) return
    const isBusy = this.#store.unconfirmedBytes > limits.unconfirmedBytesLow
    if (isBusy && this.#store.refusal === null) return
    this.#isClosed = false
    const waiting = [...this.#waiting]
    this.#waiting.clear()
    for (const enter of waiting) enter()
  }
}
