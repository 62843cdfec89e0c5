import type { Disk } from '../../platform/disk.ts'
import { type Checkpoint, decodeCheckpoint } from './checkpoint-format.ts'

const KEPT_COUNT = 2

export type CheckpointFile = { readonly path: string; readonly checkpoint: Checkpoint | undefined }

const nameOf = (slot: number): string => `${String(slot).padStart(16, '0')}.checkpoint`

/** The checkpoint files of a folder. The two newest are kept. */
export class Checkpoints {
  readonly #disk: Disk
  readonly #folder: string

  constructor(disk: Disk, folder: string) {
    this.#disk = disk
    this.#folder = folder
  }

  /** Newest first. A damaged one has no content. */
  async *newestFirst(): AsyncGenerator<CheckpointFile> {
    const names = await this.#disk.list(this.#folder)
    for (const name of names.filter(isCheckpoint).reverse()) {
      const path = `${this.#folder}/${name}`
      const file = await this.#disk.open(path, 'read')
      try {
        yield { path, checkpoint: decodeCheckpoint(await file.read(0, file.sizeBytes)) }
      } finally {
        await file.close()
      }
    }
  }

  /** Durable when it returns. Older ones but one are removed then. */
  async write(slot: number, bytes: Buffer): Promise<void> {
    const path = `${this.#folder}/${nameOf(slot)}`
    const draft = `${path}.draft`
    await this.#disk.remove(draft)
    const file = await this.#disk.open(draft, 'create')
    try {
      await file.write([bytes], 0)
      await file.sync()
    } finally {
      await file.close()
    }
    await this.#disk.rename(draft, path)
    await this.#disk.syncFolder(this.#folder)
    const names = (await this.#disk.list(this.#folder)).filter(isCheckpoint)
    for (const name of names.slice(0, -KEPT_COUNT)) {
      await this.#disk.remove(`${this.#folder}/${name}`)
    }
  }

  /** What an interrupted write left. */
  async removeDrafts(): Promise<void> {
    for (const name of await this.#disk.list(this.#folder))
      if (name.endsWith('.draft')) await this.#disk.remove(`${this.#folder}/${name}`)
  }
}

const isCheckpoint = (name: string): boolean => /^\d{16}\.checkpoint$/.test(name)
