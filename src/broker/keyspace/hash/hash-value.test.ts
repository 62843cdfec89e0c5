import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ByteReader, ByteWriter } from '../../../lib/bytes/index.ts'
import {
  HashValue,
  writeFieldExpiry,
  writeFields,
  writeFieldsGone,
  writeFieldsStaying,
} from './index.ts'

type Field = { value: string; expiresAt: number | null }
type Model = Map<string, Field>

/** What is journaled, and what it does to a plain map. */
type Change = { write: (writer: ByteWriter) => void; apply: (model: Model) => void }

const names = fc.constantFrom('a', 'b', 'c', 'd\xff', 'field7', '')
const values = fc.string({ unit: 'binary-ascii', maxLength: 5 })
const someNames = fc.array(names, { minLength: 1, maxLength: 4 })
const pairs = fc.array(fc.tuple(names, values), { minLength: 1, maxLength: 4 })
const times = fc.integer({ min: 1, max: 50 })

const set = (some: [string, string][], isStaying: boolean): Change => ({
  write: writer => (isStaying ? writeFieldsStaying : writeFields)(writer, some.flat()),
  apply: model => {
    for (const [name, value] of some) {
      const expiresAt = isStaying ? (model.get(name)?.expiresAt ?? null) : null
      model.set(name, { value, expiresAt })
    }
  },
})
const remove = (some: string[]): Change => ({
  write: writer => writeFieldsGone(writer, some),
  apply: model => some.forEach(name => model.delete(name)),
})
const expireAt = (some: string[], time: number | null): Change => ({
  write: writer => writeFieldExpiry(writer, some, time ?? 0),
  apply: model => {
    for (const name of some) {
      const field = model.get(name)
      if (field !== undefined) field.expiresAt = time
    }
  },
})
const expire = (now: number): Change => ({
  write: writer => new HashValue().writeExpiry(writer, now),
  apply: model => {
    for (const [name, { expiresAt }] of model)
      if (expiresAt !== null && expiresAt <= now) model.delete(name)
  },
})

const changes: fc.Arbitrary<Change> = fc.oneof(
  fc.tuple(pairs, fc.boolean()).map(a => set(...a)),
  someNames.map(remove),
  fc.tuple(someNames, fc.option(times)).map(a => expireAt(...a)),
  times.map(expire),
)

function written(write: (writer: ByteWriter) => void): Buffer {
  const writer = new ByteWriter()
  write(writer)
  return writer.finish()
}

function expectSame(hash: HashValue, model: Model): void {
  expect(hash.count).toBe(model.size)
  const found = Array.from({ length: hash.count }, (_, index): [string, string] => [
    hash.fields.nameAt(index),
    hash.fields.valueAt(index),
  ])
  const expected = [...model].map(([name, { value }]): [string, string] => [name, value])
  if (hash.fields.isSmall) expect(found).toEqual(expected)
  else expect(new Map(found)).toEqual(new Map(expected))
  for (const [name, { value, expiresAt }] of model) {
    expect(hash.get(name)).toBe(value)
    expect(hash.expiryOf(name)).toBe(expiresAt)
    if (expiresAt !== null) expect(hash.elementExpiresAt).toBeLessThanOrEqual(expiresAt)
  }
}

/** What is in it at first: little, long values, or more fields than are kept together. */
const beginnings = fc.constantFrom(
  set([['large', 'x']], false),
  set([['large', 'x'.repeat(65)]], false),
  set(
    Array.from({ length: 600 }, (_, index) => [`field${index}`, `value${index}`]),
    false,
  ),
)

test('hash: whatever was done to it, it is what a plain map would be, also read again', () => {
  fc.assert(
    fc.property(fc.array(changes, { maxLength: 40 }), beginnings, (history, first) => {
      const hash = new HashValue()
      const model: Model = new Map()
      for (const change of [first, ...history]) {
        hash.evolve(new ByteReader(written(change.write)))
        change.apply(model)
        expectSame(hash, model)
      }
      const bytes = written(writer => hash.write(writer))
      const read = HashValue.factory.read(new ByteReader(bytes)) as HashValue
      expectSame(read, model)
      expect(read.encoding).toBe(hash.encoding)
      expect(read.sizeBytes).toBe(hash.sizeBytes)
      expect(hash.sizeBytes).toBeGreaterThanOrEqual(hash.count === 0 ? 0 : bytes.length)
      expect(written(writer => read.write(writer))).toEqual(bytes)
    }),
  )
})

test('hash: few and short fields stay together, many or long ones do not', () => {
  const many = Array.from({ length: 512 }, (_, index) => [`f${index}`, 'v']).flat()
  expect(HashValue.of(many).encoding).toBe('listpack')
  expect(HashValue.of([...many, 'one', 'more']).encoding).toBe('hashtable')
  expect(HashValue.of(['f', 'v'.repeat(65)]).encoding).toBe('hashtable')
})
