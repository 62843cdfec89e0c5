import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Deadlines } from './deadlines.ts'

type Item = { readonly dueAt: number; heapIndex: number }

test('deadlines: the first is always at hand, whatever comes and goes', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.boolean(), fc.nat({ max: 20 }))), steps => {
      const deadlines = new Deadlines<Item>()
      const items: Item[] = []
      for (const [isAdded, number] of steps) {
        if (isAdded || items.length === 0) {
          const item = { dueAt: number, heapIndex: -1 }
          items.push(item)
          deadlines.add(item)
        } else {
          const [gone] = items.splice(number % items.length, 1)
          deadlines.remove(gone!)
          expect(gone!.heapIndex).toBe(-1)
          deadlines.remove(gone!)
        }
        const least = Math.min(...items.map(({ dueAt }) => dueAt))
        expect(deadlines.first?.dueAt ?? Number.POSITIVE_INFINITY).toBe(least)
        expect(deadlines.count).toBe(items.length)
        expect(new Set(deadlines.all())).toEqual(new Set(items))
      }
    }),
  )
})

test('deadlines: taken one by one they come in order', () => {
  const deadlines = new Deadlines<Item>()
  const times = Array.from({ length: 500 }, (_, index) => (index * 7919) % 487)
  for (const dueAt of times) deadlines.add({ dueAt, heapIndex: -1 })
  const taken: number[] = []
  for (let first = deadlines.first; first !== undefined; first = deadlines.first) {
    taken.push(first.dueAt)
    deadlines.remove(first)
  }
  expect(taken).toEqual(times.toSorted((a, b) => a - b))
})
