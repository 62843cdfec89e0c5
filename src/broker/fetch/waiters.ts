import type { Log, LogId } from '../../log/store.ts'
import type { Timer } from '../../platform/platform.ts'
import type { Runtime } from '../runtime.ts'

/** Waits end at the next tick after their deadline. */
const TICK_MS = 10

/** Somebody who waits for records. One object per request, whatever the number of logs. */
export interface Waiter {
  readonly logs: readonly LogId[]
  /** Called once, when one of the logs got further, or when the time is over. */
  wake(reason: 'advanced' | 'expired'): void
}

type Entry = { readonly waiter: Waiter; readonly tick: number }

/**
 * Who waits for which log. A wait costs a set entry for each of its logs; there is one timer for
 * all waits, and none while nobody waits.
 */
export class Waiters {
  readonly #runtime: Runtime
  readonly #byLog = new Map<LogId, Set<Waiter>>()
  readonly #entries = new Map<Waiter, Entry>()
  readonly #byTick = new Map<number, Set<Waiter>>()
  #tickLast = 0
  #timer: Timer | null = null
  #due: Waiter[] = []

  constructor(runtime: Runtime) {
    this.#runtime = runtime
  }

  get count(): number {
    return this.#entries.size
  }

  /** Begins to listen. Called once, when the store is open. */
  start(): void {
    this.#runtime.store.onAdvanced(logs => {
      if (this.#byLog.size > 0) for (const log of logs) this.advanced(log)
    })
  }

  /** Ends every wait: the broker stops. */
  stop(): void {
    for (const waiter of [...this.#entries.keys()]) this.#wake(waiter, 'expired')
  }

  add(waiter: Waiter, delayMs: number): void {
    const elapsed = this.#runtime.clock.elapsed()
    // Always a tick to come: this one may be over, or just being gone through.
    const tickNow = Math.floor(elapsed / TICK_MS)
    const tick = Math.max(Math.ceil((elapsed + delayMs) / TICK_MS), tickNow + 1)
    this.#entries.set(waiter, { waiter, tick })
    for (const id of waiter.logs) addTo(this.#byLog, id, waiter)
    addTo(this.#byTick, tick, waiter)
    if (this.#timer !== null) return
    this.#tickLast = tickNow
    this.#timer = this.#runtime.timers.every(TICK_MS, () => this.#expire())
  }

  /** Its connection is gone, or somebody else answered it. No error when it is not there. */
  remove(waiter: Waiter): void {
    const entry = this.#entries.get(waiter)
    if (entry === undefined) return
    this.#entries.delete(waiter)
    for (const id of waiter.logs) removeFrom(this.#byLog, id, waiter)
    removeFrom(this.#byTick, entry.tick, waiter)
    if (this.#entries.size > 0) return
    this.#timer?.cancel()
    this.#timer = null
  }

  /**
   * Waiters are woken when the turn is over, because one slot often moves several of their logs
   * and they should read them all.
   */
  advanced(log: Pick<Log, 'id'>): void {
    const waiters = this.#byLog.get(log.id)
    if (waiters === undefined) return
    if (this.#due.length === 0) this.#runtime.timers.soon(() => this.#wakeDue())
    for (const waiter of waiters) this.#due.push(waiter)
  }

  #wakeDue(): void {
    const due = this.#due
    this.#due = []
    for (const waiter of due) this.#wake(waiter, 'advanced')
  }

  #expire(): void {
    const tickNow = Math.floor(this.#runtime.clock.elapsed() / TICK_MS)
    if (tickNow - this.#tickLast > this.#byTick.size) {
      for (const tick of [...this.#byTick.keys()].sort((a, b) => a - b))
        if (tick <= tickNow) this.#expireTick(tick)
    } else {
      for (let tick = this.#tickLast + 1; tick <= tickNow; tick++) this.#expireTick(tick)
    }
    this.#tickLast = tickNow
  }

  #expireTick(tick: number): void {
    const waiters = this.#byTick.get(tick)
    if (waiters === undefined) return
    for (const waiter of [...waiters]) this.#wake(waiter, 'expired')
  }

  #wake(waiter: Waiter, reason: 'advanced' | 'expired'): void {
    if (!this.#entries.has(waiter)) return
    this.remove(waiter)
    waiter.wake(reason)
  }
}

function addTo<Key>(sets: Map<Key, Set<Waiter>>, key: Key, waiter: Waiter): void {
  const set = sets.get(key)
  if (set === undefined) sets.set(key, new Set([waiter]))
  else set.add(waiter)
}

function removeFrom<Key>(sets: Map<Key, Set<Waiter>>, key: Key, waiter: Waiter): void {
  const set = sets.get(key)
  if (set === undefined) return
  set.delete(waiter)
  if (set.size === 0) sets.delete(key)
}
