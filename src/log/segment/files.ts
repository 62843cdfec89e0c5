import { type Disk, DiskError, type DiskFile } from '../../platform/disk.ts'
import { DamagedStoreError } from '../store.ts'
import { segmentName } from './format.ts'

const OPEN_FILES_MAX = 64

type Handle = {
  readonly opened: Promise<DiskFile>
  users: number
  /** Nobody names the file any more: it goes when its last user has gone. */
  isDoomed: boolean
}

/** Open segment files: few at a time, the least recently used are closed first. */
export class SegmentFiles {
  readonly #disk: Disk
  readonly folder: string
  /** In the order of their last use. */
  readonly #handles = new Map<number, Handle>()

  constructor(disk: Disk, folder: string) {
    this.#disk = disk
    this.folder = folder
  }

  get disk(): Disk {
    return this.#disk
  }

  path(file: number): string {
    return `${this.folder}/${segmentName(file)}`
  }

  /** The file stays, even if it is removed meanwhile, until `run` is done. Pins it at once. */
  async use<Result>(file: number, run: (opened: DiskFile) => Promise<Result>): Promise<Result> {
    const handle = this.#acquire(file)
    try {
      return await run(await handle.opened)
    } catch (error) {
      if (!(error instanceof DiskError) || error.kind !== 'missing') throw error
      throw new DamagedStoreError(this.path(file), 0, 'the file is missing', RESTORE)
    } finally {
      await this.#release(file, handle)
    }
  }

  /** Removes a file that nobody names, at once or after its last reader. */
  async remove(file: number): Promise<void> {
    const handle = this.#handles.get(file)
    if (handle === undefined) return this.#disk.remove(this.path(file))
    handle.isDoomed = true
    if (handle.users === 0) await this.#drop(file, handle)
  }

  async close(): Promise<void> {
    const handles = [...this.#handles.values()]
    this.#handles.clear()
    await Promise.all(handles.map(closeQuietly))
  }

  #acquire(file: number): Handle {
    let handle = this.#handles.get(file)
    if (handle === undefined) {
      const opened = this.#disk.open(this.path(file), 'read')
      handle = { opened, users: 0, isDoomed: false }
      // A file that cannot be opened is tried anew by the next user.
      opened.catch(() => this.#handles.delete(file))
    }
    this.#handles.delete(file)
    this.#handles.set(file, handle)
    handle.users++
    return handle
  }

  async #release(file: number, handle: Handle): Promise<void> {
    handle.users--
    if (handle.users > 0) return
    if (handle.isDoomed) return this.#drop(file, handle)
    if (this.#handles.size <= OPEN_FILES_MAX) return
    for (const [other, idle] of this.#handles) {
      if (idle.users > 0) continue
      this.#handles.delete(other)
      await closeQuietly(idle)
      return
    }
  }

  async #drop(file: number, handle: Handle): Promise<void> {
    this.#handles.delete(file)
    await closeQuietly(handle)
    await this.#disk.remove(this.path(file))
  }
}

export const RESTORE = 'Restore the file from a backup; deleting the topics it holds also helps'

async function closeQuietly(handle: Handle): Promise<void> {
  await handle.opened.then(opened => opened.close()).catch(() => {})
}
