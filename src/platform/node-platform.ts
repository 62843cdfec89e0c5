import { randomBytes } from 'node:crypto'
import { Millis } from '../lib/brand.ts'
import { nodeDisk } from './node-disk.ts'
import type { Clock, Platform, Random, Timer, Timers } from './platform.ts'

const clock: Clock = {
  now: () => Millis(Date.now()),
  elapsed: () => performance.now(),
}

const random: Random = {
  next: () => Math.random(),
  bytes: count => randomBytes(count),
}

/** Timers do not keep the process alive; `soon` does, because what it finishes was begun. */
const timers: Timers = {
  after(delayMs, run): Timer {
    const handle = setTimeout(run, delayMs).unref()
    return { cancel: () => clearTimeout(handle) }
  },
  every(periodMs, run): Timer {
    const handle = setInterval(run, periodMs).unref()
    return { cancel: () => clearInterval(handle) }
  },
  soon(run) {
    setImmediate(run)
  },
}

/** The real world. */
export const nodePlatform: Platform = { clock, random, timers, disk: nodeDisk }
