import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { encodeBatch } from './builder.ts'
import { checkBatch } from './check.ts'
import { compressionNames, compressionOf } from './header.ts'
import { readLegacy, upConvert } from './legacy-read.ts'
import { downConvert, type LegacyMagic } from './legacy-write.ts'
import { readRecords } from './records.ts'

/** Captured bytes: hex, and a comment line that says where they come from. */
function vector(name: string): Buffer {
  const text = readFileSync(new URL(`vectors/${name}.hex`, import.meta.url), 'utf8')
  return Buffer.from(text.replace(/^#.*$/gm, '').replace(/\s/g, ''), 'hex')
}

type Plain = { timestamp: number; key: Buffer | null; value: Buffer | null }
const plain = ({ timestamp, key, value }: Plain) => ({
  timestamp,
  key: key?.toString() ?? null,
  value: value?.toString() ?? null,
})

/** What the vectors hold, as each format can say it: magic 0 knows no time. */
const expected = (magic: LegacyMagic) =>
  readRecords(vector('v2-none')).map(record =>
    plain({ ...record, timestamp: magic === 0 ? -1 : record.timestamp }),
  )

const legacyCompressions = compressionNames.filter(name => name !== 'zstd')

for (const magic of [0, 1] as const) {
  for (const compression of legacyCompressions) {
    describe(`format ${magic}, ${compression}`, () => {
      const captured = vector(`v${magic}-${compression}`)

      test('what Kafka wrote is read', () => {
        const { records } = readLegacy(captured)
        expect(records.map(plain)).toEqual(expected(magic))
        expect(records.map(record => record.offset)).toEqual([1000, 1001, 1002, 1003])
      })

      test('up: an intact batch with the same records', () => {
        const batch = upConvert(captured) as Buffer
        expect(checkBatch(batch)).toBeNull()
        expect(compressionOf(batch)).toBe(compression)
        expect(readRecords(batch).map(plain)).toEqual(expected(magic))
        expect(readRecords(batch).map(record => record.offset)).toEqual([0, 1, 2, 3])
      })

      test('down: the same messages', () => {
        const messages = downConvert(vector(`v2-${compression}`), magic, 0) as Buffer
        if (compression === 'none') expect(messages.toString('hex')).toBe(captured.toString('hex'))
        const { records } = readLegacy(messages)
        expect(records.map(plain)).toEqual(expected(magic))
        expect(records.map(record => record.offset)).toEqual([1000, 1001, 1002, 1003])
      })
    })
  }
}

test('down: uncompressed records below the wanted offset are left out', () => {
  const messages = downConvert(vector('v2-none'), 1, 1002) as Buffer
  expect(readLegacy(messages).records.map(record => record.offset)).toEqual([1002, 1003])
})

test('down: zstd has no place, control batches have no meaning', () => {
  expect(downConvert(vector('v2-zstd'), 1, 0)).toMatchObject({ kind: 'compression' })
  expect(downConvert(vector('v2-control'), 1, 0)).toHaveLength(0)
})

test('down: append time stays append time', () => {
  const packed = encodeBatch([{ timestamp: 5, key: null, value: Buffer.from('x') }], {
    compression: 'gzip',
    appendTime: 99,
  })
  const { records } = readLegacy(downConvert(packed, 1, 0) as Buffer)
  expect(records.map(record => record.timestamp)).toEqual([99])
})

test('up: damage and garbage come back as a problem', () => {
  const good = vector('v1-gzip')
  const damaged = fc
    .tuple(fc.nat(good.length - 1), fc.integer({ min: 1, max: 255 }))
    .map(([at, flip]) => {
      const bytes = Buffer.from(good)
      bytes[at]! ^= flip
      return { bytes, isOffset: at < 8 }
    })
  const garbage = fc
    .uint8Array({ maxLength: 120 })
    .map(bytes => ({ bytes: Buffer.from(bytes), isOffset: false }))
  fc.assert(
    fc.property(fc.oneof(damaged, garbage), ({ bytes, isOffset }) => {
      // Nothing protects the offset of a message, and nothing reads it.
      if (isOffset) expect(upConvert(bytes)).toBeInstanceOf(Buffer)
      else expect(upConvert(bytes)).toHaveProperty('kind')
    }),
    { numRuns: 1000 },
  )
})
