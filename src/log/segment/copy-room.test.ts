import { expect, test } from 'vitest'
import { CopyRoom } from './copy-room.ts'
import { WINDOW_BYTES } from './reader.ts'

test('copy room: windows lie behind each other until it is full, and then again', () => {
  const room = new CopyRoom()
  const windows = Array.from({ length: 3 }, () => room.take(WINDOW_BYTES))
  expect(windows.map(({ byteOffset }) => byteOffset / WINDOW_BYTES)).toEqual([0, 1, 2])
  expect(room.isFull).toBe(false)
  const short = room.take(10)
  expect(short.buffer).toBe(windows[0]!.buffer)
  expect(room.isFull).toBe(true)
  const elsewhere = room.take(WINDOW_BYTES)
  expect(elsewhere).toHaveLength(WINDOW_BYTES)
  expect(elsewhere.buffer).not.toBe(short.buffer)
  room.startOver()
  expect(room.isFull).toBe(false)
  const again = room.take(1)
  expect([again.buffer, again.byteOffset]).toEqual([short.buffer, 0])
})
