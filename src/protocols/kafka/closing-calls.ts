/**
 * Callbacks of a few requests that wait. An array, no set: the table of a set is made anew every
 * few changes, and those before it, once they are old, keep everything alive that was in them until
 * all of the heap is collected.
 */
export class ClosingCalls {
  #calls: (() => void)[] = []

  add(call: () => void): void {
    this.#calls.push(call)
  }

  /** No error when it is not there. */
  delete(call: () => void): void {
    const index = this.#calls.indexOf(call)
    if (index < 0) return
    const last = this.#calls.pop()!
    if (last !== call) this.#calls[index] = last
  }

  /** Each once. */
  run(): void {
    const calls = this.#calls
    this.#calls = []
    for (const call of calls) call()
  }
}
