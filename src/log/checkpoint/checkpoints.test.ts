import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Offset } from '../../lib/brand.ts'
import { crc32c } from '../../lib/crc32c.ts'
import type { Disk } from '../../platform/disk.ts'
import { nodeDisk } from '../../platform/node-disk.ts'
import { Catalogue } from '../catalogue.ts'
import { LogReads } from '../log-reads.ts'
import { LogId, type Snapshot, type SnapshotPieces } from '../store.ts'
import { encodeState } from './checkpoint-format.ts'
import { Checkpoints } from './checkpoints.ts'

const policy = {
  durability: 'sync',
  retentionMs: null,
  retentionBytes: null,
  segmentBytes: 1000,
  segmentMs: 1000,
  compaction: null,
} as const
const segment = {
  file: 7,
  log: LogId(3),
  baseOffset: Offset(10),
  endOffset: Offset(20),
  position: 0,
  sizeBytes: 500,
  maxTimestamp: 1_700_000_000_000,
  createdAt: 1_700_000_000_001,
  isCompacted: true,
}
const logs = [
  { id: LogId(2), policy, startOffset: Offset(0), endOffset: Offset(5), segments: [] },
  { id: LogId(3), policy, startOffset: Offset(10), endOffset: Offset(25), segments: [segment] },
]

/** Two at a time; each takes the place of one before. */
class Pieces implements SnapshotPieces {
  isOver = false
  readonly #left: string[]
  readonly #rooms = [Buffer.alloc(100), Buffer.alloc(100)]

  constructor(pieces: readonly string[]) {
    this.#left = [...pieces]
  }

  next(): IteratorResult<readonly Buffer[]> {
    const pieces = this.#left.splice(0, 2)
    if (pieces.length === 0) return this.return()
    const value = pieces.map((piece, index) => {
      const room = this.#rooms[index]!.fill(0)
      return room.subarray(0, room.write(piece))
    })
    return { value, done: false }
  }

  return(): IteratorResult<readonly Buffer[]> {
    this.isOver = true
    return { value: undefined, done: true }
  }

  [Symbol.iterator](): this {
    return this
  }
}

let folder: string
let checkpoints: Checkpoints

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sabir-checkpoints-'))
  checkpoints = new Checkpoints(nodeDisk, folder)
})

afterEach(() => rm(folder, { recursive: true }))

const pathOf = (slot: number): string =>
  join(folder, `${String(slot).padStart(16, '0')}.checkpoint`)

async function write(slot: number, machines: Readonly<Record<string, Snapshot>>): Promise<number> {
  const catalogue = new Catalogue(new LogReads(null, null))
  catalogue.restore({ nextLog: 9, segmentedBelow: 4, logs })
  const state = encodeState(slot, false, catalogue)
  const sizeBytes = await checkpoints.writeDraft({
    ...state,
    machines: new Map(Object.entries(machines)),
  })
  await checkpoints.publish(slot)
  return sizeBytes
}

/** The newest, and what it has of these machines. */
async function read(...machines: readonly string[]): Promise<object | undefined> {
  for await (const { path, checkpoint } of checkpoints.newestFirst()) {
    if (checkpoint === undefined) return undefined
    const { pieces, ...state } = checkpoint
    const found: Record<string, string[]> = {}
    for (const machine of machines)
      await checkpoints.restore({ path, pieces }, machine, piece => {
        ;(found[machine] ??= []).push(String(piece))
      })
    return { ...state, found }
  }
  return undefined
}

const state = { segmentedBelow: 4, isFinal: false, nextLog: 9, logs }

test('checkpoints: what was written is read, in pieces where it came in pieces', async () => {
  const large = 'x'.repeat(3_000_000)
  const sizeBytes = await write(12, {
    small: Buffer.from('all of it'),
    many: new Pieces(['a', '', 'cc']),
    none: new Pieces([]),
    large: Buffer.from(large),
  })
  expect(await read('large', 'many', 'none', 'small', 'unknown')).toEqual({
    slot: 12,
    ...state,
    found: { small: ['all of it'], many: ['a', '', 'cc'], large: [large] },
  })
  expect((await readFile(pathOf(12))).length).toBe(sizeBytes)
})

