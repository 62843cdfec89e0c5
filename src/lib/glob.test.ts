import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isLiteral, matchesGlob } from './glob.ts'

// As `DEBUG STRINGMATCH-LEN`, KEYS and `stringmatchlen` of Redis 7.0 have it.
const cases: [pattern: string, text: string, matches: boolean][] = [
  ['', '', true],
  ['*', '', false],
  ['*', 'x', true],
  ['h?llo', 'hello', true],
  ['h?llo', 'hllo', false],
  ['h*llo', 'heeeello', true],
  ['h[ae]llo', 'hallo', true],
  ['h[ae]llo', 'hillo', false],
  ['h[^e]llo', 'hallo', true],
  ['h[^e]llo', 'hello', false],
  ['h[a-c]llo', 'hbllo', true],
  ['h[c-a]llo', 'hbllo', true],
  ['h[a-', 'ha', true],
  ['h[a-', 'h-', true],
  ['h[abc', 'hb', true],
  ['h[', 'h', false],
  ['h[]', 'h]', false],
  ['[\\]]', ']', true],
  ['\\*', '*', true],
  ['\\*', 'x', false],
  ['\\', '\\', true],
  ['a***', 'a', true],
  ['a*b*c', 'aXbYbZc', true],
  ['a*b*c', 'aXbYbZ', false],
  ['*a', 'ba', true],
  ['**a', 'bab', false],
  ['\xff?', '\xff\0', true],
]

for (const [pattern, text, expected] of cases) {
  test(`glob: ${pattern} ${expected ? 'describes' : 'does not describe'} "${text}"`, () => {
    expect(matchesGlob(pattern, text)).toBe(expected)
  })
}

test('glob: case may be ignored', () => {
  expect(matchesGlob('H[A-C]*', 'hBx', true)).toBe(true)
  expect(matchesGlob('H[A-C]*', 'hBx')).toBe(false)
})

test('glob: many stars do not take forever', () => {
  expect(matchesGlob(`${'a*'.repeat(200)}b`, 'a'.repeat(20_000))).toBe(false)
})

test('glob: patterns of stars and marks are what the same regular expressions say', () => {
  const letters = fc.array(fc.constantFrom('a', 'b', '*', '?', '[ab]', '[^a]'), { maxLength: 8 })
  const texts = fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 10 })
  fc.assert(
    fc.property(letters, texts, (parts, characters) => {
      const text = characters.join('')
      const source = parts.join('').replaceAll(/[*?]/g, mark => (mark === '*' ? '.*' : '.'))
      expect(matchesGlob(parts.join(''), text)).toBe(new RegExp(`^${source}$`).test(text))
    }),
  )
})

test('glob: what is literal describes itself', () => {
  expect(isLiteral('news.sports')).toBe(true)
  expect(isLiteral('news.*')).toBe(false)
})
