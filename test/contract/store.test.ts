import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { silentLogger } from '../../src/lib/logger.ts'
import { openFileStore, openMemoryStore } from '../../src/log/index.ts'
import { nodePlatform } from '../../src/platform/index.ts'
import { storeContract } from './store.ts'

const KiB = 1024
const folders: string[] = []

afterAll(async () => {
  for (const folder of folders) await rm(folder, { recursive: true, force: true })
})

storeContract('memory', async () => ({
  open: machines => openMemoryStore({ platform: nodePlatform, machines, logger: silentLogger }),
  isDurable: false,
}))

storeContract('files on the real disk', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sabir-store-'))
  folders.push(folder)
  return {
    open: machines =>
      openFileStore({
        platform: nodePlatform,
        folder,
        machines,
        logger: silentLogger,
        chainFileBytes: 256 * KiB,
      }),
    isDurable: true,
  }
})
