import type { Logger } from '../../lib/logger.ts'
import { DiskError, type DiskFile } from '../../platform/disk.ts'
import type { Platform } from '../../platform/platform.ts'
import { BLOCK_BYTES, encodeFileHeader } from './slot-format.ts'

const MiB = 1024 * 1024
const ZEROS = Buffer.alloc(MiB)
/** A new folder begins small, so that an empty broker is there at once; then files grow. */
const GROWTH = [4 * MiB, 32 * MiB]
/** What background work leaves behind in a burst; each spares a file from being filled. */
const SPARES_MAX = 4
/** Synced in small steps: one sync of a whole file would keep the disk from producers. */
const FILL_SYNC_BYTES = 4 * MiB
const RESERVE_NAME = 'reserve.spare'
const RESERVE_BYTES_MAX = 4 * MiB
/** Where room gets short files get smaller, down to this: a full disk is then really full. */
const FILE_BYTES_MIN = 4 * MiB

type Blocks = { readonly path: string; readonly file: DiskFile }

export type ChainFile = { readonly number: number; readonly path: string; readonly file: DiskFile }
export type SpareFile = { readonly path: string; readonly sizeBytes: number }
export type Incarnation = { readonly epoch: number; readonly nonce: Buffer }

export const chainFileName = (number: number): string => `${String(number).padStart(10, '0')}.chain`
const spareFileName = (number: number): string => `${String(number).padStart(10, '0')}.spare`

/** The number of a chain file, or undefined for other names. */
export function chainFileNumber(name: string): number | undefined {
  const found = /^(\d{10})\.chain$/.exec(name)
  return found ? Number(found[1]) : undefined
}

export const isSpareName = (name: string): boolean => name.endsWith('.spare')

/**
 * Makes chain files ready to be written: filled with zeros, so that a sync need not wait for the
 * file system's own journal; the header written; the name durable. A file gets its name last, so
 * a chain file without a good header is always damage.
 */
export class ChainFiles {
  readonly #platform: Platform
  readonly #folder: string
  readonly #incarnation: Incarnation
  readonly #logger: Logger
  readonly #fileBytes: number
  readonly #spares: SpareFile[]
  readonly #reserveBytes: number
  readonly #liveBytes: Map<number, number>
  #next: number
  #made = 0
  #reserve: SpareFile | null = null
  #isSettingAside = false
  #isClosing = false
  #settingAside: Promise<void> = Promise.resolve()
  #ahead: Promise<ChainFile> | null = null
  /** How far the next file may be filled by now, from 0 to 1. */
  #fillShare = 1
  #fillOn: (() => void) | null = null

  constructor(parts: {
    platform: Platform
    folder: string
    incarnation: Incarnation
    logger: Logger
    fileBytes: number
    next: number
    spares: readonly SpareFile[]
    /** Bytes of chain files that are there already: a used folder does not begin small again. */
    usedBytes: number
    live: readonly { readonly number: number; readonly sizeBytes: number }[]
  }) {
    this.#platform = parts.platform
    this.#folder = parts.folder
    this.#incarnation = parts.incarnation
    this.#logger = parts.logger
    this.#fileBytes = parts.fileBytes
    this.#reserveBytes = Math.min(RESERVE_BYTES_MAX, parts.fileBytes)
    this.#next = parts.next
    this.#spares = parts.spares.filter(spare => !spare.path.endsWith(RESERVE_NAME))
    this.#reserve = parts.spares.find(spare => spare.path.endsWith(RESERVE_NAME)) ?? null
    this.#liveBytes = new Map(parts.live.map(({ number, sizeBytes }) => [number, sizeBytes]))
    this.#made = GROWTH.filter(bytes => parts.usedBytes >= bytes).length
  }

  /** The next file, prepared ahead or made now; of the reserve only when that is asked for. */
  async take(mayUseReserve: boolean): Promise<ChainFile> {
    const ahead = this.#ahead
    this.#ahead = null
    this.#fillUpTo(1)
    if (ahead !== null) {
      try {
        return await ahead
      } catch {
        // There may be room by now, and if not the caller is to know.
      }
    }
    return this.#make(mayUseReserve)
  }

  /**
   * True once a file is prepared and the reserve is there. The reserve is what a full disk is
   * survived with: what was accepted goes there, then what makes room (retention, deleted topics).
   */
  async makeRoom(): Promise<boolean> {
    try {
      await this.#setAside()
      this.#ahead ??= this.#make(false)
      this.#fillUpTo(1)
      await this.#ahead
      return true
    } catch {
      this.#ahead = null
      return false
    }
  }

