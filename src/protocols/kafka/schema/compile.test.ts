import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ByteReader, ByteWriter, MalformedError } from '../../../lib/bytes/index.ts'
import { compile, type Codec } from './compile.ts'
import {
  between,
  bool,
  bytes,
  defaulted,
  float64,
  int16,
  int32,
  int64,
  int8,
  listOf,
  nullableBytes,
  nullableListOf,
  nullableSince,
  nullableString,
  nullableStruct,
  since,
  string,
  struct,
  tagged,
  taggedStruct,
  uint16,
  uint32,
  until,
  uuid,
  ZERO_UUID,
  type DraftOf,
  type ShapeOf,
} from './dsl.ts'

const written = <Draft>(codec: Codec<unknown, Draft>, value: Draft): Buffer => {
  const writer = new ByteWriter()
  codec.write(writer, value)
  return writer.finish()
}
const read = <Shape>(codec: Codec<Shape, never>, hex: string): Shape =>
  codec.read(new ByteReader(Buffer.from(hex.replaceAll(' ', ''), 'hex')))

const everything = {
  bool,
  int8,
  int16,
  uint16,
  int32,
  uint32,
  int64,
  float64,
  uuid,
  string,
  nullableString,
  bytes,
  nullableBytes,
  strings: listOf(string),
  numbers: nullableListOf(int32),
  inner: struct({ a: int8, deeper: listOf({ b: nullableString }) }),
  maybe: nullableStruct({ c: int64 }),
  label: tagged(1, 0, nullableString, null),
  extra: taggedStruct(0, 0, { d: int32 }),
  ids: tagged(5, 0, listOf(uuid), []),
} as const

const buffers = fc.uint8Array({ maxLength: 20 }).map(array => Buffer.from(array))
const uuids = fc
  .uint8Array({ minLength: 16, maxLength: 16 })
  .map(array => Buffer.from(array).toString('base64url'))
const texts = fc.string({ unit: 'grapheme' })
const int = (bits: number) => fc.integer({ min: -(2 ** (bits - 1)), max: 2 ** (bits - 1) - 1 })
const any = (full: boolean): fc.Arbitrary<ShapeOf<typeof everything>> =>
  fc.record(
    {
      bool: fc.boolean(),
      int8: int(8),
      int16: int(16),
      uint16: fc.nat(65_535),
      int32: int(32),
      uint32: fc.nat(2 ** 31 - 1).map(half => half * 2 + 1),
      int64: fc.maxSafeInteger(),
      float64: fc.double({ noNaN: true }),
      uuid: uuids,
      string: texts,
      nullableString: fc.option(texts),
      bytes: buffers,
      nullableBytes: fc.option(buffers),
      strings: fc.array(texts, { maxLength: 4 }),
      numbers: fc.option(fc.array(int(32), { maxLength: 4 })),
      inner: fc.record(
        {
          a: int(8),
          deeper: fc.array(fc.record({ b: fc.option(texts) }, noNulls), { maxLength: 3 }),
        },
        noNulls,
      ),
      maybe: fc.option(fc.record({ c: fc.maxSafeInteger() }, noNulls)),
      label: full ? fc.option(texts) : fc.constant(null),
      extra: full ? fc.option(fc.record({ d: int(32) }, noNulls)) : fc.constant(null),
      ids: full ? fc.array(uuids, { maxLength: 3 }) : fc.constant([]),
    },
    noNulls,
  )
const noNulls = { noNullPrototype: true } as const

describe('kafka tables: every kind of field survives a round trip', () => {
  test.each([
    ['plain', false],
    ['flexible', true],
  ])('%s', (_, flexible) => {
    const codec = compile(everything, 0, flexible)
    fc.assert(
      fc.property(any(flexible), value => {
        const reader = new ByteReader(written(codec, value))
        expect(codec.read(reader)).toEqual(value)
        expect(reader.left).toBe(0)
      }),
    )
  })
})

