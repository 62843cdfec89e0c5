import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Millis, Offset } from '../lib/brand.ts'
import type { Logger } from '../lib/logger.ts'
import { nodePlatform, type Platform } from '../platform/index.ts'
import { encodeBatch, readRecords } from './batch/index.ts'
import { openFileStore } from './file-store.ts'
import type { Log, LogId, LogPolicy, Store } from './store.ts'

/** The store and its background work, on a real disk. Rounds are run by hand, time stands still. */

vi.setConfig({ testTimeout: 30_000 })

const KiB = 1024
const PERIOD_MS = 77
const time = 1_700_000_000_000

let folder: string
let store: Store
let now = time
let runRound: () => void
const complaints: object[] = []

const logger: Logger = {
  debug() {},
  info() {},
  warn: facts => void complaints.push(facts),
  error: facts => void complaints.push(facts),
}

const platform: Platform = {
  ...nodePlatform,
  clock: { now: () => Millis(now), elapsed: () => nodePlatform.clock.elapsed() },
  timers: {
    ...nodePlatform.timers,
    every(periodMs, run) {
      if (periodMs !== PERIOD_MS) return nodePlatform.timers.every(periodMs, run)
      runRound = run
      return { cancel() {} }
    },
  },
}

async function open(): Promise<void> {
  store = await openFileStore({
    platform,
    folder,
    machines: [],
    logger,
    chainFileBytes: 64 * KiB,
    tailBytesMax: 32 * KiB,
    segmentPeriodMs: PERIOD_MS,
  })
}

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sabir-background-'))
  now = time
  complaints.length = 0
  await open()
})

afterEach(async () => {
  await store.close()
  rmSync(folder, { recursive: true })
  expect(complaints).toEqual([])
})

const policy: LogPolicy = {
  durability: 'sync',
  retentionMs: null,
  retentionBytes: null,
  segmentBytes: 1024 * KiB,
  segmentMs: 7 * 24 * 3600 * 1000,
  compaction: null,
}

const confirmed = () =>
  new Promise<void>((resolve, reject) =>
    store.whenConfirmed('sync', refusal =>
      refusal === null ? resolve() : reject(new Error(refusal.message)),
    ),
  )

async function until(what: string, condition: () => boolean): Promise<void> {
  // Vitest ends the test if it takes for ever; every turn lets the disk get on.
  for (let turn = 0; turn < 10_000; turn++) {
    if (condition()) return
    if (turn % 5 === 0) runRound()
    await new Promise(resolve => setTimeout(resolve, 1))
  }
  throw new Error(`it never came to pass: ${what}`)
}

async function readAll(log: Log): Promise<string[]> {
  const found: string[] = []
  for (let at: number = log.startOffset; at < log.confirmedEnd; ) {
    const batches = await log.read(Offset(at), 10_000)
    for (const record of batches.flatMap(batch => readRecords(batch))) {
      found.push(`${record.offset}:${record.value?.toString().trim()}`)
    }
    const last = batches.at(-1)
    if (last === undefined) break
    at = Number(last.readBigInt64BE(0)) + last.readInt32BE(23) + 1
  }
  return found
}

const value = (text: string) => ({
  timestamp: time,
  key: null,
  value: Buffer.from(text.padEnd(500)),
})
const segments = () => readdirSync(join(folder, 'segment'))
/** 0 for one that is gone meanwhile. */
const sizeOf = (name: string) =>
  statSync(join(folder, 'segment', name), { throwIfNoEntry: false })?.size ?? 0

async function fill(logs: readonly LogId[], rounds: number, from = 0): Promise<void> {
  for (let round = from; round < from + rounds; round++) {
    for (const log of logs) store.append(log, encodeBatch([value(`${log}/${round}`)]))
    if (round % 10 === 0) await confirmed()
  }
  await confirmed()
}

const expected = (log: LogId, count: number) =>
  Array.from({ length: count }, (_, index) => `${index}:${log}/${index}`)

test('what is rewritten in the background reads the same, also after a restart', async () => {
  const logs = [1, 2, 3].map(() => store.createLog(policy).id)
  await fill(logs, 300)
  await until('segments', () => segments().length > 0)
  for (const id of logs) expect(await readAll(store.log(id)!)).toEqual(expected(id, 300))
  await store.close()
  await open()
  for (const id of logs) expect(await readAll(store.log(id)!)).toEqual(expected(id, 300))
  await fill(logs, 300, 300)
  const count = segments().length
  await until('more segments', () => segments().length > count)
  for (const id of logs) {
    const log = store.log(id)!
    expect(await readAll(log)).toEqual(expected(id, 600))
    expect(await log.findByTime(time)).toEqual({ offset: 0, timestamp: time })
  }
})

