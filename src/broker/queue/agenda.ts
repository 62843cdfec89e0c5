import type { Timer, Timers } from '../../platform/platform.ts'

/** Who has something to do at a time of its own. */
export interface Due {
  /** Milliseconds since 1970; `NEVER` when it waits for nothing. Kept by the agenda. */
  dueAt: number
  due(now: number): void
}

export const NEVER = Number.POSITIVE_INFINITY

/** One run of the timer serves so many; the rest have their turn in the next one. */
const SERVED_PER_RUN = 1000
/** The longest a timer of the platform is asked to wait: clocks jump, and timers have a limit. */
const WAIT_MS_MAX = 60_000

type Appointment = { readonly at: number; readonly who: Due }

/**
 * All that waits for a time, with one timer: a heap, the earliest first. Whoever waits has one
 * date, the earliest asked for; entries for others are passed over when they come up.
 */
export class Agenda {
  readonly #now: () => number
  readonly #timers: Timers
  readonly #heap: Appointment[] = []
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
    who.dueAt = at
    this.#push({ at, who })
    this.#arm()
  }

  remove(who: Due): void {
    who.dueAt = NEVER
  }

  stop(): void {
    this.#isStopped = true
    this.#timer?.cancel()
  }

  /** Serves all whose time has come. */
  run(): void {
    const now = this.#now()
    for (let served = 0; served < SERVED_PER_RUN; ) {
      const first = this.#heap[0]
      if (first === undefined || first.at > now) break
      this.#pop()
      if (first.who.dueAt !== first.at) continue
      first.who.dueAt = NEVER
      first.who.due(now)
      served++
    }
    this.#arm()
  }

  #arm(): void {
    const first = this.#heap[0]
    if (this.#isStopped || first === undefined) return
    if (this.#timer !== null) {
      if (this.#timerAt <= first.at) return
      this.#timer.cancel()
    }
    const now = this.#now()
    const waitMs = Math.min(Math.max(first.at - now, 0), WAIT_MS_MAX)
    this.#timerAt = now + waitMs
    this.#timer = this.#timers.after(waitMs, () => {
      this.#timer = null
      this.run()
    })
  }

  #push(date: Appointment): void {
    const heap = this.#heap
    let at = heap.length
    heap.push(date)
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (heap[parent]!.at <= date.at) break
      heap[at] = heap[parent]!
      at = parent
    }
    heap[at] = date
  }

  #pop(): void {
    const heap = this.#heap
    const last = heap.pop()!
    if (heap.length === 0) return
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      if (child >= heap.length) break
      if (child + 1 < heap.length && heap[child + 1]!.at < heap[child]!.at) child++
      if (heap[child]!.at >= last.at) break
      heap[at] = heap[child]!
      at = child
    }
    heap[at] = last
  }
}
