import fc from 'fast-check'
import { expect, test } from 'vitest'
import { LongDouble } from './long-double.ts'

const sum = (one: string, other: string): string | undefined => {
  const [first, second] = [LongDouble.parse(one), LongDouble.parse(other)]
  if (first === undefined || second === undefined) return undefined
  const result = LongDouble.sum(first, second)
  return result.isFinite ? result.toString() : 'infinite'
}

// What INCRBYFLOAT of redis-server 7.0.15 answers.
const sums: [one: string, other: string, result: string][] = [
  ['0.1', '0.2', '0.3'],
  ['10.50', '0.1', '10.6'],
  ['10.6', '-5', '5.6'],
  ['5.0e3', '2.0e2', '5200'],
  ['3', '1.10', '4.1'],
  ['1', '-1', '0'],
  ['-0.5', '0.25', '-0.25'],
  ['0x10', '1', '17'],
  ['-20152.33', '98857.29', '78704.96000000000000085'],
  ['82613.02', '-56237.38', '26375.64000000000000412'],
  ['24136.35', '59065.97', '83202.32000000000000028'],
  ['94901.61', '-78012.17', '16889.43999999999999773'],
]

for (const [one, other, result] of sums) {
  test(`long double: ${one} and ${other} are ${result}`, () => expect(sum(one, other)).toBe(result))
}

test('long double: whole numbers of 64 bits are exact', () => {
  const whole = fc.bigInt({ min: -(2n ** 62n), max: 2n ** 62n })
  fc.assert(
    fc.property(whole, whole, (one, other) => {
      expect(sum(String(one), String(other))).toBe(String(one + other))
    }),
  )
})

test('long double: what is none, and what is too much', () => {
  for (const text of ['', ' 1', '1 ', 'abc', 'nan', '1e5000', '1e-5000', '.', 'e1'])
    expect(LongDouble.parse(text)).toBeUndefined()
  expect(LongDouble.parse('inf')!.isFinite).toBe(false)
  expect(sum('1.1e4932', '1.1e4932')).toBe('infinite')
})
