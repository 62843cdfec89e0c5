import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Ahead, AHEAD_MAX } from './ahead.ts'
import { CommandParser } from './parser.ts'

const limits = { bulkBytesMax: 1e6, wordsMax: 1e6, commandBytesMax: 1e6 }
const encoded = (words: readonly string[]): string =>
  `*${words.length}\r\n${words.map(word => `$${word.length}\r\n${word}\r\n`).join('')}`

function shown({ bytes, starts, ends, count }: Ahead['keys']): string[] {
  return Array.from({ length: count }, (_, at) => bytes.toString('latin1', starts[at], ends[at]))
}

const words = fc.array(fc.string({ unit: 'binary-ascii', maxLength: 12 }), {
  minLength: 1,
  maxLength: 8,
})

test('looking ahead: it sees the second and third words of all commands that are whole', () => {
  fc.assert(
    fc.property(fc.array(words, { maxLength: 40 }), fc.nat({ max: 30 }), (commands, cut) => {
      const bytes = Buffer.from(commands.map(encoded).join(''), 'latin1')
      const ahead = new Ahead()
      ahead.look(bytes, 0)
      const seconds = commands.filter(({ length }) => length > 1).slice(0, AHEAD_MAX)
      const keys = seconds.map(words => words[1]!)
      const elements = seconds.filter(({ length }) => length > 2).map(words => words[2]!)
      expect(shown(ahead.keys)).toEqual(keys)
      expect(shown(ahead.elements)).toEqual(elements)
      ahead.look(bytes.subarray(0, Math.max(0, bytes.length - cut)), 0)
      expect(shown(ahead.keys)).toEqual(keys.slice(0, ahead.keys.count))
      expect(shown(ahead.elements)).toEqual(elements.slice(0, ahead.elements.count))
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
      for (const { count, starts, ends } of [ahead.keys, ahead.elements])
        for (let at = 0; at < count; at++) {
          expect(starts[at]).toBeLessThanOrEqual(ends[at]!)
          expect(ends[at]).toBeLessThanOrEqual(bytes.length)
        }
    }),
  )
})
