import { expect, test } from 'vitest'
import { encodeBatch, readRecords } from './batch/index.ts'
import { Offset } from '../lib/brand.ts'
import { silentLogger } from '../lib/logger.ts'
import { nodePlatform } from '../platform/index.ts'
import { openMemoryStore } from './index.ts'
import type { LogId, LogPolicy, Store } from './store.ts'

const BYTES_MAX = 64 * 1024
const policy: LogPolicy = {
  durability: 'memory',
  retentionMs: null,
  retentionBytes: null,
  segmentBytes: BYTES_MAX,
  segmentMs: 60_000,
  compaction: null,
}

const confirmed = (store: Store): Promise<unknown> =>
  new Promise(resolve => store.whenConfirmed('memory', resolve))

async function opened() {
  const warnings: string[] = []
  const logger = { ...silentLogger, warn: (_: object, text: string) => warnings.push(text) }
  const options = { platform: nodePlatform, machines: [], memoryBytesMax: BYTES_MAX, logger }
  return { store: await openMemoryStore(options), warnings }
}

/** About a sixteenth of what all may hold. */
function append(store: Store, log: LogId): void {
  const value = Buffer.alloc(BYTES_MAX / 16 - 100)
  store.append(log, encodeBatch([{ timestamp: 1, key: null, value }]))
}

test('the oldest of all logs go when they hold too much, and that is said', async () => {
  const { store, warnings } = await opened()
  const [first, second] = [store.createLog(policy), store.createLog(policy)]
  for (let count = 0; count < 10; count++) append(store, first.id)
  for (let count = 0; count < 10; count++) append(store, second.id)
  await confirmed(store)
  expect(first.startOffset).toBeGreaterThan(0)
  expect(second.startOffset).toBe(0)
  expect(first.sizeBytes + second.sizeBytes).toBeLessThanOrEqual(BYTES_MAX)
  expect(warnings).toHaveLength(1)
  await store.close()
})

test('what is appended is copied, be it small or large', async () => {
  const { store } = await opened()
  const log = store.createLog(policy)
  const batches = [10, 5000].map(length =>
    encodeBatch([{ timestamp: 1, key: null, value: Buffer.alloc(length, 7) }]),
  )
  for (const batch of batches) {
    store.append(log.id, batch)
    batch.fill(0xdb)
  }
  await confirmed(store)
  const found = await log.read(Offset(0), BYTES_MAX)
  expect(found.map(batch => readRecords(batch)[0]!.value)).toEqual([
    Buffer.alloc(10, 7),
    Buffer.alloc(5000, 7),
  ])
  await store.close()
})

test('what was truncated or deleted leaves its room to others', async () => {
  const { store, warnings } = await opened()
  for (let round = 0; round < 10; round++) {
    const log = store.createLog(policy)
    for (let count = 0; count < 8; count++) append(store, log.id)
    await confirmed(store)
    if (round % 2 === 0) store.truncateBefore(log.id, Offset(8))
    else store.deleteLog(log.id)
  }
  const last = store.createLog(policy)
  for (let count = 0; count < 14; count++) append(store, last.id)
  await confirmed(store)
  expect(last.startOffset).toBe(0)
  expect(warnings).toEqual([])
  await store.close()
})
