import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { silentLogger } from '../lib/logger.ts'
import { limits } from '../limits/limits.ts'
import { nodePlatform } from '../platform/index.ts'
import { openFileStore } from './file-store.ts'

const machine = {
  name: 'm',
  evolve: () => {},
  snapshot: () => Buffer.alloc(0),
  restore: () => {},
}

test('who is slowed down is told of room, also when only events had taken it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sabir-slowed-'))
  const platform = nodePlatform
  const store = await openFileStore({ platform, folder, machines: [machine], logger: silentLogger })
  const left: number[] = []
  store.onAdvanced(() => left.push(store.unconfirmedBytes))
  const event = Buffer.alloc(limits.unconfirmedBytesHigh / 8)
  for (let count = 0; count <= 8; count++) store.journal('m', event)
  expect(store.unconfirmedBytes).toBeGreaterThan(limits.unconfirmedBytesHigh)
  await new Promise<void>(resolve => store.whenConfirmed('sync', () => resolve()))
  expect(left).toEqual([0])
  await store.close()
  rmSync(folder, { recursive: true })
})
