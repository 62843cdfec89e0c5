import { limits } from '../limits/limits.ts'
import type { Store } from '../log/store.ts'

/**
 * Stops those who write while too much is waiting for the disk, until it caught up: that is how a
 * fast client feels a slow disk. Nobody waits for a disk that fails: writes are refused then.
 */
export class DiskGate {
  readonly #store: Store
  readonly #waiting = new Set<() => void>()

  constructor(store: Store) {
    this.#store = store
    store.onAdvanced(() => this.#look())
    store.onRefusal(() => this.#look())
  }

  /** False too while others wait: nobody overtakes them. */
  get isOpen(): boolean {
    const { unconfirmedBytes, refusal } = this.#store
    if (refusal !== null) return true
    return this.#waiting.size === 0 && unconfirmedBytes <= limits.unconfirmedBytesHigh
  }

  /** Calls `goOn` once, when it is worth looking again: in the order in which they came. */
  whenOpen(goOn: () => void): void {
    this.#waiting.add(goOn)
  }

  /** Who waits is gone. */
  forget(goOn: () => void): void {
    this.#waiting.delete(goOn)
  }

  #look(): void {
    if (this.#waiting.size === 0) return
    const { unconfirmedBytes, refusal } = this.#store
    if (unconfirmedBytes > limits.unconfirmedBytesLow && refusal === null) return
    const waiting = [...this.#waiting]
    this.#waiting.clear()
    for (const goOn of waiting) goOn()
  }
}
