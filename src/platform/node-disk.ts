import { mkdir, open, readdir, rename, rm, statfs } from 'node:fs/promises'
import { closeSync, constants, fstat, open as openDescriptor, openSync, readSync } from 'node:fs'
import type { Disk, DiskFile, FolderLock } from './disk.ts'
import { diskError, NodeFile } from './node-file.ts'
import { lockFolder } from './node-lock.ts'

const flags = {
  create: constants.O_RDWR | constants.O_CREAT | constants.O_EXCL,
  write: constants.O_RDWR,
  read: constants.O_RDONLY,
} as const

/** The real disk. */
export const nodeDisk: Disk = {
  async open(path, mode): Promise<DiskFile> {
    const descriptor = await openFile(path, flags[mode])
    return new NodeFile(descriptor, path, await sizeOf(descriptor, path))
  },

  async list(folder) {
    try {
      return (await readdir(folder)).sort()
    } catch (thrown) {
      if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return []
      throw diskError(thrown, folder, 'list')
    }
  },

  async makeFolder(path) {
    await attempt(mkdir(path, { recursive: true }), path, 'make the folder')
  },

  rename(from, to) {
    return attempt(rename(from, to), from, 'rename')
  },

  remove(path) {
    return attempt(rm(path, { force: true }), path, 'remove')
  },

  async syncFolder(path) {
    if (process.platform === 'win32') return // Has no such call; NTFS journals its names.
    const handle = await attempt(open(path, 'r'), path, 'open')
    try {
      await handle.sync()
    } catch (thrown) {
      throw diskError(thrown, path, 'sync')
    } finally {
      await handle.close()
    }
  },

  readNow(path, position, length) {
    try {
      const descriptor = openSync(path, flags.read)
      try {
        return readAll(descriptor, position, length)
      } finally {
        closeSync(descriptor)
      }
    } catch (thrown) {
      throw diskError(thrown, path, 'read')
    }
  },

  async freeBytes(folder) {
    const answer = await attempt(statfs(folder), folder, 'ask for free space of')
    return answer.bavail * answer.bsize
  },

  lock(folder): Promise<FolderLock> {
    return lockFolder(folder)
  },
}

function openFile(path: string, mode: number): Promise<number> {
  return new Promise((resolve, reject) => {
    openDescriptor(path, mode, 0o640, (error, descriptor) =>
      error ? reject(diskError(error, path, 'open')) : resolve(descriptor),
    )
  })
}

function readAll(descriptor: number, position: number, length: number): Buffer {
  const target = Buffer.allocUnsafeSlow(length)
  let filledBytes = 0
  while (filledBytes < length) {
    const at = position + filledBytes
    const readBytes = readSync(descriptor, target, filledBytes, length - filledBytes, at)
    if (readBytes === 0) break
    filledBytes += readBytes
  }
  return target.subarray(0, filledBytes)
}

function sizeOf(descriptor: number, path: string): Promise<number> {
  return new Promise((resolve, reject) => {
    fstat(descriptor, (error, found) =>
      error ? reject(diskError(error, path, 'look at')) : resolve(found.size),
    )
  })
}

async function attempt<Answer>(
  work: Promise<Answer>,
  path: string,
  doing: string,
): Promise<Answer> {
  try {
    return await work
  } catch (thrown) {
    throw diskError(thrown, path, doing)
  }
}
