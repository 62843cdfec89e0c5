import fc from 'fast-check'
import { expect, test } from 'vitest'
import { LogId } from '../../log/store.ts'
import { LogWaits } from './log-waits.ts'

const changes = fc.array(fc.tuple(fc.boolean(), fc.nat(50), fc.array(fc.nat(5))), {
  maxLength: 200,
})

test('log waits: who waits for a log is told, whatever was added and taken out', () => {
  fc.assert(
    fc.property(changes, steps => {
      const waits = new LogWaits<{ logs: LogId[]; places: number[] }>()
      const expected: { logs: LogId[]; places: number[] }[] = []
      for (const [isAdded, value, logs] of steps) {
        if (isAdded || expected.length === 0) {
          const item = { logs: logs.map(LogId), places: [] } // One may be named twice.
          waits.add(item)
          expected.push(item)
        } else waits.remove(expected.splice(value % expected.length, 1)[0]!)
        for (let log = 0; log <= 5; log++) {
          const found = new Set(waits.of(LogId(log)))
          expect(found).toEqual(new Set(expected.filter(item => item.logs.includes(LogId(log)))))
        }
      }
    }),
  )
})

test('log waits: lists that nobody is in do not pile up', () => {
  const waits = new LogWaits<{ logs: LogId[]; places: number[] }>()
  for (let log = 0; log < 25_000; log++) {
    const item = { logs: [LogId(log)], places: [] }
    waits.add(item)
    waits.remove(item)
  }
  const kept = Array.from({ length: 25_000 }, (_, log) => waits.of(LogId(log)))
  expect(kept.filter(list => list !== undefined).length).toBeLessThanOrEqual(10_000)
})
