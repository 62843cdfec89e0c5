import { expect, test } from 'vitest'
import { randomUuid } from './topic-ids.ts'

test('topic ids: no dash in front, none twice', () => {
  const draws = ['f8000000', 'f8000000', '01000000', '02000000'].map(start =>
    Buffer.from(start.padEnd(32, '0'), 'hex'),
  )
  let count = 0
  const random = { next: () => 0, bytes: () => draws[count++] ?? Buffer.alloc(16) }
  const first = randomUuid(random, () => false)
  expect(first.startsWith('-')).toBe(false)
  expect(count).toBe(3)
  expect(Buffer.from(first, 'base64url').toString('hex')).toBe('01000000000040008000000000000000')
  count = 2
  expect(randomUuid(random, id => id === first)).not.toBe(first)
  expect(count).toBe(4)
})
