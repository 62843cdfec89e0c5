import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Arguments } from './arguments.ts'
import { ReplyEncoder } from './encoder.ts'
import type { ReplyWriter } from './reply.ts'
import { BufferSink } from './sink.ts'
import { WordTable } from './word-table.ts'

function drained(sink: BufferSink): string {
  const bytes: Buffer[] = []
  sink.drainTo({ write: chunk => void bytes.push(Buffer.from(chunk)) })
  return Buffer.concat(bytes).toString('latin1')
}

function written(version: 2 | 3, write: (reply: ReplyWriter) => void): string {
  const sink = new BufferSink()
  const reply = new ReplyEncoder(sink)
  reply.version = version
  write(reply)
  return drained(sink)
}

type Row = readonly [name: string, write: (reply: ReplyWriter) => void, two: string, three: string]
const rows: readonly Row[] = [
  ['ok', reply => reply.ok(), '+OK\r\n', '+OK\r\n'],
  ['simple', reply => reply.simple('QUEUED'), '+QUEUED\r\n', '+QUEUED\r\n'],
  ['error', reply => reply.error('ERR a\r\nb'), '-ERR a  b\r\n', '-ERR a  b\r\n'],
  ['integer', reply => reply.integer(-12), ':-12\r\n', ':-12\r\n'],
  [
    'bigint',
    reply => reply.integer(2n ** 63n - 1n),
    ':9223372036854775807\r\n',
    ':9223372036854775807\r\n',
  ],
  ['bulk', reply => reply.bulk(Buffer.from('hello'), 1, 3), '$2\r\nel\r\n', '$2\r\nel\r\n'],
  ['text', reply => reply.text('ä'), '$2\r\n\xc3\xa4\r\n', '$2\r\n\xc3\xa4\r\n'],
  ['binary', reply => reply.binary('ä'), '$1\r\n\xe4\r\n', '$1\r\n\xe4\r\n'],
  ['nothing', reply => reply.nothing(), '$-1\r\n', '_\r\n'],
  ['noArray', reply => reply.noArray(), '*-1\r\n', '_\r\n'],
  ['array', reply => reply.array(0), '*0\r\n', '*0\r\n'],
  ['map', reply => reply.map(11), '*22\r\n', '%11\r\n'],
  ['set', reply => reply.set(3), '*3\r\n', '~3\r\n'],
  ['push', reply => reply.push(3), '*3\r\n', '>3\r\n'],
  ['double', reply => reply.double(1.5), '$3\r\n1.5\r\n', ',1.5\r\n'],
  ['infinity', reply => reply.double(-Infinity), '$4\r\n-inf\r\n', ',-inf\r\n'],
  ['boolean', reply => reply.boolean(true), ':1\r\n', '#t\r\n'],
  ['bigNumber', reply => reply.bigNumber('123'), '$3\r\n123\r\n', '(123\r\n'],
  ['verbatim', reply => reply.verbatim('txt', 'ab'), '$2\r\nab\r\n', '=6\r\ntxt:ab\r\n'],
]

test.each(rows)('resp encoder: %s', (_, write, two, three) => {
  expect([written(2, write), written(3, write)]).toEqual([two, three])
})

test('resp encoder: whole numbers as they are written everywhere', () => {
  fc.assert(
    fc.property(fc.oneof(fc.maxSafeInteger(), fc.integer()), value => {
      expect(written(2, reply => reply.integer(value))).toBe(`:${value}\r\n`)
    }),
  )
})

test('resp encoder: strings of any length', () => {
  fc.assert(
    fc.property(fc.constantFrom(0, 31, 32, 33, 1365, 1366, 4096, 4097, 20_000, 70_000), size => {
      const value = 'ä'.repeat(size)
      expect(written(2, reply => reply.binary(value))).toBe(`$${size}\r\n${value}\r\n`)
      const bytes = Buffer.from(value)
      const text = `$${bytes.length}\r\n${bytes.toString('latin1')}\r\n`
      expect(written(2, reply => reply.text(value))).toBe(text)
      expect(written(2, reply => reply.bulk(bytes))).toBe(text)
      expect(written(2, reply => reply.simple('a'.repeat(size)))).toBe(`+${'a'.repeat(size)}\r\n`)
    }),
  )
})

test('resp words: are found in any case, and nothing else is', () => {
  const table = new WordTable<number>()
  const words = Array.from({ length: 300 }, (_, index) => `word-${index}_x`)
  for (const [index, word] of words.entries()) table.set(word, index)
  const find = (text: string): number | undefined => table.find(Arguments.of([text]), 0)
  for (const [index, word] of words.entries()) {
    expect([find(word), find(word.toUpperCase())]).toEqual([index, index])
  }
  expect(
    ['', 'word-1_', 'word-1\x7fx', 'word-999_x', `word-1_x${'y'.repeat(90)}`].map(find),
  ).toEqual([undefined, undefined, undefined, undefined, undefined])
  table.set('word-1_x', -1)
  expect(find('Word-1_X')).toBe(-1)
})

test('sink: pieces of any size come out in order, again and again', () => {
  const sink = new BufferSink()
  const sizes = fc.array(fc.integer({ min: 0, max: 9000 }), { maxLength: 12 })
  fc.assert(
    fc.property(fc.array(sizes, { maxLength: 4 }), fillings => {
      for (const filling of fillings) {
        const pieces = filling.map((size, index) => Buffer.alloc(size, 65 + index))
        for (const piece of pieces) sink.write(piece)
        expect(sink.sizeBytes).toBe(filling.reduce((sum, size) => sum + size, 0))
        expect(drained(sink)).toBe(Buffer.concat(pieces).toString('latin1'))
        expect(sink.sizeBytes).toBe(0)
      }
    }),
  )
})

test('sink: what is handed on by reference stays as it was', () => {
  const sink = new BufferSink()
  const kept: Buffer[] = []
  const large = Buffer.alloc(9000, 'l')
  for (const letter of ['a', 'b', 'c']) {
    const room = sink.reserve(6000)
    const { position } = sink
    room.fill(letter, position, position + 6000)
    sink.advance(position + 6000)
    sink.write(large)
    sink.drainTo({
      write: chunk => void kept.push(chunk.length > 4096 ? chunk : Buffer.from(chunk)),
    })
  }
  const expected = ['a', 'b', 'c'].map(letter => letter.repeat(6000) + 'l'.repeat(9000)).join('')
  expect(Buffer.concat(kept).toString() === expected).toBe(true)
})
