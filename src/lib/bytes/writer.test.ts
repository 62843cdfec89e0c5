import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { InvariantError } from '../assert.ts'
import { ByteReader, ByteWriter, COPY_BYTES_MAX, MalformedError } from './index.ts'

type Step = [
  kind: string,
  write: (writer: ByteWriter) => void,
  read: (reader: ByteReader) => unknown,
]

const integer = (min: number, max: number) => fc.integer({ min, max })
const step = <Value>(
  values: fc.Arbitrary<Value>,
  kind: string,
  write: (writer: ByteWriter, value: Value) => void,
  read: (reader: ByteReader, value: Value) => unknown,
): fc.Arbitrary<Step> =>
  values.map(value => [
    kind,
    writer => write(writer, value),
    reader => expect(read(reader, value)).toEqual(value),
  ])

const buffer = (maxLength: number) =>
  fc.uint8Array({ maxLength }).map(bytes => Buffer.from(bytes.buffer, 0, bytes.length))
const large = integer(COPY_BYTES_MAX, COPY_BYTES_MAX + 2).map(size =>
  Buffer.alloc(size, size & 0xff),
)
const uuids = fc
  .uint8Array({ minLength: 16, maxLength: 16 })
  .map(bytes => Buffer.from(bytes).toString('base64url'))

const steps: fc.Arbitrary<Step>[] = [
  step(
    integer(-128, 127),
    'int8',
    (w, v) => w.int8(v),
    r => r.int8(),
  ),
  step(
    integer(0, 255),
    'uint8',
    (w, v) => w.uint8(v),
    r => r.uint8(),
  ),
  step(
    integer(-32_768, 32_767),
    'int16',
    (w, v) => w.int16(v),
    r => r.int16(),
  ),
  step(
    integer(0, 65_535),
    'uint16',
    (w, v) => w.uint16(v),
    r => r.uint16(),
  ),
  step(
    integer(-(2 ** 31), 2 ** 31 - 1),
    'int32',
    (w, v) => w.int32(v),
    r => r.int32(),
  ),
  step(
    fc.nat(2 ** 31 - 1).map(n => n * 2 + 1),
    'uint32',
    (w, v) => w.uint32(v),
    r => r.uint32(),
  ),
  step(
    fc.maxSafeInteger(),
    'int64',
    (w, v) => w.int64(v),
    r => r.int64(),
  ),
  step(
    fc.double({ noNaN: true }),
    'float64',
    (w, v) => w.float64(v),
    r => r.float64(),
  ),
  step(
    fc.nat(2 ** 31 - 1).map(n => n * 2 + 1),
    'varuint',
    (w, v) => w.varuint(v),
    r => r.varuint(),
  ),
  step(
    uuids,
    'uuid',
    (w, v) => w.uuid(v),
    r => r.uuid(),
  ),
  step(
    fc.string(),
    'text',
    (w, v) => w.text(v),
    (r, v) => r.text(Buffer.byteLength(v)),
  ),
  step(
    buffer(600).map(bytes => bytes.toString('latin1')),
    'binary',
    (w, v) => w.binary(v),
    (r, v) => r.binary(v.length),
  ),
  step(
    buffer(600),
    'bytes',
    (w, v) => w.bytes(v),
    (r, v) => r.slice(v.length),
  ),
  step(
    large,
    'large bytes',
    (w, v) => w.bytes(v),
    (r, v) => r.slice(v.length),
  ),
]

test('bytes: whatever is written in a row is read in a row, however the buffer grows', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(...steps), { maxLength: 60 }), inARow => {
      const writer = new ByteWriter(4)
      for (const [, write] of inARow) write(writer)
      const sizeBytes = writer.sizeBytes
      const bytes = writer.finish()
      expect(bytes.length).toBe(sizeBytes)
      const reader = new ByteReader(bytes)
      for (const [, , read] of inARow) read(reader)
      expect(reader.left).toBe(0)
      expect(writer.sizeBytes).toBe(0)
    }),
  )
})

test('bytes: a large buffer is handed on as it is, a small one is copied', () => {
  const kept = Buffer.alloc(COPY_BYTES_MAX + 1, 1)
  const copied = Buffer.alloc(COPY_BYTES_MAX, 2)
  const writer = new ByteWriter()
  writer.int32(1)
  writer.bytes(kept)
  writer.bytes(copied)
  const chunks = writer.finishChunks()
  expect(chunks.map(chunk => chunk.length)).toEqual([4, kept.length, copied.length])
  expect(chunks[1]).toBe(kept)
  copied.fill(3)
  expect(chunks[2]!.every(byte => byte === 2)).toBe(true)
})

test('bytes: what was handed over does not change with what is written next', () => {
  const writer = new ByteWriter()
  writer.int32(1)
  const first = writer.finish()
  writer.int32(2)
  expect(first).toEqual(Buffer.from([0, 0, 0, 1]))
  expect(new ByteWriter().finishChunks()).toEqual([Buffer.alloc(0)])
})

describe('bytes: the reader refuses', () => {
  const cases: [what: string, hex: string, read: (reader: ByteReader) => unknown][] = [
    ['a number that is cut off', '0000', reader => reader.int32()],
    ['a negative length', '0000', reader => reader.slice(-1)],
    ['a length beyond the end', '0000', reader => reader.text(3)],
    ['an int64 above 2^53', '0020000000000000', reader => reader.int64()],
    ['an int64 below -2^53', 'ffdfffffffffffff', reader => reader.int64()],
    ['a varuint of six bytes', '808080808001', reader => reader.varuint()],
    ['a varuint of more than 32 bits', 'ffffffff10', reader => reader.varuint()],
    ['more items than bytes', '0000', reader => reader.items(3, 1)],
    ['more large items than bytes', '00000000', reader => reader.items(2, 4)],
    ['a negative number of items', '00', reader => reader.items(-1, 1)],
  ]
  test.each(cases)('%s', (_, hex, read) => {
    expect(() => read(new ByteReader(Buffer.from(hex, 'hex')))).toThrow(MalformedError)
  })

  test('more items than a message may hold, all lists together', () => {
    const reader = new ByteReader(Buffer.alloc(100), 10)
    reader.items(6, 1)
    expect(() => reader.items(5, 1)).toThrow(MalformedError)
  })
})

test('bytes: 64-bit integers are exact or refused, and saturate only if asked', () => {
  const read = (hex: string) => new ByteReader(Buffer.from(hex, 'hex'))
  expect(read('001fffffffffffff').int64()).toBe(Number.MAX_SAFE_INTEGER)
  expect(read('ffe0000000000001').int64()).toBe(Number.MIN_SAFE_INTEGER)
  expect(read('7fffffffffffffff').int64Saturated()).toBe(Number.MAX_SAFE_INTEGER)
  expect(read('8000000000000000').int64Saturated()).toBe(Number.MIN_SAFE_INTEGER)
  expect(read('ffffffffffffffff').int64Saturated()).toBe(-1)
  expect(() => new ByteWriter().int64(2 ** 53)).toThrow(InvariantError)
  expect(() => new ByteWriter().uuid('short')).toThrow(InvariantError)
})