test('checkpoints: the two newest are kept', async () => {
  for (const slot of [1, 2, 3]) await write(slot, {})
  const slots: (number | undefined)[] = []
  for await (const { checkpoint } of checkpoints.newestFirst()) slots.push(checkpoint?.slot)
  expect(slots).toEqual([3, 2])
})

test('checkpoints: a bit that fell over is seen wherever it is, and a lost end, too', async () => {
  await write(5, { small: Buffer.from('all'), many: new Pieces(['one', 'two']) })
  const bytes = await readFile(pathOf(5))
  for (let at = 0; at < bytes.length; at += 7) {
    const damaged = Buffer.from(bytes)
    damaged[at]! ^= 1 << (at % 8)
    await writeFile(pathOf(5), damaged)
    expect(await read()).toBeUndefined()
    await writeFile(pathOf(5), bytes.subarray(0, at))
    expect(await read()).toBeUndefined()
  }
})

test('checkpoints: a snapshot that cannot be written is given up', async () => {
  const many = new Pieces(['one', 'two'])
  const failing = new Checkpoints(nodeDisk, join(folder, 'missing'))
  const catalogue = new Catalogue(new LogReads(null, null))
  const taken = { ...encodeState(1, false, catalogue), machines: new Map([['many', many]]) }
  await expect(failing.writeDraft(taken)).rejects.toThrow('missing')
  expect(many.isOver).toBe(true)
})

test('checkpoints: what could not be written to the end takes no room', async () => {
  const full: Disk = {
    ...nodeDisk,
    open: async (path, mode) => {
      const file = await nodeDisk.open(path, mode)
      file.sync = () => Promise.reject(new Error('no room'))
      return file
    },
  }
  const catalogue = new Catalogue(new LogReads(null, null))
  const taken = { ...encodeState(1, false, catalogue), machines: new Map() }
  await expect(new Checkpoints(full, folder).writeDraft(taken)).rejects.toThrow('no room')
  expect(await readdir(folder)).toEqual([])
})

/** As the first version wrote them, of any version. */
function withDescriptionFirst(version: number): Buffer {
  const description = Buffer.from(
    JSON.stringify({
      slot: 6,
      segmentedBelow: 4,
      isFinal: false,
      nextLog: 9,
      logCount: 2,
      segmentCount: 1,
      policies: [policy],
      machines: [
        { name: 'one', bytes: 3 },
        { name: 'two', bytes: 4 },
      ],
    }),
  )
  const head = Buffer.from(`SCKP${'\0'.repeat(8)}`)
  head.writeUInt32LE(version, 4)
  head.writeUInt32LE(description.length, 8)
  const rows = [
    ...[2, 0, 0, 5, 0],
    ...[3, 0, 10, 25, 1],
    ...[7, 10, 20, 0, 500, 1_700_000_000_000, 1_700_000_000_001, 1],
  ]
  const numbers = Buffer.from(Float64Array.from(rows).buffer)
  const bytes = Buffer.concat([head, description, numbers, Buffer.from('onetwo!'), Buffer.alloc(4)])
  bytes.writeUInt32LE(crc32c(bytes, 0, bytes.length - 4), bytes.length - 4)
  return bytes
}

test('checkpoints: the first version is read', async () => {
  await writeFile(pathOf(6), withDescriptionFirst(1))
  expect(await read('one', 'two')).toEqual({
    slot: 6,
    ...state,
    found: { one: ['one'], two: ['two!'] },
  })
})

test('checkpoints: of a later version nothing is guessed', async () => {
  await writeFile(pathOf(6), withDescriptionFirst(3))
  await expect(read()).rejects.toThrow('has format 3; this version of Sabir reads formats 1 and 2')
})
