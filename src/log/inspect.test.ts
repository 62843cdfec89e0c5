import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { batchOf, policy } from '../../test/contract/batches.ts'
import { silentLogger } from '../lib/logger.ts'
import { nodePlatform } from '../platform/index.ts'
import { openFileStore } from './file-store.ts'
import { checkFolder, dumpFolder, type Finding } from './inspect.ts'
import { DamagedStoreError, type Store } from './store.ts'

const BLOCK_BYTES = 4096
const { disk } = nodePlatform
let folder = ''

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sabir-inspect-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const open = (): Promise<Store> =>
  openFileStore({
    platform: nodePlatform,
    folder,
    machines: [],
    logger: silentLogger,
    chainFileBytes: 128 * 1024,
  })

const confirmed = (store: Store): Promise<void> =>
  new Promise(resolve => store.whenConfirmed('sync', () => resolve()))

/** A few slots, closed properly; returns the chain file. */
async function filled(): Promise<string> {
  const store = await open()
  const log = store.createLog(policy)
  for (let slot = 0; slot < 5; slot++) {
    store.append(log.id, batchOf([`record ${slot}`]))
    await confirmed(store)
  }
  await store.close()
  return join(folder, 'chain', (await readdir(join(folder, 'chain'))).find(isChain)!)
}

const isChain = (name: string): boolean => name.endsWith('.chain')

async function findings(): Promise<Finding[]> {
  const found: Finding[] = []
  for await (const event of checkFolder({ disk, folder }))
    if (event.kind !== 'file') found.push(event)
  return found
}

async function damageAt(path: string, position: number): Promise<void> {
  const bytes = await readFile(path)
  bytes[position]! ^= 0xff
  await writeFile(path, bytes)
}

test('check: a sound folder has no findings, beside the broker and after it', async () => {
  await filled()
  expect(await findings()).toEqual([])
  const store = await open()
  expect(await findings()).toEqual([])
  await store.close()
})

test('check: a damaged slot is named with its place, and stops the start', async () => {
  const path = await filled()
  await damageAt(path, BLOCK_BYTES * 3 + 130) // In the index of the third slot.
  const [found] = await findings()
  expect(found).toMatchObject({ kind: 'damage', path, position: BLOCK_BYTES * 3 })
  await expect(open()).rejects.toThrow(DamagedStoreError)
  await expect(open()).rejects.toThrow(`${path} at byte ${BLOCK_BYTES * 3}`)
})

test('check: a damaged batch is named with its offsets', async () => {
  const path = await filled()
  const bytes = await readFile(path)
  const at = bytes.indexOf('record 2')
  await damageAt(path, at)
  const [found] = await findings()
  expect(found?.problem).toContain('offsets 2 to 2')
  const store = await open() // Batches are read when they are asked for, not at the start.
  const [log] = store.logs()
  await expect(log!.read(log!.startOffset, 1_000_000)).rejects.toThrow(DamagedStoreError)
  await store.close()
})

test('check: even the last slot may not be damaged once the broker was stopped', async () => {
  const path = await filled()
  await damageAt(path, BLOCK_BYTES * 6 + 4)
  expect((await findings())[0]?.kind).toBe('damage')
  await expect(open()).rejects.toThrow(DamagedStoreError)
})

test('check: a damaged checkpoint is found, and the chain is enough without it', async () => {
  await filled()
  const name = (await readdir(join(folder, 'checkpoint')))[0]!
  await damageAt(join(folder, 'checkpoint', name), 20)
  expect((await findings())[0]?.path).toBe(join(folder, 'checkpoint', name))
  const store = await open()
  expect([...store.logs()][0]?.endOffset).toBe(5)
  await store.close()
})

test('check: a chain file that is gone is missed', async () => {
  const path = await filled()
  await rm(path)
  expect((await findings())[0]?.problem).toContain('missing')
  await expect(open()).rejects.toThrow(DamagedStoreError)
})

test('dump: tells of every slot and batch, with bodies when asked', async () => {
  await filled()
  const texts: string[] = []
  let slots = 0
  for await (const event of dumpFolder({ disk, folder, hasBodies: true })) {
    if (event.kind === 'slot') slots++
    if (event.kind === 'batch') texts.push(event.bytes!.toString('latin1').slice(-9, -1))
  }
  expect(slots).toBe(6) // The last one says that the chain was closed.
  expect(texts).toEqual(['record 0', 'record 1', 'record 2', 'record 3', 'record 4'])
})
