import { type Dated, Deadlines } from '../../lib/deadlines.ts'
import type { Timer, Timers } from '../../platform/platform.ts'

/** Who has something to do at a time of its own. */
export interface Due extends Dated {
  /** Milliseconds since 1970; `NEVER` when it waits for nothing. Kept by the agenda. */
  dueAt: number
  due(now: number): void
}

export const NEVER = Number.POSITIVE_INFINITY

/** One run of the timer serves so many; the rest have their turn in the next one. */
const SERVED_PER_RUN = 1000
/** The longest a timer of the platform is asked to wait: clocks jump, and timers have a limit. */
const WAIT_MS_MAX = 60_000

/** All that waits for a time, with one timer. Everybody has one date: the earliest asked for. */
export class Agenda {
  readonly #now: () => number
  readonly #timers: Timers
  readonly #waiting = new Deadlines<Due>()
  #timer: Timer | null = null
  #timerAt = NEVER
  #isStopped = false

  constructor(now: () => number, timers: Timers) {
    this.#now = now
    this.#timers = timers
  }

  /** Not later than `at`. What was asked for earlier stays if it is sooner. */
  add(who: Due, at: number): void {
    if (at >= who.dueAt) return
    this.#waiting.remove(who)
    who.dueAt = at
    this.#waiting.add(who)
    this.#arm()
  }

  remove(who: Due): void {
    this.#waiting.remove(who)
    who.dueAt = NEVER
  }

  stop(): void {
    this.#isStopped = true
    this.#timer?.cancel()
  }

  /** Serves all whose time has come. */
  run(): void {
    const now = this.#now()
    for (let served = 0; served < SERVED_PER_RUN; served++) {
      const { first } = this.#waiting
      if (first === undefined || first.dueAt > now) break
      this.remove(first)
      first.due(now)
    }
    this.#arm()
  }

  #arm(): void {
    const { first } = this.#waiting
    if (this.#isStopped || first === undefined) return
    if (this.#timer !== null) {
      if (this.#timerAt <= first.dueAt) return
      this.#timer.cancel()
    }
    const now = this.#now()
    const waitMs = Math.min(Math.max(first.dueAt - now, 0), WAIT_MS_MAX)
    this.#timerAt = now + waitMs
    this.#timer = this.#timers.after(waitMs, () => {
      this.#timer = null
      this.run()
    })
  }
}
