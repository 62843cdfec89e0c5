import { expect, test } from 'vitest'
import { Shared } from './shared.ts'

test('equal values become one, others stay', () => {
  const shared = new Shared<{ readonly a: number; readonly list: readonly number[] }>()
  const first = shared.get({ a: 1, list: [1] })
  expect(shared.get({ a: 1, list: [1] })).toBe(first)
  const other = { a: 1, list: [2] }
  expect(shared.get(other)).toBe(other)
})

test('however many differ, it does not keep all', () => {
  const shared = new Shared<{ readonly a: number }>()
  const first = shared.get({ a: 0 })
  for (let a = 1; a < 5000; a++) expect(shared.get({ a })).toEqual({ a })
  expect(shared.get({ a: 0 })).not.toBe(first)
})
