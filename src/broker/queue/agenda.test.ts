import { beforeEach, expect, test } from 'vitest'
import type { Timers } from '../../platform/platform.ts'
import { Agenda, type Due, NEVER } from './agenda.ts'

let now: number
let agenda: Agenda
let served: string[]
/** There is one at most. */
let timer: { readonly at: number; readonly run: () => void } | null

beforeEach(() => {
  now = 1000
  served = []
  timer = null
  const timers: Timers = {
    after: (delayMs, run) => {
      expect(timer, 'one timer for all').toBeNull()
      timer = { at: now + delayMs, run }
      return { cancel: () => (timer = null) }
    },
    every: () => ({ cancel: () => {} }),
    soon: () => {},
  }
  agenda = new Agenda(() => now, timers)
})

const waiting = (name: string, due: () => void = () => {}): Due => ({
  dueAt: NEVER,
  heapIndex: -1,
  due: () => {
    served.push(`${name} ${now}`)
    due()
  },
})

function fire(): void {
  const { at, run } = timer!
  timer = null
  now = at
  run()
}

test('everybody is served at the time asked for, the earliest first', () => {
  const [a, b, c] = [waiting('a'), waiting('b'), waiting('c')]
  agenda.add(a, 1300)
  agenda.add(b, 1100)
  agenda.add(c, 1200)
  for (let times = 0; times < 3; times++) fire()
  expect(served).toEqual(['b 1100', 'c 1200', 'a 1300'])
  expect([a, b, c].map(who => who.dueAt)).toEqual([NEVER, NEVER, NEVER])
  expect(timer).toBeNull()
})

test('the earliest date counts, and it is served once', () => {
  const who = waiting('a')
  agenda.add(who, 1300)
  agenda.add(who, 1100)
  agenda.add(who, 1200)
  expect(who.dueAt).toBe(1100)
  fire()
  expect(served).toEqual(['a 1100'])
  expect(timer, 'no date is left').toBeNull()
})

test('who does not wait any more is let go of at once', () => {
  const [gone, other] = [waiting('gone'), waiting('other')]
  agenda.add(gone, 1_000_000)
  agenda.remove(gone)
  expect(gone.dueAt).toBe(NEVER)
  fire()
  expect(timer, 'nobody waits').toBeNull()
  agenda.add(gone, 1_000_000)
  agenda.add(other, 1_000_001)
  agenda.remove(gone)
  while (served.length === 0) fire()
  expect(served).toEqual(['other 1000001'])
})

test('who asks again while being served is served again', () => {
  const who = waiting('a', () => agenda.add(who, now + 50))
  agenda.add(who, 1100)
  fire()
  fire()
  expect(served).toEqual(['a 1100', 'a 1150'])
  agenda.stop()
  expect(timer).toBeNull()
})

test('many at once leave others their turn', () => {
  for (let count = 0; count < 1500; count++) agenda.add(waiting(`${count}`), 1100)
  fire()
  expect(served).toHaveLength(1000)
  fire()
  expect(served).toHaveLength(1500)
})
