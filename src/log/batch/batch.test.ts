import fc from 'fast-check'
import { expect, test } from 'vitest'
import { MalformedError } from '../../lib/bytes/reader.ts'
import { encodeBatch } from './builder.ts'
import { checkBatch, splitBatches } from './check.ts'
import { at, compressionNames, setChecksum, summaryOf } from './header.ts'
import { readRecords } from './records.ts'

const bytes = fc.uint8Array({ maxLength: 300 }).map(data => Buffer.from(data))
const maybeBytes = fc.option(bytes)
const record = fc.record({
  timestamp: fc.integer({ min: -1, max: 2 ** 45 }),
  key: maybeBytes,
  value: maybeBytes,
  headers: fc.array(fc.record({ key: fc.string({ maxLength: 20 }), value: maybeBytes }), {
    maxLength: 4,
  }),
})

test('round trip, in every compression', () => {
  fc.assert(
    fc.property(
      fc.array(record, { minLength: 1, maxLength: 30 }),
      fc.constantFrom(...compressionNames),
      fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER - 100 }),
      (records, compression, baseOffset) => {
        const batch = encodeBatch(records, { compression, baseOffset })
        expect(checkBatch(batch)).toBeNull()
        const numbered = records.map((each, index) => ({ ...each, offset: baseOffset + index }))
        expect(readRecords(batch)).toEqual(numbered)
        expect(summaryOf(batch).maxTimestamp).toBe(Math.max(...records.map(r => r.timestamp)))
      },
    ),
    { numRuns: 300 },
  )
})

test('records that lie behind a right checksum are refused, never a crash', () => {
  const good = encodeBatch(
    [
      { timestamp: 1, key: Buffer.from('k'), value: Buffer.from('v') },
      { timestamp: 2, key: null, value: null, headers: [{ key: 'h', value: Buffer.from('x') }] },
    ],
    {},
  )
  const change = fc.tuple(fc.integer({ min: 21, max: good.length - 1 }), fc.nat(255))
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), changes => {
      const batch = Buffer.from(good)
      for (const [position, byte] of changes) batch[position] = byte
      setChecksum(batch)
      try {
        readRecords(batch)
      } catch (error) {
        expect(error).toBeInstanceOf(MalformedError)
      }
    }),
    { numRuns: 3000 },
  )
})

test('garbage is never a batch, and does not crash', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), data => {
      expect(checkBatch(Buffer.from(data))).not.toBeNull()
      const cut = splitBatches(Buffer.from(data))
      if (Array.isArray(cut)) expect(Buffer.concat(cut).equals(data)).toBe(true)
    }),
    { numRuns: 1000 },
  )
})

test('concatenated batches are cut apart; a cut one is a problem', () => {
  const one = encodeBatch([{ timestamp: 1, key: null, value: Buffer.from('one') }])
  const two = encodeBatch([{ timestamp: 2, key: null, value: Buffer.from('two!') }])
  const both = Buffer.concat([one, two])
  expect(splitBatches(both)).toEqual([one, two])
  for (let length = 1; length < both.length; length++) {
    if (length === one.length) continue
    expect(splitBatches(both.subarray(0, length))).toHaveProperty('kind', 'corrupt')
  }
})

/** Each breaks one rule of a batch whose checksum is right. */
const contradictions: [name: string, kind: string, change: (batch: Buffer) => void][] = [
  ['no records', 'invalid', batch => batch.writeInt32BE(0, at.count)],
  ['more records than bytes', 'invalid', batch => batch.writeInt32BE(9999, at.count)],
  ['gaps between offsets', 'invalid', batch => batch.writeInt32BE(5, at.lastOffsetDelta)],
  ['unknown compression', 'compression', batch => batch.writeInt16BE(7, at.attributes)],
  ['control from a producer', 'invalid', batch => batch.writeInt16BE(0x20, at.attributes)],
  ['envelopes from a producer', 'invalid', batch => batch.writeInt16BE(0x4000, at.attributes)],
  ['transaction of nobody', 'invalid', batch => batch.writeInt16BE(0x10, at.attributes)],
  ['producer without sequence', 'invalid', batch => batch.writeBigInt64BE(7n, at.producerId)],
  ['negative producer', 'invalid', batch => batch.writeBigInt64BE(-7n, at.producerId)],
  ['time beyond 53 bits', 'invalid', batch => batch.writeBigInt64BE(2n ** 60n, at.maxTimestamp)],
  ['magic 1', 'legacy', batch => batch.writeInt8(1, at.magic)],
  ['magic 3', 'magic', batch => batch.writeInt8(3, at.magic)],
  ['length', 'corrupt', batch => batch.writeInt32BE(1, at.length)],
]

for (const [name, kind, change] of contradictions) {
  test(`refused: ${name}`, () => {
    const batch = encodeBatch([{ timestamp: 1, key: null, value: Buffer.from('value') }])
    change(batch)
    if (kind !== 'corrupt') setChecksum(batch)
    expect(checkBatch(batch)?.kind).toBe(kind)
  })
}

test('a summary is made of any base offset, because a producer may write what it likes', () => {
  const batch = encodeBatch([{ timestamp: 1, key: null, value: null }])
  batch.writeBigInt64BE(-3n, at.baseOffset)
  expect(summaryOf(batch).lastOffset).toBe(-3)
})
