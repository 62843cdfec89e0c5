import { expect, test } from 'vitest'
import { firstWhere } from './search.ts'

test('the first for which it holds is found, wherever it is', () => {
  for (let from = 0; from < 5; from++)
    for (let end = from; end < from + 20; end++)
      for (let wanted = from; wanted <= end; wanted++) {
        const asked: number[] = []
        const found = firstWhere(from, end, index => {
          asked.push(index)
          return index >= wanted
        })
        expect(found).toBe(wanted)
        expect(asked.every(index => index >= from && index < end)).toBe(true)
        expect(asked.length).toBeLessThanOrEqual(Math.ceil(Math.log2(end - from + 1)))
      }
})