describe('kafka tables: garbage is refused, never a crash', () => {
  test.each([false, true])('flexible: %s', flexible => {
    const codec = compile(everything, 0, flexible)
    const tail = fc.uint8Array({ maxLength: 200 })
    const valid = any(flexible).map(value => written(codec, value))
    fc.assert(
      fc.property(valid, fc.nat(100), tail, (bytes, keep, garbage) => {
        const source = Buffer.concat([bytes.subarray(0, keep), garbage])
        try {
          codec.read(new ByteReader(source))
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedError)
        }
      }),
      { numRuns: 1000 },
    )
  })
})

test('kafka tables: fields come and go with the version, and have their default elsewhere', () => {
  const table = {
    always: int8,
    later: since(2, int8, 20),
    earlier: until(1, int8, 30),
    amid: between(1, 2, int8, 40),
  } as const
  const value = { always: 1, later: 2, earlier: 3, amid: 4 }
  const hex = [0, 1, 2, 3].map(version => written(compile(table, version, false), value))
  expect(hex.map(bytes => bytes.toString('hex'))).toEqual(['0103', '010304', '010204', '0102'])
  expect(read(compile(table, 0, false), '0103')).toEqual({ ...value, later: 20, amid: 40 })
  expect(read(compile(table, 3, false), '0102')).toEqual({ ...value, earlier: 30, amid: 40 })
})

test('kafka tables: what has a default may be left out, and nothing else', () => {
  const table = { a: int8, b: defaulted(int8, 7), c: since(0, listOf(int8), []) } as const
  const draft: DraftOf<typeof table> = { a: 1 }
  expect(written(compile(table, 0, true), draft).toString('hex')).toBe('01070100')
  // @ts-expect-error `a` has no default.
  const incomplete: DraftOf<typeof table> = { b: 1 }
  expect(incomplete).toBeDefined()
})

test('kafka tables: null is written as empty in versions that cannot say it', () => {
  const table = {
    name: nullableSince(2, nullableString),
    list: nullableSince(2, nullableListOf(int8)),
  }
  const nothing = { name: null, list: null }
  expect(written(compile(table, 1, false), nothing).toString('hex')).toBe('000000000000')
  expect(written(compile(table, 2, false), nothing).toString('hex')).toBe('ffffffffffff')
  expect(() => read(compile(table, 1, false), 'ffff00000000')).toThrow(MalformedError)
})

describe('kafka tables: tagged fields', () => {
  const table = { a: int8, id: tagged(3, 1, uuid, ZERO_UUID), n: tagged(0, 1, int16, -1) } as const
  const codec = compile(table, 1, true)

  test('are written in the order of their tags, where they are not the default', () => {
    expect(written(codec, { a: 1 }).toString('hex')).toBe('0100')
    const id = '_____________________w'
    const hex = `01 02 00 02 0005 03 10 ${'ff'.repeat(16)}`.replaceAll(' ', '')
    expect(written(codec, { a: 1, id, n: 5 }).toString('hex')).toBe(hex)
    expect(read(codec, hex)).toEqual({ a: 1, id, n: 5 })
  })

  test('are not written in versions before them', () => {
    expect(written(compile(table, 0, true), { a: 1, n: 5 }).toString('hex')).toBe('0100')
  })

  test('that are unknown are skipped', () => {
    expect(read(codec, '01 02 00 02 0005 07 03 aabbcc')).toMatchObject({ a: 1, n: 5 })
  })

  test.each([
    ['of another length than announced', '01 01 00 03 000500'],
    ['beyond the end', '01 01 07 7f 00'],
    ['in greater number than there are bytes', '01 ffffffff0f'],
  ])('%s are refused', (_, hex) => {
    expect(() => read(codec, hex)).toThrow(MalformedError)
  })
})

test('kafka tables: a text beyond the limit of 32,767 bytes is cut between two characters', () => {
  const codec = compile({ message: string }, 0, false)
  const { message } = read(
    codec,
    written(codec, { message: `a${'é'.repeat(20_000)}` }).toString('hex'),
  )
  expect(message).toBe(`a${'é'.repeat(16_383)}`)
})
