import { expect, test } from 'vitest'
import { Blocks } from '../../../lib/blocks.ts'
import { AnswerRoom } from './answer-room.ts'

const KiB = 1024
const MiB = 1024 * KiB
const roomOf = (blocks = new Blocks(MiB)) => new AnswerRoom(blocks)

test('answer room: parts lie side by side in blocks, and never in two answers at once', () => {
  const blocks = new Blocks(MiB)
  const [one, other] = [roomOf(blocks), roomOf(blocks)]
  expect(one.isEmpty).toBe(true)
  const parts = [60 * KiB, 4 * KiB, 1].map(sizeBytes => one.take(sizeBytes))
  expect(one.isEmpty).toBe(false)
  expect(parts.map(({ length }) => length)).toEqual([60 * KiB, 4 * KiB, 1])
  const [first, second, third] = parts as [Buffer, Buffer, Buffer]
  expect([second.buffer, second.byteOffset]).toEqual([first.buffer, first.byteOffset + 60 * KiB])
  expect(third.buffer).not.toBe(first.buffer)
  const foreign = other.take(1)
  expect([first.buffer, third.buffer]).not.toContain(foreign.buffer)
})

test('answer room: each block is larger than the one before, up to the largest', () => {
  const room = roomOf()
  const sizes = Array.from({ length: 130 }, () => room.take(100 * KiB).buffer.byteLength)
  const blocks = sizes.filter((size, index) => index === 0 || size !== sizes[index - 1])
  expect(blocks).toEqual([128 * KiB, 256 * KiB, 512 * KiB, MiB, 2 * MiB, 4 * MiB])
})

test('answer room: what was given back is used again, once', () => {
  const blocks = new Blocks(MiB)
  const one = roomOf(blocks)
  const block = one.take(10).buffer
  one.giveBack()
  one.giveBack()
  expect(one.isEmpty).toBe(true)
  const others = [roomOf(blocks).take(10), roomOf(blocks).take(10)]
  expect(others.map(({ buffer }) => buffer === block)).toEqual([true, false])
})

test('answer room: what is larger than the largest block lies alone, and is not kept', () => {
  const blocks = new Blocks(16 * MiB)
  const room = roomOf(blocks)
  const large = room.take(5 * MiB)
  expect(large).toHaveLength(5 * MiB)
  expect(room.isEmpty).toBe(true)
  room.giveBack()
  expect(roomOf(blocks).take(4 * MiB).buffer).not.toBe(large.buffer)
})

test('answer room: only so much is kept', () => {
  const blocks = new Blocks(4 * 64 * KiB)
  const rooms = Array.from({ length: 6 }, () => roomOf(blocks))
  const places = new Set(rooms.map(room => room.take(1).buffer))
  for (const room of rooms) room.giveBack()
  expect(rooms.filter(room => places.has(room.take(1).buffer))).toHaveLength(4)
})
