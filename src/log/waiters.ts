import type { StoreRefusal } from './store.ts'

export type Done = (refusal: StoreRefusal | null) => void

/** Callbacks in the order of their slots: one comparison each when a slot advances. */
export class Waiters {
  #slots: number[] = []
  #calls: Done[] = []
  #head = 0

  add(slot: number, done: Done): void {
    this.#slots.push(slot)
    this.#calls.push(done)
  }

  /** Runs those that wait for slots below `slot`. */
  release(slot: number): void {
    while (this.#head < this.#calls.length && this.#slots[this.#head]! < slot) this.#runNext(null)
    this.#compact()
  }

  refuse(refusal: StoreRefusal): void {
    // Only those waiting now: who registers from within a callback waits for the next outcome.
    for (let count = this.#calls.length - this.#head; count > 0; count--) this.#runNext(refusal)
    this.#compact()
  }

  #runNext(refusal: StoreRefusal | null): void {
    this.#calls[this.#head++]!(refusal)
  }

  #compact(): void {
    if (this.#head === 0 || (this.#head < 1024 && this.#head < this.#calls.length)) return
    this.#slots = this.#slots.slice(this.#head)
    this.#calls = this.#calls.slice(this.#head)
    this.#head = 0
  }
}
