import type { Disk, DiskFile } from '../../src/platform/disk.ts'

/** Nothing but checkpoints is ever synced, and nobody is told. */
export function withoutSync(disk: Disk): Disk {
  return wrapped(disk, (file, path) =>
    path.endsWith('.checkpoint.draft')
      ? {}
      : {
          sync: () => Promise.resolve(),
          writeNow: (buffers, position) => file.writeNow(buffers, position, false),
        },
  )
}

/** Its files do something else than they should. */
export function wrapped(
  disk: Disk,
  change: (file: DiskFile, path: string) => Partial<DiskFile>,
): Disk {
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
  writeNow: (buffers, position, isSynced) => file.writeNow(buffers, position, isSynced),
  read: (position, length) => file.read(position, length),
  sync: () => file.sync(),
  truncate: sizeBytes => file.truncate(sizeBytes),
  close: () => file.close(),
})

/** A disk with some methods replaced. */
export const delegating = (disk: Disk, change: Partial<Disk>): Disk => ({
  open: (path, mode) => disk.open(path, mode),
  list: folder => disk.list(folder),
  makeFolder: path => disk.makeFolder(path),
  rename: (from, to) => disk.rename(from, to),
  remove: path => disk.remove(path),
  syncFolder: path => disk.syncFolder(path),
  readNow: (path, position, length) => disk.readNow(path, position, length),
  freeBytes: folder => disk.freeBytes(folder),
  lock: folder => disk.lock(folder),
  ...change,
})
