import { deepEqual } from 'node:assert/strict'
import { test } from 'vitest'
import type { Runtime } from '../../runtime.ts'
import { Wakes } from './wakes.ts'

/** A clock and timers that run when they are told to. */
class Time {
  now = 1000
  #due: { readonly at: number; readonly run: () => void }[] = []

  readonly runtime = {
    clock: { now: () => this.now },
    timers: {
      after: (delayMs: number, run: () => void) => {
        const entry = { at: this.now + delayMs, run }
        this.#due.push(entry)
        return { cancel: () => (this.#due = this.#due.filter(one => one !== entry)) }
      },
    },
  } as unknown as Runtime

  pass(millis: number): void {
    this.now += millis
    for (const entry of this.#due.filter(({ at }) => at <= this.now)) {
      this.#due = this.#due.filter(one => one !== entry)
      entry.run()
    }
  }

  get waiting(): number {
    return this.#due.length
  }
}

test('wakes: each is called once, at the earliest time that was asked for', () => {
  const time = new Time()
  const woken: string[] = []
  const wakes = new Wakes<string>(time.runtime, name => woken.push(`${name} ${time.now}`))
  wakes.at('a', 1500)
  wakes.at('b', 1200)
  wakes.at('b', 1900)
  wakes.at('c', 1100)
  wakes.drop('c')
  for (let step = 0; step < 10; step++) time.pass(100)
  deepEqual(woken, ['b 1200', 'a 1500'])
  deepEqual(time.waiting, 0)
})

test('wakes: who is called may ask again, also for a time that is over', () => {
  const time = new Time()
  const woken: number[] = []
  const wakes = new Wakes<string>(time.runtime, name => {
    woken.push(time.now)
    if (woken.length < 3) wakes.at(name, time.now - 500)
  })
  wakes.at('a', 1100)
  for (let step = 0; step < 10; step++) time.pass(100)
  deepEqual(woken, [1100, 1200, 1300])
})
