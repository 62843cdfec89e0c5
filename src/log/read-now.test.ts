import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Offset } from '../lib/brand.ts'
import { silentLogger } from '../lib/logger.ts'
import { nodePlatform, type Platform } from '../platform/index.ts'
import { baseOffsetOf, encodeBatch, lastOffsetOf, readRecords } from './batch/index.ts'
import { openFileStore } from './file-store.ts'
import { openMemoryStore } from './memory-store.ts'
import { type Log, type LogPolicy, OutOfRangeError, type Store } from './store.ts'

vi.setConfig({ testTimeout: 30_000 })

const KiB = 1024
const PERIOD_MS = 77
let folder: string
let store: Store
let runRound: () => void = () => {}

const platform: Platform = {
  ...nodePlatform,
  timers: {
    ...nodePlatform.timers,
    every(periodMs, run) {
      if (periodMs !== PERIOD_MS) return nodePlatform.timers.every(periodMs, run)
      runRound = run
      return { cancel() {} }
    },
  },
}

const policy: LogPolicy = {
  durability: 'sync',
  retentionMs: null,
  retentionBytes: null,
  segmentBytes: 1024 * KiB,
  segmentMs: 7 * 24 * 3600 * 1000,
  compaction: null,
}

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sabir-read-now-'))
  await open()
})

afterEach(async () => {
  await store.close()
  rmSync(folder, { recursive: true })
})

/** Little stays in memory: older slots are on the disk only. */
async function open(): Promise<void> {
  store = await openFileStore({
    platform,
    folder,
    machines: [],
    logger: silentLogger,
    chainFileBytes: 64 * KiB,
    tailBytesMax: 16 * KiB,
    segmentPeriodMs: PERIOD_MS,
  })
}

const confirmed = () =>
  new Promise<void>((resolve, reject) =>
    store.whenConfirmed('sync', refusal =>
      refusal === null ? resolve() : reject(new Error(refusal.message)),
    ),
  )

/** Two records, of which some are larger than what is copied into slots. */
const batchOf = (number: number): Buffer =>
  encodeBatch(
    [`${number}a`, `${number}b`].map((text, timestamp) => ({
      timestamp,
      key: null,
      value: Buffer.from(text.padEnd(number % 7 === 3 ? 5000 : 100)),
    })),
  )

const valuesOf = (batches: readonly Buffer[]): string[] =>
  batches
    .flatMap(batch => readRecords(batch))
    .map(({ offset, value }) => `${offset}:${value?.toString().trim()}`)

function readAll(log: Log, bytesMax: number): string[] {
  const found: Buffer[] = []
  for (let at: number = log.startOffset; at < log.endOffset; ) {
    const batches = log.readNow(Offset(at), bytesMax)
    expect(batches.length).toBeGreaterThan(0)
    found.push(...batches)
    at = lastOffsetOf(batches.at(-1)!) + 1
  }
  return valuesOf(found)
}

const expected = (count: number) =>
  Array.from({ length: count }, (_, number) => [
    `${2 * number}:${number}a`,
    `${2 * number + 1}:${number}b`,
  ]).flat()

test('what was appended is read at once, before it is confirmed', () => {
  const log = store.createLog(policy)
  expect(log.readNow(log.endOffset, KiB)).toEqual([])
  for (let number = 0; number < 50; number++) {
    store.append(log.id, batchOf(number))
    const [newest] = log.readNow(Offset(2 * number + 1), 1)
    expect(baseOffsetOf(newest!)).toBe(2 * number)
  }
  expect(log.confirmedEnd).toBe(0)
  expect(readAll(log, 1)).toEqual(expected(50))
  expect(readAll(log, 10 * KiB)).toEqual(expected(50))
  expect(() => log.readNow(Offset(101), 1)).toThrow(OutOfRangeError)
})

test('what is in the chain only, in segments, and not confirmed reads the same', async () => {
  const log = store.createLog(policy)
  const other = store.createLog(policy)
  const fill = async (from: number, to: number): Promise<void> => {
    for (let number = from; number < to; number++) {
      store.append(log.id, batchOf(number))
      store.append(other.id, batchOf(number))
      if (number % 10 === 0) await confirmed()
    }
    await confirmed()
  }
  await fill(0, 300)
  expect(readAll(log, 20 * KiB)).toEqual(expected(300))
  await store.close()
  await open()
  const again = store.log(log.id)!
  expect(readAll(again, 1)).toEqual(expected(300))
  const internals = again as unknown as { segments: readonly unknown[] }
  for (let round = 0; internals.segments.length === 0; round++) {
    if (round % 5 === 0) runRound()
    await new Promise(resolve => setTimeout(resolve, 1))
  }
  await fill(300, 320)
  store.append(log.id, batchOf(320))
  expect(readAll(again, 1)).toEqual(expected(321))
  expect(readAll(again, 64 * KiB)).toEqual(expected(321))
  await confirmed()
  store.truncateBefore(log.id, Offset(100))
  expect(readAll(again, 1)).toEqual(expected(321).slice(100))
  expect(() => again.readNow(Offset(99), 1)).toThrow(OutOfRangeError)
})

test('a log in memory', async () => {
  await store.close()
  store = await openMemoryStore({ platform, machines: [], logger: silentLogger })
  const log = store.createLog(policy)
  for (let number = 0; number < 20; number++) store.append(log.id, batchOf(number))
  expect(log.confirmedEnd).toBe(0)
  expect(readAll(log, 1)).toEqual(expected(20))
})
