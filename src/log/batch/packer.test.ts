import fc from 'fast-check'
import { expect, test } from 'vitest'
import { encodeBatch } from './builder.ts'
import { checkStoredBatch } from './check.ts'
import { isEnveloped } from './header.ts'
import { BatchPacker, OpenBatch } from './packer.ts'
import { readRecords } from './records.ts'

/** One record with a value of so many bytes, as `encodeBatch` writes it. */
function encoded(value: Buffer, timestamp: number, base: number, offsetDelta: number): Buffer {
  const records = [
    { timestamp: base, key: null, value: null, offsetDelta: 0 },
    { timestamp, key: null, value, offsetDelta },
  ]
  const one = encodeBatch(records.slice(0, 1))
  return encodeBatch(records).subarray(one.length)
}

type Written = { value: Buffer; timestamp: number }

class Logs {
  readonly packer = new BatchPacker()
  readonly open = new Map<number, OpenBatch>()
  readonly written = new Map<number, Written[]>()
  readonly batches = new Map<number, Buffer[]>()

  add(log: number, value: Buffer, timestamp: number): void {
    const batch = this.open.get(log) ?? new OpenBatch()
    this.open.set(log, batch)
    const record = () =>
      encoded(value, timestamp, batch.count === 0 ? timestamp : batch.baseTimestamp, batch.count)
    let bytes = record()
    if (!this.packer.reserve(batch, bytes.length, timestamp)) {
      this.finish(log)
      bytes = record()
      expect(this.packer.reserve(batch, bytes.length, timestamp)).toBe(true)
    }
    bytes.copy(batch.bytes, batch.at)
    batch.wrote(batch.at + bytes.length, timestamp)
    const written = this.written.get(log)
    if (written === undefined) this.written.set(log, [{ value, timestamp }])
    else written.push({ value, timestamp })
  }

  finish(log: number): void {
    const batch = this.packer.finish(this.open.get(log)!)
    this.batches.set(log, [...(this.batches.get(log) ?? []), batch])
  }

  check(): void {
    for (const [log, batch] of this.open) if (batch.count > 0) this.finish(log)
    for (const [log, written] of this.written) {
      const batches = this.batches.get(log)!
      for (const batch of batches) {
        expect(checkStoredBatch(batch)).toBeNull()
        expect(isEnveloped(batch)).toBe(true)
        const offsets = readRecords(batch).map(record => record.offset)
        expect(offsets).toEqual([...offsets.keys()])
      }
      const read = batches.flatMap(batch => readRecords(batch))
      expect(read.map(({ timestamp }) => timestamp)).toEqual(written.map(one => one.timestamp))
      const values = Buffer.concat(written.map(one => one.value))
      expect(values.equals(Buffer.concat(read.map(({ value }) => value!)))).toBe(true)
    }
  }
}

test('records of any logs, in any order, of any size, come back', () => {
  const sizeBytes = fc.oneof(
    { weight: 20, arbitrary: fc.nat(60) },
    { weight: 4, arbitrary: fc.nat(9000) },
    { weight: 1, arbitrary: fc.integer({ min: 30_000, max: 200_000 }) },
  )
  const add = fc.record({
    log: fc.nat(4),
    sizeBytes,
    timestamp: fc.integer({ min: 0, max: 2 ** 45 }),
    isTurnEnd: fc.boolean(),
  })
  fc.assert(
    fc.property(fc.array(add, { maxLength: 120, size: 'max' }), adds => {
      const logs = new Logs()
      for (const [index, { log, sizeBytes, timestamp, isTurnEnd }] of adds.entries()) {
        logs.add(log, Buffer.alloc(sizeBytes, index), timestamp)
        if (isTurnEnd && index % 7 === 0) logs.finish(log)
      }
      logs.check()
    }),
    { numRuns: 60 },
  )
})

test('one busy log gets a batch of nearly a slab, without a copy on the way', () => {
  const logs = new Logs()
  logs.add(0, Buffer.alloc(1000), 5)
  const { bytes } = logs.open.get(0)!
  for (let count = 1; count < 500; count++) logs.add(0, Buffer.alloc(1000), 5)
  expect(logs.batches.size).toBe(0)
  expect(logs.open.get(0)!.bytes).toBe(bytes)
  for (let count = 0; count < 100; count++) logs.add(0, Buffer.alloc(1000), 5)
  expect(logs.batches.get(0)).toHaveLength(1)
  logs.check()
})

test('many logs with a record each lie close together', () => {
  const logs = new Logs()
  for (let log = 0; log < 1000; log++) logs.add(log, Buffer.alloc(16), 5)
  const first = logs.open.get(0)!
  const last = logs.open.get(999)!
  expect(last.bytes).toBe(first.bytes)
  expect(last.end).toBeLessThan(1000 * 100)
  logs.check()
})

test('a large record has a buffer of its own', () => {
  const logs = new Logs()
  logs.add(0, Buffer.alloc(16), 5)
  logs.add(0, Buffer.alloc(5_000_000, 7), 6)
  logs.add(0, Buffer.alloc(16), 7)
  logs.check()
  expect(logs.batches.get(0)!.map(batch => readRecords(batch).length)).toEqual([1, 1, 1])
})
