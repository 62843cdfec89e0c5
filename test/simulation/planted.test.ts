import { expect, test } from 'vitest'
import type { Disk, DiskFile } from '../../src/platform/disk.ts'
import { Scenario, type ScenarioOptions } from './scenario.ts'

/** Bugs the store could have had. A checker that does not find them finds nothing. */
const bugs: [name: string, plant: Omit<ScenarioOptions, 'seed'>][] = [
  ['an acknowledgement before the sync', { wrapDisk: withoutSync }],
  ['a torn tail that is kept', { store: { decideTail: () => 'keep' } }],
  ['a chain file whose name is not synced', { wrapDisk: withoutFolderSync }],
  ['a write that is torn and called a success', { wrapDisk: withTornWrites }],
  ['a failed sync that is called a success', { wrapDisk: withSilentSync, hasFaults: true }],
]

const SEEDS_MAX = 60

for (const [name, plant] of bugs) {
  test(`simulation: finds ${name}`, async () => {
    expect(await firstFailure(plant)).not.toBeNull()
  })
}

test('simulation: finds nothing where nothing was planted', async () => {
  expect(await firstFailure({ wrapDisk: disk => wrapped(disk, () => ({})) }, 10)).toBeNull()
})

async function firstFailure(
  plant: Omit<ScenarioOptions, 'seed'>,
  seedsMax = SEEDS_MAX,
): Promise<unknown> {
  for (let seed = 0; seed < seedsMax; seed++) {
    try {
      await new Scenario({ hasFaults: false, ...plant, seed }).run()
    } catch (thrown) {
      return thrown
    }
  }
  return null
}

function withoutSync(disk: Disk): Disk {
  return wrapped(disk, (_, path) =>
    path.endsWith('.checkpoint.draft') ? {} : { sync: () => Promise.resolve() },
  )
}

function withSilentSync(disk: Disk): Disk {
  return wrapped(disk, file => ({ sync: () => file.sync().catch(() => {}) }))
}

/** The last bytes of a large write never arrive. */
function withTornWrites(disk: Disk): Disk {
  return wrapped(disk, file => ({
    write: (buffers, position) => {
      const bytes = Buffer.concat(buffers)
      const isLarge = bytes.length === 8192
      return file.write([isLarge ? bytes.subarray(0, 4096) : bytes], position)
    },
  }))
}

function withoutFolderSync(disk: Disk): Disk {
  return delegating(disk, { syncFolder: () => Promise.resolve() })
}

function wrapped(disk: Disk, change: (file: DiskFile, path: string) => Partial<DiskFile>): Disk {
  return delegating(disk, {
    open: async (path, mode) => {
      const file = await disk.open(path, mode)
      return Object.assign(plain(file), change(file, path))
    },
  })
}

const plain = (file: DiskFile): DiskFile => ({
  get sizeBytes() {
    return file.sizeBytes
  },
  write: (buffers, position) => file.write(buffers, position),
  read: (position, length) => file.read(position, length),
  sync: () => file.sync(),
  truncate: sizeBytes => file.truncate(sizeBytes),
  close: () => file.close(),
})

const delegating = (disk: Disk, change: Partial<Disk>): Disk => ({
  open: (path, mode) => disk.open(path, mode),
  list: folder => disk.list(folder),
  makeFolder: path => disk.makeFolder(path),
  rename: (from, to) => disk.rename(from, to),
  remove: path => disk.remove(path),
  syncFolder: path => disk.syncFolder(path),
  freeBytes: folder => disk.freeBytes(folder),
  lock: folder => disk.lock(folder),
  ...change,
})