  /** In the background, once there is a first file: starting must not wait for it. */
  setAsideSoon(): void {
    this.#settingAside = this.#setAside().catch(thrown => {
      if (this.#isClosing) return
      this.#logger.warn({ error: String(thrown) }, 'no room could be set aside for a full disk')
    })
  }

  /**
   * Fills the next file in step with the one that is written to: the disk is asked for no more than
   * is needed. `share` is how far it may be, from 0 to 1; a file that is taken is filled at once.
   */
  prepareAhead(share: number): void {
    if (this.#ahead !== null) return this.#fillUpTo(share)
    this.#fillShare = share
    this.#ahead = this.#make(false)
    this.#ahead.catch(thrown => {
      if (this.#isClosing) return
      this.#logger.warn({ error: String(thrown) }, 'the next chain file could not be prepared yet')
    })
  }

  /** Keeps the file's blocks for a later chain file, or gives them back when there are enough. */
  async recycle(number: number, sizeBytes: number): Promise<void> {
    const path = `${this.#folder}/${chainFileName(number)}`
    this.#liveBytes.delete(number)
    if (this.#spares.length >= SPARES_MAX || sizeBytes < this.#fileBytes) {
      await this.#platform.disk.remove(path)
      return
    }
    const spare = `${this.#folder}/${spareFileName(number)}`
    await this.#platform.disk.rename(path, spare)
    // Before its header is written anew, or a crash could leave a new header under the old name.
    await this.#platform.disk.syncFolder(this.#folder)
    this.#spares.push({ path: spare, sizeBytes })
  }

  async close(): Promise<void> {
    this.#isClosing = true
    this.#fillUpTo(1)
    const ahead = this.#ahead
    this.#ahead = null
    await this.#settingAside
    const made = await ahead?.catch(() => undefined)
    await made?.file.close()
  }

  async #make(mayUseReserve: boolean): Promise<ChainFile> {
    const { disk, clock } = this.#platform
    const number = this.#next++
    const path = `${this.#folder}/${chainFileName(number)}`
    const file = await this.#blocks(`${this.#folder}/${spareFileName(number)}`, mayUseReserve)
    try {
      const header = { file: number, ...this.#incarnation, createdAt: clock.now() }
      await file.file.write([encodeFileHeader(header)], 0)
      await file.file.sync()
      await disk.rename(file.path, path)
      await disk.syncFolder(this.#folder)
    } catch (thrown) {
      await this.#discard(file.path, file.file)
      throw thrown
    }
    this.#made++
    this.#liveBytes.set(number, file.file.sizeBytes)
    return { number, path, file: file.file }
  }

  /** Blocks to write on: used ones if there are any, else new ones, else the reserve. */
  async #blocks(path: string, mayUseReserve: boolean): Promise<Blocks> {
    const spare = this.#spares.shift()
    if (spare !== undefined) return this.#opened(spare)
    try {
      return await this.#fill(path, await this.#sizeToMake(), true)
    } catch (thrown) {
      if (!mayUseReserve) throw thrown
      const reserve = this.#reserve
      if (reserve === null) return this.#fill(path, this.#reserveBytes, false)
      this.#reserve = null
      return this.#opened(reserve)
    }
  }

  /**
   * As much as is wanted, less where room gets short. So much stays free that the largest chain
   * file can be rewritten to segments: on a disk filled to the brim nothing could be made room by.
   */
  async #sizeToMake(): Promise<number> {
    const wanted = Math.min(GROWTH[this.#made] ?? this.#fileBytes, this.#fileBytes)
    const least = Math.min(wanted, FILE_BYTES_MIN)
    const largestBytes = Math.max(0, ...this.#liveBytes.values())
    // A sixteenth more for indexes, and for a margin.
    const rewriteBytes = Math.ceil(largestBytes * (1 + 1 / 16))
    const keptBytes = rewriteBytes + (this.#reserve === null ? this.#reserveBytes : 0)
    const freeBytes = await this.#platform.disk.freeBytes(this.#folder)
    const roomBytes = freeBytes - keptBytes
    if (roomBytes >= 2 * wanted) return wanted
    if (roomBytes >= least) return Math.max(least, Math.floor(roomBytes / 2 / MiB) * MiB)
    const message =
      `cannot make a chain file in ${this.#folder}: ${least} bytes needed, ` +
      `${freeBytes} free, of which ${keptBytes} are kept for making room`
    throw new DiskError('full', this.#folder, message)
  }

  async #setAside(): Promise<void> {
    if (this.#reserve !== null || this.#isSettingAside) return
    this.#isSettingAside = true
    try {
      const made = await this.#fill(`${this.#folder}/${RESERVE_NAME}`, this.#reserveBytes, false)
      await made.file.close()
      this.#reserve = { path: made.path, sizeBytes: this.#reserveBytes }
    } finally {
      this.#isSettingAside = false
    }
  }

  async #opened(spare: SpareFile): Promise<Blocks> {
    return { path: spare.path, file: await this.#platform.disk.open(spare.path, 'write') }
  }

  async #fill(path: string, sizeBytes: number, isInStep: boolean): Promise<Blocks> {
    const { disk } = this.#platform
    await this.#checkRoom(path, sizeBytes)
    await disk.remove(path)
    const file = await disk.open(path, 'create')
    try {
      for (let position = 0; position < sizeBytes && !this.#isClosing; position += ZEROS.length) {
        while (isInStep && position > this.#fillShare * sizeBytes) await this.#whenFillOn()
        const length = Math.min(ZEROS.length, sizeBytes - position)
        await file.write([ZEROS.subarray(0, length)], position)
        if ((position + length) % FILL_SYNC_BYTES === 0) await file.sync()
      }
      if (this.#isClosing) throw new DiskError('io', path, 'the store is closing')
      await file.sync()
      return { path, file }
    } catch (thrown) {
      await this.#discard(path, file)
      throw thrown
    }
  }

  /** Never back: whoever waits for the file would wait for producers who may be refused. */
  #fillUpTo(share: number): void {
    this.#fillShare = Math.max(this.#fillShare, share)
    const fillOn = this.#fillOn
    this.#fillOn = null
    fillOn?.()
  }

  #whenFillOn(): Promise<void> {
    return new Promise(resolve => {
      this.#fillOn = resolve
    })
  }

  /** Asking first spares a full disk from being filled to the last byte and emptied again. */
  async #checkRoom(path: string, sizeBytes: number): Promise<void> {
    const freeBytes = await this.#platform.disk.freeBytes(this.#folder)
    if (freeBytes >= sizeBytes + BLOCK_BYTES) return
    const message = `cannot write ${path}: ${sizeBytes} bytes needed, ${freeBytes} free`
    throw new DiskError('full', path, message)
  }

  async #discard(path: string, file: DiskFile): Promise<void> {
    await file.close().catch(() => {})
    await this.#platform.disk.remove(path).catch(() => {})
  }
}
