import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'vitest'
import type { Millis } from '../../lib/brand.ts'
import { silentLogger } from '../../lib/logger.ts'
import { LogId } from '../../log/store.ts'
import type { Timer } from '../../platform/platform.ts'
import { Runtime } from '../runtime.ts'
import { brokerSettingsDefault } from '../settings.ts'
import { type Waiter, Waiters } from './waiters.ts'

/** Time that stands still until somebody moves it, and what is to run then. */
class World {
  elapsed = 1000
  readonly periodic = new Map<Timer, { periodMs: number; at: number; run: () => void }>()
  readonly soon: (() => void)[] = []
  readonly woken: string[] = []
  readonly waiters: Waiters

  constructor() {
    const every = (periodMs: number, run: () => void): Timer => {
      const timer = { cancel: () => void this.periodic.delete(timer) }
      this.periodic.set(timer, { periodMs, at: this.elapsed + periodMs, run })
      return timer
    }
    const unused = () => {
      throw new Error('not for waiters')
    }
    const runtime = new Runtime({
      settings: brokerSettingsDefault,
      clock: { now: () => 0 as Millis, elapsed: () => this.elapsed },
      timers: { after: unused, every, soon: run => void this.soon.push(run) },
      random: { next: unused, bytes: unused },
      logger: silentLogger,
    })
    this.waiters = new Waiters(runtime)
  }

  waiter(name: string, ...logs: number[]): Waiter {
    return { logs: logs.map(LogId), wake: reason => void this.woken.push(`${name} ${reason}`) }
  }

  advance(...logs: number[]): void {
    for (const id of logs) this.waiters.advanced({ id: LogId(id) })
    for (const run of this.soon.splice(0)) run()
  }

  pass(milliseconds: number): void {
    for (const end = this.elapsed + milliseconds; this.elapsed < end; ) {
      this.elapsed++
      for (const timer of this.periodic.values()) {
        if (this.elapsed < timer.at) continue
        timer.at += timer.periodMs
        timer.run()
      }
    }
  }
}

test('waiters: one that waits for a log is woken when it advances, once', () => {
  const world = new World()
  world.waiters.add(world.waiter('anna', 1, 2), 500)
  world.waiters.add(world.waiter('bert', 3), 500)
  world.advance(1, 2)
  world.advance(1)
  deepEqual(world.woken, ['anna advanced'])
  equal(world.waiters.count, 1)
})

test('waiters: time ends a wait, and not much later than it should', () => {
  const world = new World()
  world.waiters.add(world.waiter('anna', 1), 100)
  world.waiters.add(world.waiter('bert', 1), 50)
  world.pass(49)
  deepEqual(world.woken, [])
  world.pass(20)
  deepEqual(world.woken, ['bert expired'])
  world.pass(50)
  deepEqual(world.woken, ['bert expired', 'anna expired'])
})

test('waiters: there is a timer only while somebody waits', () => {
  const world = new World()
  equal(world.periodic.size, 0)
  const anna = world.waiters.add(world.waiter('anna', 1), 100)
  world.waiters.add(world.waiter('bert', 1), 100)
  equal(world.periodic.size, 1)
  world.waiters.remove(anna)
  world.waiters.remove(anna)
  equal(world.periodic.size, 1)
  world.advance(1)
  equal(world.periodic.size, 0)
  deepEqual(world.woken, ['bert advanced'])
})

test('waiters: one that waits again from within its wake-up is not forgotten', () => {
  const world = new World()
  let rounds = 0
  const anna: Waiter = {
    logs: [LogId(1)],
    wake: reason => {
      world.woken.push(reason)
      if (++rounds < 3) world.waiters.add(anna, 0)
    },
  }
  world.waiters.add(anna, 0)
  world.advance(1)
  world.pass(100)
  deepEqual(world.woken, ['advanced', 'expired', 'expired'])
})

test('waiters: a clock that stood still for long ends all waits that are due, in order', () => {
  const world = new World()
  for (const delay of [30, 10, 20]) world.waiters.add(world.waiter(`${delay}`, 1), delay)
  world.waiters.add(world.waiter('late', 1), 100_000)
  world.elapsed += 5000
  world.pass(1)
  deepEqual(world.woken, ['10 expired', '20 expired', '30 expired'])
})

test('waiters: stopping ends every wait', () => {
  const world = new World()
  world.waiters.add(world.waiter('anna', 1), 100_000)
  world.waiters.stop()
  deepEqual(world.woken, ['anna expired'])
  equal(world.periodic.size, 0)
})
