import { expect, test } from 'vitest'
import { Offset } from '../../lib/brand.ts'
import { retentionStart } from './retention.ts'

const now = 1_000_000

/** `ends at offset, bytes, newest record's age in ms` */
const unit = (endOffset: number, sizeBytes: number, ageMs: number) => ({
  endOffset: Offset(endOffset),
  sizeBytes,
  maxTimestamp: now - ageMs,
  createdAt: now - ageMs,
})

const three = [unit(10, 100, 900), unit(20, 100, 500), unit(30, 100, 100)]

type Row = [
  name: string,
  units: ReturnType<typeof unit>[],
  retentionMs: number | null,
  retentionBytes: number | null,
  start: number,
  expected: number,
]

const rows: Row[] = [
  ['no limits', three, null, null, 0, 0],
  ['an empty log', [], 1, 1, 7, 7],
  ['nothing is old enough', three, 900, null, 0, 0],
  ['the oldest has expired', three, 899, null, 0, 10],
  ['two have expired', three, 400, null, 0, 20],
  ['all have expired', three, 50, null, 0, 30],
  ['an old one behind a young one stays', [unit(10, 100, 1), unit(20, 100, 900)], 100, null, 0, 0],
  ['the size is just right', three, null, 300, 0, 0],
  ['one byte too much is not a whole unit too much', three, null, 299, 0, 0],
  ['a whole unit too much', three, null, 200, 0, 10],
  ['nothing is to be kept', three, null, 0, 0, 30],
  ['the stricter rule wins: time', three, 400, 200, 0, 20],
  ['the stricter rule wins: size', three, 899, 100, 0, 20],
  ['the start never moves back', three, 899, null, 15, 15],
]

for (const [name, units, retentionMs, retentionBytes, start, expected] of rows) {
  test(`retention: ${name}`, () => {
    expect(retentionStart(units, { retentionMs, retentionBytes }, Offset(start), now)).toBe(
      expected,
    )
  })
}

test('retention: without any timestamp the age counts from when the unit was made', () => {
  const timeless = [{ ...unit(10, 100, 900), maxTimestamp: -1 }]
  const policy = { retentionMs: 500, retentionBytes: null }
  expect(retentionStart(timeless, policy, Offset(0), now)).toBe(10)
  expect(retentionStart(timeless, { ...policy, retentionMs: 901 }, Offset(0), now)).toBe(0)
})
