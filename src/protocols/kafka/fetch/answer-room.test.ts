import { expect, test } from 'vitest'
import { limits } from '../../../limits/limits.ts'
import { AnswerBlocks, AnswerRoom } from './answer-room.ts'

const MiB = 1024 * 1024
const placeOf = (bytes: Buffer) => [bytes.buffer, bytes.byteOffset] as const

test('answer room: parts lie side by side in blocks, and never in two answers at once', () => {
  const blocks = new AnswerBlocks()
  const one = new AnswerRoom(blocks)
  const other = new AnswerRoom(blocks)
  expect(one.isEmpty).toBe(true)
  const [first, second, third] = [one.take(3 * MiB), one.take(MiB), one.take(1)]
  expect(one.isEmpty).toBe(false)
  expect([first, second, third].map(({ length }) => length)).toEqual([3 * MiB, MiB, 1])
  expect(placeOf(second)).toEqual([first.buffer, first.byteOffset + 3 * MiB])
  expect(third.buffer).not.toBe(first.buffer)
  const foreign = other.take(1)
  expect([first.buffer, third.buffer]).not.toContain(foreign.buffer)
})

test('answer room: what was given back is used again, once', () => {
  const blocks = new AnswerBlocks()
  const one = new AnswerRoom(blocks)
  const block = one.take(10).buffer
  one.giveBack()
  one.giveBack()
  expect(one.isEmpty).toBe(true)
  const others = [new AnswerRoom(blocks).take(10), new AnswerRoom(blocks).take(10)]
  expect(others.map(({ buffer }) => buffer === block)).toEqual([true, false])
})

test('answer room: what is larger than a block lies alone, and is not kept', () => {
  const blocks = new AnswerBlocks()
  const room = new AnswerRoom(blocks)
  const large = room.take(5 * MiB)
  expect(large).toHaveLength(5 * MiB)
  expect(room.isEmpty).toBe(true)
  room.giveBack()
  expect(new AnswerRoom(blocks).take(1).buffer).not.toBe(large.buffer)
})

test('answer room: only so much is kept', () => {
  const blocks = new AnswerBlocks()
  const rooms = Array.from({ length: 12 }, () => new AnswerRoom(blocks))
  const places = new Set(rooms.map(room => room.take(1).buffer))
  for (const room of rooms) room.giveBack()
  const again = rooms.filter(room => places.has(room.take(1).buffer)).length
  expect(again * 4 * MiB).toBe(limits.freeAnswerBytesMax)
})
