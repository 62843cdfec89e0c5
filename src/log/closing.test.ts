import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { silentLogger } from '../lib/logger.ts'
import { nodePlatform } from '../platform/index.ts'
import { encodeBatch } from './batch/index.ts'
import { openFileStore } from './file-store.ts'
import { type LogPolicy, StoreRefusedError } from './store.ts'

const policy: LogPolicy = {
  durability: 'sync',
  retentionMs: null,
  retentionBytes: null,
  segmentBytes: 1024 * 1024,
  segmentMs: 1000,
  compaction: null,
}

const batch = (): Buffer => encodeBatch([{ timestamp: 1, key: null, value: Buffer.from('x') }])

test('a store that closes takes what belongs to a slot that was begun', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sabir-closing-'))
  const open = () =>
    openFileStore({ platform: nodePlatform, folder, machines: [], logger: silentLogger })
  const store = await open()
  const early = store.createLog(policy)
  const late = store.createLog(policy)
  let isKeptBack = true
  store.onClosing(() => {
    if (isKeptBack) store.append(late.id, batch())
    isKeptBack = false
  })
  store.append(early.id, batch())
  const closed = store.close()
  expect(() => store.append(early.id, batch())).toThrow(StoreRefusedError)
  await closed
  const again = await open()
  expect([early, late].map(({ id }) => again.log(id)?.confirmedEnd)).toEqual([1, 1])
  await again.close()
  rmSync(folder, { recursive: true })
})
