import { expect, test } from 'vitest'
import { Blocks } from '../../../lib/blocks.ts'
import { limits } from '../../../limits/limits.ts'
import { BatchRoom } from './batch-room.ts'

const KiB = 1024
const LARGE_BYTES = 100 * KiB

test('batch room: memory is for the next reader once its own is done with it', () => {
  const blocks = new Blocks(limits.freeReadAheadBytesMax)
  const [one, other] = [new BatchRoom(blocks), new BatchRoom(blocks)]
  const first = one.take(LARGE_BYTES)
  expect(first).toHaveLength(LARGE_BYTES)
  expect(one.take(LARGE_BYTES).buffer).not.toBe(first.buffer)
  expect(other.take(LARGE_BYTES).buffer).not.toBe(first.buffer)
  one.empty()
  const taken = [other.take(LARGE_BYTES), other.take(LARGE_BYTES)]
  expect(taken.map(({ buffer }) => buffer)).toContain(first.buffer)
  one.empty()
  expect(other.take(LARGE_BYTES).buffer).not.toBe(first.buffer)
})

test('batch room: what is still being read into is nobody else’s', () => {
  const blocks = new Blocks(limits.freeReadAheadBytesMax)
  const room = new BatchRoom(blocks)
  const first = room.take(LARGE_BYTES)
  room.abandon()
  room.empty()
  expect(room.take(LARGE_BYTES).buffer).not.toBe(first.buffer)
})

test('batch room: little, and what is too large to be lent, is not used again', () => {
  const room = new BatchRoom(new Blocks(64 * 1024 * KiB))
  for (const sizeBytes of [100, limits.lentBodyBytesMax + 1]) {
    const taken = room.take(sizeBytes).fill(7)
    room.empty()
    expect(taken.every(byte => byte === 7)).toBe(true)
  }
})
