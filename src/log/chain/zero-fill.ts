import type { DiskFile } from '../../platform/disk.ts'

const MiB = 1024 * 1024
const ZEROS = Buffer.alloc(MiB)
/** Synced in small steps: one sync of a whole file would keep the disk from producers. */
const SYNC_BYTES = 4 * MiB

/**
 * Fills a file with zeros behind what is in it, in step with what it is told: a sync of what is
 * written over them need not wait for the file system's own journal.
 */
export class ZeroFill {
  readonly #file: DiskFile
  readonly #endBytes: number
  #share: number
  #isStopped = false
  #goOn: (() => void) | null = null
  /** It is whole, or was stopped, and does nothing any more. Rejects as the disk does. */
  readonly ended: Promise<void>

  /** `share` is how much of the file may be there by now, from 0 to 1. */
  constructor(file: DiskFile, endBytes: number, share: number) {
    this.#file = file
    this.#endBytes = endBytes
    this.#share = share
    this.ended = this.#run()
  }

  get isWhole(): boolean {
    return this.#file.sizeBytes >= this.#endBytes
  }

  /** Never back: who waits for the file would wait for producers who may be refused. */
  upTo(share: number): void {
    this.#share = Math.max(this.#share, share)
    this.#wake()
  }

  /** Ends it where it is. */
  stop(): void {
    this.#isStopped = true
    this.#wake()
  }

  async #run(): Promise<void> {
    let position = this.#file.sizeBytes
    let unsyncedBytes = 0
    while (!this.#isStopped && position < this.#endBytes) {
      if (position > this.#share * this.#endBytes) {
        await this.#whenWoken()
        continue
      }
      const length = Math.min(ZEROS.length, this.#endBytes - position)
      await this.#file.write([ZEROS.subarray(0, length)], position)
      position += length
      unsyncedBytes += length
      if (unsyncedBytes < SYNC_BYTES && position < this.#endBytes) continue
      await this.#file.sync()
      unsyncedBytes = 0
    }
  }

  #wake(): void {
    const goOn = this.#goOn
    this.#goOn = null
    goOn?.()
  }

  #whenWoken(): Promise<void> {
    return new Promise(resolve => {
      this.#goOn = resolve
    })
  }
}
