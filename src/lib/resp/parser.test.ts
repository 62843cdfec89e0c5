import fc from 'fast-check'
import { expect, test } from 'vitest'
import { CommandParser, type ParserLimits, RespSyntaxError } from './parser.ts'

const limits: ParserLimits = { bulkBytesMax: 1 << 20, wordsMax: 1000, commandBytesMax: 1 << 21 }

function take(parser: CommandParser, found: unknown[] = []): unknown[] {
  while (parser.next())
    found.push(Array.from({ length: parser.args.count }, (_, index) => parser.args.binary(index)))
  return found
}

/** What comes of the reads, and the error at the end, if there is one. */
function parsed(reads: readonly Buffer[], parser = new CommandParser(limits)): unknown[] {
  const found: unknown[] = []
  try {
    for (const read of reads) {
      parser.push(Buffer.from(read))
      take(parser, found)
    }
  } catch (error) {
    if (!(error instanceof RespSyntaxError)) throw error
    found.push(error.reply)
  }
  return found
}

const of = (text: string): unknown[] => parsed([Buffer.from(text, 'latin1')])

const encoded = (words: readonly Buffer[]): Buffer =>
  Buffer.concat([
    Buffer.from(`*${words.length}\r\n`),
    ...words.flatMap(word => [Buffer.from(`$${word.length}\r\n`), word, Buffer.from('\r\n')]),
  ])

test('resp parser: arrays of bulk strings, empty words, and what is no command', () => {
  expect(of('*1\r\n$4\r\nPING\r\n*2\r\n$3\r\nGET\r\n$0\r\n\r\n')).toEqual([['PING'], ['GET', '']])
  expect(of('*0\r\n*-1\r\n\r\n   \r\n*1\r\n$1\r\na\r\n')).toEqual([['a']])
})

test.each([
  ['PING\r\n', ['PING']],
  ['  set  a\tb \n', ['set', 'a', 'b']],
  ['set "a b" \'c d\'\r\n', ['set', 'a b', 'c d']],
  ['set "\\x41\\n\\q\\"" \'\\\'\\n\'\r\n', ['set', 'A\nq"', "'\\n"]],
  ['set a"b c" ""\r\n', ['set', 'ab c', '']],
  ['set "\\xzz"\r\n', ['set', 'xzz']],
  ['a\\b\r\n', ['a\\b']],
])('resp parser: the line %j', (line, words) => {
  expect(of(line)).toEqual([words])
})

test.each([
  ['set "a\r\n', 'Protocol error: unbalanced quotes in request'],
  ['set "a"b\r\n', 'Protocol error: unbalanced quotes in request'],
  ["set 'a\\'\r\n", 'Protocol error: unbalanced quotes in request'],
  ['*x\r\n', 'Protocol error: invalid multibulk length'],
  ['*01\r\n', 'Protocol error: invalid multibulk length'],
  ['*1001\r\n', 'Protocol error: invalid multibulk length'],
  ['*99999999999999999999\r\n', 'Protocol error: invalid multibulk length'],
  ['*1\r\n:1\r\n', "Protocol error: expected '$', got ':'"],
  ['*1\r\n$-1\r\n', 'Protocol error: invalid bulk length'],
  ['*1\r\n$ 1\r\n', 'Protocol error: invalid bulk length'],
  ['*1\r\n$1048577\r\n', 'Protocol error: invalid bulk length'],
  [`*${'1'.repeat(70_000)}`, 'Protocol error: too big mbulk count string'],
  [`*1\r\n$${'1'.repeat(70_000)}`, 'Protocol error: too big bulk count string'],
  ['a'.repeat(70_000), 'Protocol error: too big inline request'],
])('resp parser: refuses %j', (text, reply) => {
  expect(of(`*1\r\n$1\r\na\r\n${text}`)).toEqual([['a'], reply])
})

test('resp parser: strangers may send little', () => {
  const stranger = (): CommandParser => {
    const parser = new CommandParser(limits)
    parser.isTrusted = false
    return parser
  }
  expect(parsed([Buffer.from('*11\r\n')], stranger())).toEqual([
    'Protocol error: unauthenticated multibulk length',
  ])
  expect(parsed([Buffer.from('*1\r\n$16385\r\n')], stranger())).toEqual([
    'Protocol error: unauthenticated bulk length',
  ])
  expect(parsed([Buffer.from('*10\r\n$16384\r\n')], stranger())).toEqual([])
})

