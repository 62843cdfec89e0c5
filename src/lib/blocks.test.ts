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

test('kafka blocks: what nobody used for a while is let go of, what was used is not', () => {
  const blocks = new Blocks(1024 * KiB)
  const taken = Array.from({ length: 4 }, () => blocks.take(64 * KiB))
  for (const block of taken) blocks.giveBack(block)
  blocks.trim()
  const used = [blocks.take(64 * KiB), blocks.take(64 * KiB)]
  for (const block of used) blocks.giveBack(block)
  blocks.trim()
  const again = Array.from({ length: 3 }, () => blocks.take(64 * KiB))
  expect(again.map(block => taken.includes(block))).toEqual([true, true, false])
})
