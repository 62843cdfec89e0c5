import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { encodeBatch } from './builder.ts'
import { checkBatch, checkStoredBatch } from './check.ts'
import {
  type CompressionName,
  compressionNames,
  compressionOf,
  setAppendTime,
  summaryOf,
} from './header.ts'
import { recompress } from './recompress.ts'
import { readRecords } from './records.ts'

/** Captured bytes: hex, and a comment line that says where they come from. */
function vector(name: string): Buffer {
  const text = readFileSync(new URL(`vectors/${name}.hex`, import.meta.url), 'utf8')
  return Buffer.from(text.replace(/^#.*$/gm, '').replace(/\s/g, ''), 'hex')
}

const time = 1_700_000_000_000
const longValue = Array.from({ length: 20 }, (_, index) => `0123456789${index}`).join('')

/** The four records in each `v*` vector. */
const written = [
  {
    timestamp: time,
    key: 'key',
    value: 'value',
    headers: [
      { key: 'h1', value: 'v1' },
      { key: 'h2', value: null },
    ],
  },
  { timestamp: time + 5, key: null, value: longValue, headers: [] },
  { timestamp: time + 3, key: 'tombstone', value: null, headers: [] },
  { timestamp: time - 1, key: 'ключ', value: '', headers: [] },
]

const show = (batch: Buffer) =>
  readRecords(batch).map(record => ({
    timestamp: record.timestamp,
    key: record.key?.toString() ?? null,
    value: record.value?.toString() ?? null,
    headers: record.headers.map(({ key, value }) => ({ key, value: value?.toString() ?? null })),
  }))

describe('batches written by Kafka', () => {
  for (const compression of compressionNames) {
    test(`${compression}: intact, and read`, () => {
      const batch = vector(`v2-${compression}`)
      expect(checkBatch(batch)).toBeNull()
      expect(compressionOf(batch)).toBe(compression)
      expect(show(batch)).toEqual(written)
      expect(readRecords(batch).map(record => record.offset)).toEqual([1000, 1001, 1002, 1003])
    })

    for (const target of compressionNames) {
      test(`${compression}: packed again as ${target}`, () => {
        const batch = recompress(vector(`v2-${compression}`), target)
        expect(checkBatch(batch)).toBeNull()
        expect(compressionOf(batch)).toBe(target)
        expect(show(batch)).toEqual(written)
      })
    }
  }

  test('our own encoding of the same records is the same bytes', () => {
    const records = written.map(({ timestamp, key, value, headers }) => ({
      timestamp,
      key: key === null ? null : Buffer.from(key),
      value: value === null ? null : Buffer.from(value),
      headers: headers.map(header => ({
        key: header.key,
        value: header.value === null ? null : Buffer.from(header.value),
      })),
    }))
    expect(encodeBatch(records, { baseOffset: 1000 }).toString('hex')).toBe(
      vector('v2-none').toString('hex'),
    )
  })

  test('transactional: every field of the header', () => {
    const batch = vector('v2-transactional')
    expect(checkBatch(batch)).toBeNull()
    expect(summaryOf(batch)).toEqual({
      baseOffset: 0,
      lastOffset: 1,
      count: 2,
      sizeBytes: batch.length,
      maxTimestamp: time + 1,
      producerId: 4711,
      producerEpoch: 3,
      baseSequence: 42,
      isTransactional: true,
      isControl: false,
    })
  })

  test('append time: every record bears it', () => {
    expect(show(vector('v2-append-time'))[0]!.timestamp).toBe(time + 9999)
    const batch = vector('v2-none')
    setAppendTime(batch, time + 77)
    expect(checkBatch(batch)).toBeNull()
    expect(new Set(show(batch).map(record => record.timestamp))).toEqual(new Set([time + 77]))
  })

  test('control: refused from a producer, fine in the log', () => {
    const batch = vector('v2-control')
    expect(checkBatch(batch)?.kind).toBe('invalid')
    expect(checkStoredBatch(batch)).toBeNull()
    expect(summaryOf(batch)).toMatchObject({ baseOffset: 12, isControl: true })
  })
})

test('a batch with any byte changed is refused', () => {
  for (const compression of compressionNames satisfies readonly CompressionName[]) {
    const batch = vector(`v2-${compression}`)
    for (let index = 8; index < batch.length; index++) {
      // The leader epoch is the broker's to set, so no checksum covers it.
      if (index >= 12 && index < 16) continue
      const changed = Buffer.from(batch)
      changed[index]! ^= 0x40
      expect(checkBatch(changed), `byte ${index} of ${compression}`).not.toBeNull()
    }
  }
})
