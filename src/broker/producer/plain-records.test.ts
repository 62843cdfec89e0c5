import fc from 'fast-check'
import { expect, test } from 'vitest'
import { countOf, encodeBatch, readRecords } from '../../log/batch/index.ts'
import { plainMaxDelta } from './plain-records.ts'

const time = 1_700_000_000_000
const bytes = fc.uint8Array({ maxLength: 200 }).map(value => Buffer.from(value))
const large = fc.integer({ min: 0, max: 20_000 }).map(size => Buffer.alloc(size, size))
const field = fc.oneof(fc.constant(null), bytes, large)
const record = fc.record({
  timestamp: fc.integer({ min: time, max: time + 30_000 }),
  key: field,
  value: field.map(value => value ?? Buffer.alloc(3)),
})
const batch = fc
  .array(record, { minLength: 1, maxLength: 100 })
  .map(records => encodeBatch([{ ...records[0]!, timestamp: time }, ...records]))

/** What a look at each record says: null when one is bad. */
function slowly(sent: Buffer): number | null {
  try {
    const records = readRecords(sent)
    if (records.some(({ offset }, index) => offset !== index)) return null
    return Math.max(...records.map(({ timestamp }) => timestamp - time))
  } catch {
    return null
  }
}

test('plain records: the largest delta is found, whatever the sizes', () => {
  fc.assert(
    fc.property(batch, sent => {
      expect(plainMaxDelta(sent, countOf(sent))).toBe(slowly(sent))
    }),
  )
})

test('plain records: nothing is taken that a look at each record would not take', () => {
  const damage = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 3 })
  const cut = fc.nat(3)
  fc.assert(
    fc.property(batch, damage, cut, (whole, changes, left) => {
      const sent = Buffer.from(whole.subarray(0, whole.length - left))
      for (const [position, byte] of changes)
        sent[61 + (position % Math.min(400, sent.length - 61))] = byte
      const found = plainMaxDelta(sent, countOf(sent))
      if (found >= 0) expect(found).toBe(slowly(sent))
    }),
    { numRuns: 3000 },
  )
})

test('plain records: others are to be looked at one by one', () => {
  const usual = { timestamp: time, key: null, value: Buffer.from('a') }
  const others = [
    { ...usual, headers: [{ key: 'a', value: null }] },
    { ...usual, value: null },
    { ...usual, timestamp: time - 1 },
    { ...usual, offsetDelta: 5 },
  ]
  for (const other of others) {
    const sent = encodeBatch([usual, other])
    expect(plainMaxDelta(sent, countOf(sent))).toBe(-1)
  }
})
