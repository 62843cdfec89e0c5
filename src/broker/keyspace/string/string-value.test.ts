import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ByteReader, ByteWriter } from '../../../lib/bytes/index.ts'
import { StringValue, writePart, writePieces, writeText } from './index.ts'

function written(write: (writer: ByteWriter) => void): Buffer {
  const writer = new ByteWriter()
  write(writer)
  return writer.finish()
}

type Change =
  | { readonly text: string }
  | { readonly pieces: readonly (readonly [number, string])[] }

const texts = fc.oneof(
  fc.string({ unit: 'binary-ascii', maxLength: 20 }),
  fc.constantFrom('x'.repeat(1500), '\xff'.repeat(5000)),
)
const pieces = fc.array(fc.tuple(fc.integer({ min: 0, max: 3000 }), texts), {
  minLength: 1,
  maxLength: 3,
})
const changes: fc.Arbitrary<Change> = fc.oneof(
  texts.map(text => ({ text })),
  pieces.map(some => ({ pieces: some })),
)

function apply(before: string, change: Change): string {
  if ('text' in change) return change.text
  let text = before
  for (const [offset, piece] of change.pieces) {
    const start = text.padEnd(offset, '\0')
    text = start.slice(0, offset) + piece + start.slice(offset + piece.length)
  }
  return text
}

const write = (change: Change): Buffer =>
  written(writer => {
    if ('text' in change) return writeText(writer, change.text)
    writePieces(writer)
    for (const [offset, piece] of change.pieces)
      writePart(writer, offset, Buffer.from(piece, 'latin1'))
  })

test('string: written into, it is what a text would be, and what was shared stays', () => {
  fc.assert(
    fc.property(texts, fc.array(changes, { maxLength: 12 }), (first, history) => {
      const value = StringValue.of(first)
      let model = first
      const shared: [bytes: Buffer, text: string][] = []
      for (const change of history) {
        if (value.buffer !== null) shared.push([value.share(), model])
        value.evolve(new ByteReader(write(change)))
        model = apply(model, change)
        expect(value.text() === model).toBe(true)
        expect(value.length).toBe(model.length)
        expect(value.bytes().toString('latin1') === model).toBe(true)
        expect(value.slice(2, 9)).toBe(model.slice(2, 9))
      }
      for (const [bytes, text] of shared) expect(bytes.toString('latin1') === text).toBe(true)
      const bytes = written(writer => value.write(writer))
      const read = StringValue.factory.read(new ByteReader(bytes)) as StringValue
      expect(read.text() === model).toBe(true)
      expect(value.sizeBytes).toBeGreaterThanOrEqual(bytes.length)
    }),
  )
})

test('string: how Redis would keep it', () => {
  expect(StringValue.of('12').encoding).toBe('int')
  expect(StringValue.of('012').encoding).toBe('embstr')
  expect(StringValue.of('9223372036854775808').encoding).toBe('embstr')
  expect(StringValue.of('x'.repeat(44)).encoding).toBe('embstr')
  expect(StringValue.of('x'.repeat(45)).encoding).toBe('raw')
})
