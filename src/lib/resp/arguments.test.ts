import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Arguments } from './arguments.ts'

test('a key is its bytes, however many were seen before it', () => {
  const bytes = fc.uint8Array({ maxLength: 60 }).map(array => Buffer.from(array))
  fc.assert(
    fc.property(fc.array(bytes, { minLength: 1, maxLength: 20 }), words => {
      const args = Arguments.of(words)
      for (let index = 0; index < words.length; index++)
        expect(args.key(index)).toBe(words[index]!.toString('latin1'))
    }),
  )
})

test('keys that fall together are told apart', () => {
  // Of the same hash by 31: the first letter weighs as much as 31 of the second.
  const words = ['Aa', 'BB', 'AaAa', 'BBBB', 'AaBB', 'BBAa']
  const args = Arguments.of(words)
  for (let round = 0; round < 3; round++)
    expect(words.map((_, index) => args.key(index))).toEqual(words)
})
