import type { Store } from '../../../../log/store.ts'
import { DiskGate } from '../../../disk-gate.ts'
import type { ConnectionPort } from '../../channel-port.ts'

/** Stops publishing connections while the disk is behind, and those who cannot be told no. */
export class PublishGate {
  readonly #store: Store
  readonly #disk: DiskGate
  /** Those who wait for the store to take writes again. */
  readonly #waiting = new Set<() => void>()

  constructor(store: Store) {
    this.#store = store
    this.#disk = new DiskGate(store)
    store.onRefusal(() => this.#welcome())
  }

  /** Once for each turn in which a connection published. */
  check(connection: ConnectionPort): void {
    if (this.#disk.isOpen) return
    connection.pause(this)
    this.#disk.whenOpen(() => connection.resume(this))
  }

  whenWelcome(run: () => void): void {
    this.#waiting.add(run)
  }

  leave(run: () => void): void {
    this.#waiting.delete(run)
  }

  #welcome(): void {
    if (this.#store.refusal !== null) return
    const waiting = [...this.#waiting]
    this.#waiting.clear()
    for (const run of waiting) run()
  }
}
