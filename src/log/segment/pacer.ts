import type { Clock, Timers } from '../../platform/platform.ts'

/** How long background work may hold the event loop. */
const TURN_MS = 1
/** Reading the clock costs too; small steps are not worth it. */
const STEPS_PER_LOOK = 16

/** Background work calls `pause` at every step, and others get their turn in between. */
export class Pacer {
  readonly #clock: Clock
  readonly #timers: Timers
  #turnStart: number
  #steps = 0

  constructor(clock: Clock, timers: Timers) {
    this.#clock = clock
    this.#timers = timers
    this.#turnStart = clock.elapsed()
  }

  /** Undefined while the turn may go on; else something to wait for. */
  pause(): Promise<void> | undefined {
    if (++this.#steps % STEPS_PER_LOOK !== 0) return undefined
    if (this.#clock.elapsed() - this.#turnStart < TURN_MS) return undefined
    return new Promise(resolve => {
      this.#timers.soon(() => {
        this.#turnStart = this.#clock.elapsed()
        resolve()
      })
    })
  }
}
