import fc from 'fast-check'
import { expect, test } from 'vitest'
import { LineSplitter } from './lines.ts'

const split = (chunks: readonly string[]): string[] => {
  const splitter = new LineSplitter()
  const lines = chunks.flatMap(chunk => splitter.push(Buffer.from(chunk)))
  const last = splitter.finish()
  return [...lines, ...(last === undefined ? [] : [last])].map(String)
}

test.each<[string[], string[]]>([
  [[], []],
  [['a\nb\n'], ['a', 'b']],
  [['a\nb'], ['a', 'b']],
  [['\n\n'], ['', '']],
  [
    ['a\r\nb\r', '\n'],
    ['a', 'b'],
  ],
  [
    ['a', 'b', 'c\nd'],
    ['abc', 'd'],
  ],
])('lines of %j', (chunks, lines) => {
  expect(split(chunks)).toEqual(lines)
})

test('lines do not depend on how the stream was cut', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', '\n', '\r') })
  const cuts = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 9 })
  fc.assert(
    fc.property(text, cuts, (whole, sizes) => {
      const chunks: string[] = []
      for (let at = 0, turn = 0; at < whole.length; turn++) {
        const size = sizes[turn % sizes.length]!
        chunks.push(whole.slice(at, at + size))
        at += size
      }
      expect(split(chunks)).toEqual(split(whole === '' ? [] : [whole]))
    }),
  )
})
