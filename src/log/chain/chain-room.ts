import { type Disk, DiskError, type DiskFile } from '../../platform/disk.ts'
import { BLOCK_BYTES } from './slot-format.ts'

const MiB = 1024 * 1024
/** Where room gets short files get smaller, down to this: a full disk is then really full. */
export const FILE_BYTES_MIN = 4 * MiB
/** With so many times a file's room it need not be taken before there is something to write. */
const FILES_OF_PLENTY = 8

type Growing = { readonly number: number; readonly file: DiskFile; readonly roomBytes: number }

/**
 * What room there is for chain files. So much stays free that the largest of them can be rewritten
 * to segments: on a disk filled to the brim nothing could be made room by.
 */
export class ChainRoom {
  readonly #disk: Disk
  readonly #folder: string
  readonly #fileBytes: number
  /** By number, of all chain files that are there: what they are, or may become. */
  readonly #roomBytes: Map<number, number>
  /** Files that are written to or will be next: what they may grow by is promised to them. */
  #growing: Growing[] = []

  constructor(parts: {
    disk: Disk
    folder: string
    fileBytes: number
    live: readonly { readonly number: number; readonly roomBytes: number }[]
  }) {
    this.#disk = parts.disk
    this.#folder = parts.folder
    this.#fileBytes = parts.fileBytes
    this.#roomBytes = new Map(parts.live.map(({ number, roomBytes }) => [number, roomBytes]))
  }

  /** A file is there. */
  add(made: Growing): void {
    this.#roomBytes.set(made.number, made.roomBytes)
    this.#growing.push(made)
  }

  /** Nothing more is written to this file: it is as large as it became. */
  stopGrowing(number: number): void {
    const index = this.#growing.findIndex(growing => growing.number === number)
    if (index < 0) return
    const [{ file }] = this.#growing.splice(index, 1) as [Growing]
    this.#roomBytes.set(number, file.sizeBytes)
  }

  delete(number: number): void {
    this.stopGrowing(number)
    this.#roomBytes.delete(number)
  }

  /** For so many files. `setAsideBytes`: what is still to be set aside for a full disk. */
  async isPlenty(setAsideBytes: number, files = 1): Promise<boolean> {
    const roomBytes = (await this.#freeBytes()) - this.#keptBytes(setAsideBytes)
    return roomBytes >= files * FILES_OF_PLENTY * this.#fileBytes
  }

  /** Of a file that takes all its room when it is made: as wanted, less where room gets short. */
  async sizeToMake(wanted: number, setAsideBytes: number): Promise<number> {
    const least = Math.min(wanted, FILE_BYTES_MIN)
    const keptBytes = this.#keptBytes(setAsideBytes)
    const freeBytes = await this.#freeBytes()
    const roomBytes = freeBytes - keptBytes
    if (roomBytes >= 2 * wanted) return wanted
    if (roomBytes >= least) return Math.max(least, Math.floor(roomBytes / 2 / MiB) * MiB)
    const message =
      `cannot make a chain file in ${this.#folder}: ${least} bytes needed, ` +
      `${freeBytes} free, of which ${keptBytes} are kept for making room`
    throw new DiskError('full', this.#folder, message)
  }

  /** Asking first spares a full disk from being filled to the last byte and emptied again. */
  async check(path: string, sizeBytes: number): Promise<void> {
    const freeBytes = await this.#freeBytes()
    if (freeBytes >= sizeBytes + BLOCK_BYTES) return
    const message = `cannot write ${path}: ${sizeBytes} bytes needed, ${freeBytes} free`
    throw new DiskError('full', path, message)
  }

  #keptBytes(setAsideBytes: number): number {
    const largestBytes = Math.max(0, ...this.#roomBytes.values())
    // A sixteenth more for indexes, and for a margin.
    return Math.ceil(largestBytes * (1 + 1 / 16)) + setAsideBytes
  }

  async #freeBytes(): Promise<number> {
    let promisedBytes = 0
    for (const { file, roomBytes } of this.#growing)
      promisedBytes += Math.max(0, roomBytes - file.sizeBytes)
    return (await this.#disk.freeBytes(this.#folder)) - promisedBytes
  }
}