test('resp parser: a command longer than allowed sends the peer away', () => {
  const word = Buffer.alloc(1 << 20)
  const bytes = encoded([word, word, word])
  const reads: Buffer[] = []
  for (let at = 0; at < bytes.length; at += 65_536) reads.push(bytes.subarray(at, at + 65_536))
  expect(parsed(reads)).toEqual([null])
})

const wordArb = fc
  .oneof(
    fc.uint8Array({ maxLength: 12 }),
    fc.constantFrom('\r\n', '*1\r\n', '$3\r\n').map(text => Buffer.from(text)),
    fc.nat({ max: 3000 }).map(size => Buffer.alloc(size, 'x')),
  )
  .map(bytes => Buffer.from(bytes))

const commandArb = fc.oneof(
  { weight: 4, arbitrary: fc.array(wordArb, { minLength: 1, maxLength: 20 }).map(encoded) },
  fc
    .constantFrom('PING\r\n', 'get a\n', 'set "a \\x00" \'b\'\r\n', '\r\n', '*0\r\n')
    .map(text => Buffer.from(text)),
)

function cut(bytes: Buffer, sizes: readonly number[]): Buffer[] {
  const reads: Buffer[] = []
  for (let at = 0, index = 0; at < bytes.length; index++) {
    const size = sizes.length === 0 ? bytes.length : sizes[index % sizes.length]!
    reads.push(bytes.subarray(at, at + size))
    at += size
  }
  return reads
}

const sizesArb = fc.array(
  fc.oneof(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 3000 })),
)

test('resp parser: however the bytes are cut, the commands are the same', () => {
  fc.assert(
    fc.property(fc.array(commandArb), sizesArb, (commands, sizes) => {
      const bytes = Buffer.concat(commands)
      expect(parsed(cut(bytes, sizes))).toEqual(parsed([bytes]))
    }),
    { numRuns: 500 },
  )
})

test('resp parser: the same with bytes that are no commands', () => {
  const noise = fc.stringMatching(/^[*$:\r\n "'a0-9-]*$/).map(text => Buffer.from(text))
  fc.assert(
    fc.property(fc.array(fc.oneof(commandArb, noise)), sizesArb, (parts, sizes) => {
      const bytes = Buffer.concat(parts)
      expect(parsed(cut(bytes, sizes))).toEqual(parsed([bytes]))
    }),
    { numRuns: 500 },
  )
})

test('resp parser: reads that wait keep their order', () => {
  fc.assert(
    fc.property(fc.array(commandArb), sizesArb, (commands, sizes) => {
      const bytes = Buffer.concat(commands)
      const parser = new CommandParser(limits)
      for (const read of cut(bytes, sizes)) parser.push(read)
      expect(parser.pendingBytes).toBe(bytes.length)
      expect(take(parser)).toEqual(parsed([bytes]))
      expect(parser.pendingBytes).toBe(0)
    }),
  )
})

test('parser: what was pushed may be used for something else, however it was cut', () => {
  const words = fc.array(fc.string({ unit: 'binary-ascii', maxLength: 30 }), { minLength: 1 })
  const cuts = fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1 })
  const taken = fc.array(fc.nat({ max: 3 }), { minLength: 1 })
  const encoded = (command: readonly string[]): string =>
    `*${command.length}\r\n${command.map(word => `$${word.length}\r\n${word}\r\n`).join('')}`
  fc.assert(
    fc.property(fc.array(words), cuts, taken, (commands, sizes, counts) => {
      const bytes = Buffer.from(commands.map(encoded).join(''), 'latin1')
      const parser = new CommandParser({ bulkBytesMax: 1e6, wordsMax: 1e6, commandBytesMax: 1e6 })
      const found: string[][] = []
      const show = (): string[] =>
        Array.from({ length: parser.args.count }, (_, index) => parser.args.binary(index))
      for (let at = 0, turn = 0; at < bytes.length; turn++) {
        const read = Buffer.from(bytes.subarray(at, (at += sizes[turn % sizes.length]!)))
        parser.push(read)
        let isFound = false
        // Now and then nothing more is asked for, while the last command is still looked at.
        for (let left = counts[turn % counts.length]!; left > 0; left--) {
          isFound = parser.next()
          if (!isFound) break
          found.push(show())
        }
        parser.keep(read)
        read.fill(0xdb)
        if (isFound) expect(show()).toEqual(found.at(-1))
      }
      while (parser.next()) found.push(show())
      expect(found).toEqual(commands)
    }),
  )
})
