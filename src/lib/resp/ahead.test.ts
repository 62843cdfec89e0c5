import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Ahead, AHEAD_MAX } from './ahead.ts'
import { CommandParser } from './parser.ts'

const limits = { bulkBytesMax: 1e6, wordsMax: 1e6, commandBytesMax: 1e6 }
const encoded = (words: readonly string[]): string =>
  `*${words.length}\r\n${words.map(word => `$${word.length}\r\n${word}\r\n`).join('')}`

/** What it says comes next. */
function seen(ahead: Ahead): string[] {
  const { bytes, starts, ends, count } = ahead
  return Array.from({ length: count }, (_, at) => bytes.toString('latin1', starts[at], ends[at]))
}

const words = fc.array(fc.string({ unit: 'binary-ascii', maxLength: 12 }), {
  minLength: 1,
  maxLength: 8,
})

test('looking ahead: it sees the second words of all commands that are whole', () => {
  fc.assert(
    fc.property(fc.array(words, { maxLength: 40 }), fc.nat({ max: 30 }), (commands, cut) => {
      const bytes = Buffer.from(commands.map(encoded).join(''), 'latin1')
      const ahead = new Ahead()
      ahead.look(bytes, 0)
      const second = commands.filter(({ length }) => length > 1).map(([, word]) => word!)
      expect(seen(ahead)).toEqual(second.slice(0, AHEAD_MAX))
      ahead.look(bytes.subarray(0, Math.max(0, bytes.length - cut)), 0)
      expect(seen(ahead)).toEqual(second.slice(0, ahead.count))
    }),
  )
})

test('looking ahead: whatever comes, it stays within the bytes, and the parser stays', () => {
  const pieces = fc.constantFrom(
    '*',
    '$',
    '\r\n',
    '\r',
    '1',
    '2',
    '0',
    '-',
    'x',
    '999999999999',
    ' ',
  )
  fc.assert(
    fc.property(fc.array(fc.oneof(pieces, words.map(encoded))), parts => {
      const bytes = Buffer.from(parts.join(''), 'latin1')
      const ahead = new Ahead()
      const parser = new CommandParser(limits)
      parser.push(bytes)
      parser.lookAhead(ahead)
      expect(parser.pendingBytes).toBe(bytes.length)
      for (let at = 0; at < ahead.count; at++) {
        expect(ahead.starts[at]).toBeLessThanOrEqual(ahead.ends[at]!)
        expect(ahead.ends[at]).toBeLessThanOrEqual(bytes.length)
      }
    }),
  )
})
