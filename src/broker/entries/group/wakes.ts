import type { Timer } from '../../../platform/platform.ts'
import type { Runtime } from '../../runtime.ts'

/** Timers are not more exact than that. */
const PERIOD_MS_MIN = 10

/** Calls for things when their time comes: once each, at the earliest time that was asked for. */
export class Wakes<Thing> {
  readonly #runtime: Runtime
  readonly #wake: (thing: Thing) => void
  readonly #times = new Map<Thing, number>()
  #timer: Timer | null = null
  #timerAt = Number.POSITIVE_INFINITY

  constructor(runtime: Runtime, wake: (thing: Thing) => void) {
    this.#runtime = runtime
    this.#wake = wake
  }

  /** Milliseconds since 1970. */
  at(thing: Thing, time: number): void {
    const known = this.#times.get(thing)
    if (known !== undefined && known <= time) return
    this.#times.set(thing, time)
    if (time < this.#timerAt) this.#arm(time)
  }

  drop(thing: Thing): void {
    this.#times.delete(thing)
  }

  stop(): void {
    this.#timer?.cancel()
    this.#times.clear()
  }

  #arm(time: number): void {
    this.#timer?.cancel()
    this.#timerAt = time
    const delayMs = Math.max(PERIOD_MS_MIN, time - this.#runtime.clock.now())
    this.#timer = this.#runtime.timers.after(delayMs, () => this.#run())
  }

  #run(): void {
    this.#timer = null
    this.#timerAt = Number.POSITIVE_INFINITY
    const now = this.#runtime.clock.now()
    const due: Thing[] = []
    let next = Number.POSITIVE_INFINITY
    for (const [thing, time] of this.#times) {
      if (time <= now) due.push(thing)
      else next = Math.min(next, time)
    }
    for (const thing of due) this.#times.delete(thing)
    if (next < Number.POSITIVE_INFINITY) this.#arm(next)
    for (const thing of due) this.#wake(thing)
  }
}
