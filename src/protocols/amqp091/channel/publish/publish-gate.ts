import { limits } from '../../../../limits/limits.ts'
import type { Store } from '../../../../log/store.ts'
import type { ConnectionPort } from '../../channel-port.ts'

/**
 * Stops publishing connections while too much is waiting for the disk: that is how a fast
 * publisher feels a slow disk.
 */
export class PublishGate {
  readonly #store: Store
  readonly #paused = new Set<ConnectionPort>()
  /** Those who wait for the store to take writes again. */
  readonly #waiting = new Set<() => void>()

  constructor(store: Store) {
    this.#store = store
    store.onAdvanced(() => this.#open())
    store.onRefusal(() => this.#open())
  }

  /** Once for each turn in which a connection published. */
  check(connection: ConnectionPort): void {
    const { unconfirmedBytes, refusal } = this.#store
    if (refusal !== null || unconfirmedBytes <= limits.unconfirmedBytesHigh) return
    this.#paused.add(connection)
    connection.pause(this)
  }

  whenWelcome(run: () => void): void {
    this.#waiting.add(run)
  }

  leave(run: () => void): void {
    this.#waiting.delete(run)
  }

  #open(): void {
    const { unconfirmedBytes, refusal } = this.#store
    // Refused writes are answered: nobody should wait for a disk to be emptied.
    if (unconfirmedBytes <= limits.unconfirmedBytesLow || refusal !== null) {
      const paused = [...this.#paused]
      this.#paused.clear()
      for (const connection of paused) connection.resume(this)
    }
    if (refusal !== null) return
    const waiting = [...this.#waiting]
    this.#waiting.clear()
    for (const run of waiting) run()
  }
}
