import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { silentLogger } from '../../lib/logger.ts'
import { nodePlatform } from '../../platform/index.ts'
import { ChainFiles } from './chain-files.ts'
import { FileChain } from './file-chain.ts'
import { FormingSlot } from './forming-slot.ts'
import { SlabPool } from './slabs.ts'
import { BLOCK_BYTES, NONCE_BYTES } from './slot-format.ts'
import { SlotTable } from './slot-table.ts'

const MiB = 1024 * 1024
const FILE_BYTES = 4 * MiB
/** What a few slots of a block each have to be, so that those before do not count any more. */
const SLOTS_UNTIL_SMALL = 64

let folder: string
let chain: FileChain
let next: number

function open(freeBytes: number): void {
  const disk = { ...nodePlatform.disk, freeBytes: () => Promise.resolve(freeBytes) }
  const platform = { ...nodePlatform, disk }
  const incarnation = { epoch: 1, nonce: Buffer.alloc(NONCE_BYTES) }
  const files = new ChainFiles({
    platform,
    folder,
    incarnation,
    logger: silentLogger,
    fileBytes: FILE_BYTES,
    next: 1,
    spares: [],
    usedBytes: 0,
    live: [],
  })
  chain = new FileChain({
    platform,
    files,
    incarnation,
    table: new SlotTable(0),
    logger: silentLogger,
    live: [],
    previousCrc: 0,
  })
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sabir-chain-'))
  next = 0
})

afterEach(async () => {
  await chain.close()
  rmSync(folder, { recursive: true })
})

async function write(eventBytes: number): Promise<number> {
  const slot = new FormingSlot(next++, { fronts: new SlabPool(), bodies: new SlabPool() })
  slot.machine('diary', Buffer.alloc(eventBytes, 7))
  await chain.write(slot.close('data'))
  await chain.sync()
  return slot.number
}

const fileOf = (slot: number): string => chain.place(slot).path
const sizeOf = (slot: number): number => statSync(fileOf(slot)).size
const endOf = (slot: number): number => chain.place(slot).position + chain.footprintBytes(slot)

/** Until one is in another file than the one before. */
async function writeUntilNext(eventBytes: number): Promise<number> {
  const begun = fileOf(next - 1)
  for (let slots = 0; slots < 10_000; slots++) {
    const slot = await write(eventBytes)
    if (fileOf(slot) !== begun) return slot
  }
  throw new Error('it never went on to another file')
}

/** The first file was filled ahead, and so was some of the second before large slots were usual. */
async function writeUntilLargeIsUsual(): Promise<number> {
  await write(MiB)
  await writeUntilNext(MiB)
  return writeUntilNext(MiB)
}

test('files grow with large slots', async () => {
  open(2 ** 40)
  const first = await writeUntilLargeIsUsual()
  const second = await write(MiB)
  expect(fileOf(second)).toBe(fileOf(first))
  expect(chain.place(first).position).toBe(BLOCK_BYTES)
  expect(sizeOf(second)).toBe(endOf(second))
})

test('files are filled ahead for small slots', async () => {
  open(2 ** 40)
  await write(100)
  const slot = await writeUntilNext(100)
  expect(sizeOf(slot)).toBe(FILE_BYTES)
})

test('small slots after large ones go on in a file that is filled, once there is one', async () => {
  open(2 ** 40)
  const large = await writeUntilLargeIsUsual()
  for (let slots = 0; slots < SLOTS_UNTIL_SMALL; slots++) await write(100)
  const small = fileOf(next - 1) === fileOf(large) ? await writeUntilNext(100) : next - 1
  expect(sizeOf(small)).toBe(FILE_BYTES)
  expect(sizeOf(large), 'the other one was left as it was').toBeLessThan(FILE_BYTES)
})

test('where room is scarce it is taken before it is used', async () => {
  open(6 * FILE_BYTES)
  await write(MiB)
  const first = await writeUntilNext(MiB)
  expect(sizeOf(first)).toBe(FILE_BYTES)
})
