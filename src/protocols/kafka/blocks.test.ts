import { expect, test } from 'vitest'
import { Blocks } from './blocks.ts'

const KiB = 1024

test('kafka blocks: of what is free, sizes that nobody wants any more go first', () => {
  const blocks = new Blocks(128 * KiB)
  const small = Array.from({ length: 8 }, () => blocks.take(16 * KiB))
  for (const block of small) blocks.giveBack(block)
  expect(small).toContain(blocks.take(16 * KiB))
  const large = blocks.take(64 * KiB)
  const larger = [blocks.take(64 * KiB), large]
  for (const block of larger) blocks.giveBack(block)
  expect([blocks.take(64 * KiB), blocks.take(64 * KiB)].every(one => larger.includes(one))).toBe(
    true,
  )
  expect(small).not.toContain(blocks.take(16 * KiB))
})

test('kafka blocks: what is larger than all that may be free is not kept', () => {
  const blocks = new Blocks(16 * KiB)
  const block = blocks.take(64 * KiB)
  blocks.giveBack(block)
  expect(blocks.take(64 * KiB)).not.toBe(block)
})
