import fc from 'fast-check'
import { expect, test } from 'vitest'
import { escapePattern, patternFlaw, patternOf } from './pattern.ts'

/** Erlang's `re`, which is PCRE, was asked for each of these. */
const cases: [pattern: string, name: string, matches: boolean][] = [
  ['.*', 'anything', true],
  ['^$', '', true],
  ['^$', 'a', false],
  ['ann', 'joanna', true],
  ['^ann', 'joanna', false],
  ['^(ann|bob)\\.', 'bob.q', true],
  ['(?i)^ANN$', 'ann', true],
  ['\\Aann\\z', 'ann', true],
  ['\\Aann\\z', 'anna', false],
  ['^[[:alpha:]]+$', 'abc', true],
  ['^[[:alpha:]]+$', 'a1', false],
  ['^[[:digit:]_]+$', '1_2', true],
  ['^[]x]$', ']', true],
  ['^[^]x]$', 'y', true],
  ['^[^]x]$', ']', false],
  ['^(?P<who>ann)-\\d+$', 'ann-1', true],
  ['^\\Qa.b\\E$', 'a.b', true],
  ['^\\Qa.b\\E$', 'axb', false],
  ['^a(?#said in passing)b$', 'ab', true],
  ['^\\x{61}$', 'a', true],
  ['^{username}$', '{username}', true],
  ['^[\\w.-]+$', 'a.b-c', true],
  ['^(?!secret)', 'public', true],
  ['^(?!secret)', 'secret.q', false],
  ['^a\\hb$', 'a b', true],
]

for (const [pattern, name, matches] of cases) {
  test(`pattern: ${pattern} ${matches ? 'matches' : 'does not match'} "${name}"`, () => {
    expect(patternFlaw(pattern)).toBeUndefined()
    expect(patternOf(pattern).test(name)).toBe(matches)
  })
}

const flawed = ['(', '[a', 'a**', '*a', '(?<n', '\\p{L}', '\\', '(?>a)', 'a++', '\\u0041', '[\\N]']

for (const pattern of [...flawed, 'a'.repeat(1025)]) {
  test(`pattern: ${pattern.slice(0, 20)} is refused`, () => {
    expect(patternFlaw(pattern)).toBeTypeOf('string')
  })
}

test('pattern: what backtracks without end is given up, and answered', () => {
  expect(patternOf('^(a+)+$').test(`${'a'.repeat(200)}b`)).toBe(false)
})

test('pattern: an escaped text matches itself and nothing else', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (text, other) => {
      const pattern = patternOf(`^${escapePattern(text)}$`)
      expect(pattern.test(text)).toBe(true)
      expect(pattern.test(other)).toBe(other === text)
    }),
  )
})
