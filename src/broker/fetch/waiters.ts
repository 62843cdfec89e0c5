import type { Log, LogId } from '../../log/store.ts'
import type { Timer } from '../../platform/platform.ts'
import type { Runtime } from '../runtime.ts'
import { Deadlines } from '../../lib/deadlines.ts'
import { LogWaits } from './log-waits.ts'

/** Waits end at the next tick after their deadline. */
const TICK_MS = 10

/** Somebody who waits for records. One object per request, whatever the number of logs. */
export interface Waiter {
  readonly logs: readonly LogId[]
  /** Called once, when one of the logs got further, or when the time is over. */
  wake(reason: 'advanced' | 'expired'): void
}

/** One wait, from `add` until it ends. */
export class Wait {
  readonly waiter: Waiter
  readonly logs: readonly LogId[]
  /** A tick. */
  readonly dueAt: number
  isOver = false
  /** The business of those that keep it. */
  heapIndex = -1
  readonly places: number[] = []

  constructor(waiter: Waiter, dueAt: number) {
    this.waiter = waiter
    this.logs = waiter.logs
    this.dueAt = dueAt
  }
}

/**
 * Who waits for which log. A wait costs an entry in the list of each of its logs; there is one
 * timer for all waits, and none while nobody waits.
 */
export class Waiters {
  readonly #runtime: Runtime
  readonly #byLog = new LogWaits<Wait>()
  readonly #byDeadline = new Deadlines<Wait>()
  #timer: Timer | null = null
  #due: Wait[] = []

  constructor(runtime: Runtime) {
    this.#runtime = runtime
  }

  get count(): number {
    return this.#byDeadline.count
  }

  /** Begins to listen. Called once, when the store is open. */
  start(): void {
    this.#runtime.store.onAdvanced(logs => {
      if (this.count > 0) for (const log of logs) this.advanced(log)
    })
  }

  /** Ends every wait: the broker stops. */
  stop(): void {
    for (const wait of this.#byDeadline.all()) this.#wake(wait, 'expired')
  }

  add(waiter: Waiter, delayMs: number): Wait {
    const elapsed = this.#runtime.clock.elapsed()
    // Always a tick to come: this one may be over, or just being gone through.
    const tickNow = Math.floor(elapsed / TICK_MS)
    const tick = Math.max(Math.ceil((elapsed + delayMs) / TICK_MS), tickNow + 1)
    const wait = new Wait(waiter, tick)
    this.#byLog.add(wait)
    this.#byDeadline.add(wait)
    this.#timer ??= this.#runtime.timers.every(TICK_MS, () => this.#expire())
    return wait
  }

  /** Its connection is gone, or somebody else answered it. No error when it is over. */
  remove(wait: Wait): void {
    if (wait.isOver) return
    wait.isOver = true
    this.#byLog.remove(wait)
    this.#byDeadline.remove(wait)
    if (this.count > 0) return
    this.#timer?.cancel()
    this.#timer = null
  }

  /**
   * Waiters are woken when the turn is over, because one slot often moves several of their logs
   * and they should read them all.
   */
  advanced(log: Pick<Log, 'id'>): void {
    const waits = this.#byLog.of(log.id)
    if (waits === undefined || waits.length === 0) return
    if (this.#due.length === 0) this.#runtime.timers.soon(() => this.#wakeDue())
    for (const wait of waits) this.#due.push(wait)
  }

  #wakeDue(): void {
    const due = this.#due
    this.#due = []
    for (const wait of due) this.#wake(wait, 'advanced')
  }

  #expire(): void {
    const tickNow = Math.floor(this.#runtime.clock.elapsed() / TICK_MS)
    // Who waits again from within its wake-up waits for a later tick.
    for (let next = this.#byDeadline.first; next !== undefined; next = this.#byDeadline.first) {
      if (next.dueAt > tickNow) return
      this.#wake(next, 'expired')
    }
  }

  #wake(wait: Wait, reason: 'advanced' | 'expired'): void {
    if (wait.isOver) return
    this.remove(wait)
    wait.waiter.wake(reason)
  }
}
