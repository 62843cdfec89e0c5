import { assert } from '../../src/lib/assert.ts'
import { Millis } from '../../src/lib/brand.ts'
import type { Store } from '../../src/log/store.ts'
import { type Platform, seededRandom, type Timer } from '../../src/platform/index.ts'
import type { SimulatedDisk } from './disk.ts'

type Due = { at: number; order: number; run: () => void; periodMs: number | null }

/** Whatever is simulated is done after so many things. */
export const STEPS_MAX = 20_000

/** Everything that waits for a promise runs. */
export const flush = (): Promise<void> => new Promise(resolve => setImmediate(resolve))

/** Time and timers of a simulated world: nothing happens but what the scenario lets happen. */
export class SimulatedTime {
  #nowMs = 1_700_000_000_000
  #order = 0
  #due: Due[] = []

  get now(): number {
    return this.#nowMs
  }

  /** The process stands still meanwhile: what becomes due is done afterwards. */
  stall(ms: number): void {
    this.#nowMs += ms
  }

  after(delayMs: number, run: () => void, periodMs: number | null = null): Timer {
    const due: Due = { at: this.#nowMs + delayMs, order: this.#order++, run, periodMs }
    this.#due.push(due)
    return {
      cancel: () => {
        this.#due = this.#due.filter(other => other !== due)
      },
    }
  }

  /** Runs the next thing that is due; false when there is nothing within `withinMs`. */
  step(withinMs = Number.POSITIVE_INFINITY): boolean {
    let next: Due | undefined
    for (const due of this.#due) {
      if (next === undefined || due.at < next.at || (due.at === next.at && due.order < next.order))
        next = due
    }
    if (next === undefined || next.at > this.#nowMs + withinMs) return false
    this.#due = this.#due.filter(other => other !== next)
    this.#nowMs = Math.max(this.#nowMs, next.at)
    if (next.periodMs !== null) this.after(next.periodMs, next.run, next.periodMs)
    next.run()
    return true
  }

  /** So many of the next things, as long as they are due one soon after the other. */
  async pass(steps: number): Promise<void> {
    for (let step = 0; step < steps; step++) {
      await flush()
      if (!this.step(30)) break
    }
    await flush()
  }

  /** Lets time pass until the work is done. */
  async finish<Answer>(work: Promise<Answer>): Promise<Answer> {
    let isDone = false
    const settled = work.finally(() => {
      isDone = true
    })
    settled.catch(() => {})
    for (let step = 0; step < STEPS_MAX; step++) {
      await flush()
      if (isDone) return settled
      this.step()
    }
    assert(false, 'what was begun ends')
  }

  /** The process is gone, and with it everything it had planned. */
  forgetAll(): void {
    this.#due = []
  }
}

/** Lets time pass until a store that refused, on a disk that works again, takes writes again. */
export function untilWelcome(time: SimulatedTime, store: Store): Promise<void> {
  return time.finish(
    new Promise(resolve => {
      store.onRefusal(refusal => {
        if (refusal === null) resolve()
      })
    }),
  )
}

export function simulatedPlatform(
  time: SimulatedTime,
  disk: SimulatedDisk,
  seed: number,
): Platform {
  const random = seededRandom(seed)
  return {
    clock: { now: () => Millis(Math.floor(time.now)), elapsed: () => time.now },
    random,
    timers: {
      after: (delayMs, run) => time.after(delayMs, run),
      every: (periodMs, run) => time.after(periodMs, run, periodMs),
      soon: run => void time.after(0, run),
    },
    disk,
  }
}
