import type { Millis } from '../lib/brand.ts'
import type { Disk } from './disk.ts'

/** Everything outside the process. Only this layer touches disks, clocks, timers and dice. */
export interface Platform {
  readonly clock: Clock
  readonly random: Random
  readonly timers: Timers
  readonly disk: Disk
}

export interface Clock {
  /** Wall time. It may jump; nothing that matters for safety reads it. */
  now(): Millis
  /** Milliseconds, with fractions, from an arbitrary start. It never goes back. */
  elapsed(): number
}

export interface Random {
  /** Uniform in [0, 1). */
  next(): number
  /** Unpredictable bytes, for identifiers and nonces. */
  bytes(count: number): Buffer
}

/** In bytes. */
export interface Memory {
  used(): number
  total(): number
}

export interface Timers {
  /** Runs once, not before `delayMs` have passed. Does not keep the process alive. */
  after(delayMs: number, run: () => void): Timer
  /** Runs again and again, `periodMs` apart, until cancelled. Does not keep the process alive. */
  every(periodMs: number, run: () => void): Timer
  /** Runs once, when the work of this turn of the event loop is done (`setImmediate`). */
  soon(run: () => void): void
}

/** The part of the heap where objects begin, and most of them end. */
export interface YoungHeap {
  sizeBytes(): number
  /** Whether it may, when what lives in it is much. It always may at first. */
  mayGrow(may: boolean): void
  /** Who started the process said how large it is. */
  readonly isSetByOperator: boolean
}

export interface Timer {
  cancel(): void
}
