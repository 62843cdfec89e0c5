import { expect, test } from 'vitest'
import { paceOf } from './follow.ts'
import { makeFrames, recordsOfBatch } from './produce.ts'
import { shareOf } from './reader.ts'
import { parseSettings, settingsOf } from './settings.ts'

test('settings: what is not said is as clients have it', () => {
  expect(settingsOf({ topic: 'a' })).toMatchObject({ batchBytes: 16_384, inFlight: 5, acks: -1 })
  expect(settingsOf({ recordBytes: 1024 * 1024 }).requestPartitions).toBe(1)
  expect(settingsOf({ batchBytes: 65_536 }).requestPartitions).toBe(16)
  const given = ['--mode', 'follow', '--rate', '5000', '--topic', 'b', '--warmup-seconds', '0.5']
  expect(parseSettings(given)).toMatchObject({
    mode: 'follow',
    rate: 5000,
    topic: 'b',
    warmupSeconds: 0.5,
  })
  expect(() => parseSettings(['--mode', 'peers'])).toThrow('--mode is one of')
})

test('pace: every millisecond what is due, in as few batches as hold it', () => {
  const settings = settingsOf({ recordBytes: 100, batchBytes: 16_384 })
  const pace = (rate: number) => paceOf({ ...settings, rate }, 4)
  expect(recordsOfBatch(100, 16_384)).toBe(151)
  expect(pace(100)).toEqual({ periodMs: 10, batches: 1, recordsPerBatch: 1 })
  expect(pace(1000)).toEqual({ periodMs: 1, batches: 1, recordsPerBatch: 1 })
  expect(pace(50_000)).toEqual({ periodMs: 1, batches: 1, recordsPerBatch: 50 })
  expect(pace(400_000)).toEqual({ periodMs: 1, batches: 3, recordsPerBatch: 134 })
  expect(pace(0)).toEqual({ periodMs: 0, batches: 4, recordsPerBatch: 151 })
})

test('pace: what is written in a second is what was asked for', () => {
  for (const rate of [700, 1000, 10_000, 50_000, 163_840, 325_000]) {
    const { periodMs, batches, recordsPerBatch } = paceOf(settingsOf({ rate }), 4)
    const written = (batches * recordsPerBatch * 1000) / periodMs
    expect(Math.abs(written / rate - 1)).toBeLessThan(0.03)
  }
})

test('requests: all partitions have their turn, as many in one as fit', () => {
  const frames = makeFrames(settingsOf({ partitions: 100, topic: 'a', recordBytes: 100 }))
  expect(frames.map(({ partitions }) => partitions.length)).toEqual([64, 36])
  expect(frames[0]!.records).toBe(64 * 151)
  expect(shareOf(5, 2, 0)).toEqual([0, 2, 4])
})
