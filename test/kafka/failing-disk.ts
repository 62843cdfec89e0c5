import { type Disk, DiskError, type DiskFile } from '../../src/platform/disk.ts'
import { nodePlatform } from '../../src/platform/index.ts'
import type { Platform } from '../../src/platform/platform.ts'

/** A real disk whose writes and syncs fail when a test says so. */
export class FailingDisk {
  /** What every write or sync fails with, or null while the disk is well. */
  failure: 'full' | 'io' | null = null

  get platform(): Platform {
    return { ...nodePlatform, disk: this.#disk() }
  }

  #disk(): Disk {
    const real = nodePlatform.disk
    return {
      ...real,
      open: async (path, mode) => {
        if (mode === 'create') this.#check(path)
        return this.#file(await real.open(path, mode), path)
      },
      freeBytes: folder => (this.failure === 'full' ? Promise.resolve(0) : real.freeBytes(folder)),
    }
  }

  #file(file: DiskFile, path: string): DiskFile {
    return {
      get sizeBytes() {
        return file.sizeBytes
      },
      write: async (buffers, position) => {
        this.#check(path)
        await file.write(buffers, position)
      },
      writeNow: (buffers, position, isSynced) => {
        this.#check(path)
        file.writeNow(buffers, position, isSynced)
      },
      sync: async () => {
        // What is written has its blocks: a full disk can sync it.
        if (this.failure === 'io') this.#check(path)
        await file.sync()
      },
      read: (position, length, into) => file.read(position, length, into),
      truncate: sizeBytes => file.truncate(sizeBytes),
      close: () => file.close(),
    }
  }

  #check(path: string): void {
    if (this.failure !== null)
      throw new DiskError(this.failure, path, `cannot write ${path}: planted`)
  }
}