test('slots that are larger than what is read at a time are rewritten like others', async () => {
  const log = store.log(store.createLog({ ...policy, segmentBytes: 64 * 1024 * KiB }).id)!
  const batch = (slot: number, index: number) =>
    encodeBatch([{ timestamp: time, key: null, value: Buffer.alloc(1024 * KiB, 7 * slot + index) }])
  for (let slot = 0; slot < 5; slot++) {
    for (let index = 0; index < (slot % 2 === 0 ? 7 : 1); index++)
      store.append(log.id, batch(slot, index))
    await confirmed()
  }
  await fill([log.id], 20)
  const bytes = () => segments().reduce((sum, name) => sum + sizeOf(name), 0)
  await until('segments of all large slots', () => bytes() >= 23 * 1024 * KiB)
  let at = 0
  for (let slot = 0; slot < 5; slot++) {
    for (let index = 0; index < (slot % 2 === 0 ? 7 : 1); index++, at++) {
      const [found] = await log.read(Offset(at), 1)
      expect(readRecords(found!)[0]!.value?.every(byte => byte === 7 * slot + index)).toBe(true)
    }
  }
})

test('reading goes on while segments are made, merged and removed', async () => {
  const logs = [1, 2, 3, 4].map(() => store.createLog(policy).id)
  for (let part = 0; part < 8; part++) {
    await fill(logs, 80, part * 80)
    runRound()
    for (const id of logs)
      expect(await readAll(store.log(id)!)).toEqual(expected(id, part * 80 + 80))
  }
})

test('old chain files go once their slots are in segments', async () => {
  const log = store.createLog(policy).id
  // Without those that are kept to be used again.
  const isInUse = (name: string): boolean => name.endsWith('.chain')
  const chainFiles = () => readdirSync(join(folder, 'chain')).filter(isInUse).length
  let count = 0
  for (let part = 0; part < 6; part++) {
    await fill([log], 300, count)
    count += 300
    const made = segments().length
    await until('segments', () => segments().length > made)
  }
  // All 1,800 batches would take more than fifteen, and would go on doing so.
  await until('old files gone', () => chainFiles() < 15)
  expect(await readAll(store.log(log)!)).toEqual(expected(log, count))
})

test('retention by time empties a log, and its files follow', async () => {
  const log = store.createLog({ ...policy, retentionMs: 1000 }).id
  await fill([log], 400)
  await until('segments', () => segments().length > 0)
  now = time + 1001
  await until('all gone', () => store.log(log)!.startOffset === 400 && segments().length === 0)
  expect(await readAll(store.log(log)!)).toEqual([])
})

test('a compacted log keeps the last of each key, and says so after a restart', async () => {
  const compaction = {
    tombstoneRetentionMs: 1000,
    dirtyRatioMin: 0,
    lagMsMin: 0,
    lagMsMax: Number.MAX_SAFE_INTEGER,
  }
  const log = store.createLog({ ...policy, segmentMs: 10, compaction }).id
  for (let index = 0; index < 200; index++) {
    const key = Buffer.from(`key ${index % 5}`)
    store.append(log, encodeBatch([{ ...value(`${index}`), key }]))
  }
  await confirmed()
  now = time + 10
  const bytes = store.log(log)!.sizeBytes
  await until('compacted', () => store.log(log)!.sizeBytes < bytes / 10)
  await store.close()
  await open()
  const last = ['195:195', '196:196', '197:197', '198:198', '199:199']
  expect(await readAll(store.log(log)!)).toEqual(last)
  expect(store.log(log)!.endOffset).toBe(200)
})

test('a deleted log leaves nothing behind', async () => {
  const [gone, stays] = [store.createLog(policy).id, store.createLog(policy).id]
  await fill([gone], 300)
  await until('segments', () => segments().length > 0)
  store.deleteLog(gone)
  await fill([stays], 3)
  await until('no segments', () => segments().length === 0)
  expect(await readAll(store.log(stays)!)).toEqual(expected(stays, 3))
})
