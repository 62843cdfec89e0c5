import type { Logger } from '../../lib/logger.ts'
import { limits } from '../../limits/limits.ts'
import { DiskError, type DiskFile } from '../../platform/disk.ts'
import type { Platform } from '../../platform/platform.ts'
import { ChainRoom, FILE_BYTES_MIN } from './chain-room.ts'
import { encodeFileHeader } from './slot-format.ts'
import { type SpareFile, SpareFiles } from './spare-files.ts'
import { ZeroFill } from './zero-fill.ts'

const MiB = 1024 * 1024
/** A new folder begins small, so that an empty broker is there at once; then files grow. */
const GROWTH = [4 * MiB, 32 * MiB]
const RESERVE_NAME = 'reserve.spare'
const RESERVE_BYTES_MAX = 4 * MiB
/** In files that are smaller than usual slots are large earlier. */
const LARGE_SLOTS_A_FILE = 12
/** A file nobody saw coming is filled so far before it is used. */
const HASTY_FILL_BYTES = 4 * MiB

type Blocks = { readonly path: string; readonly file: DiskFile; readonly roomBytes: number }

export type ChainFile = {
  readonly number: number
  readonly path: string
  readonly file: DiskFile
  /** Slots go up to here; behind what is in the file by now they make it grow. */
  readonly roomBytes: number
}
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
 * Makes chain files ready to be written: the header written; the name durable. A file gets its name
 * after its header, so a chain file without a good one is always damage. It is filled with zeros
 * where room is scarce, so that there is some when it is needed, and for small slots: their syncs
 * need not wait for the file system's own journal then. Large ones make the file grow, which costs
 * them less than as many zeros.
 */
export class ChainFiles {
  readonly #platform: Platform
  readonly #folder: string
  readonly #incarnation: Incarnation
  readonly #logger: Logger
  readonly #fileBytes: number
  readonly #spares: SpareFiles
  readonly #reserveBytes: number
  readonly #room: ChainRoom
  #next: number
  #made = 0
  #reserve: SpareFile | null = null
  #isSettingAside = false
  #isClosing = false
  #settingAside: Promise<void> = Promise.resolve()
  #ahead: Promise<ChainFile> | null = null
  /** How far the next file may be by now, from 0 to 1: to have the room, and for small slots. */
  #shareForRoom = 1
  #shareForSmall = 0
  /** Of the next file. */
  #fill: ZeroFill | null = null
  #isFillForRoom = false
  #reserveFill: ZeroFill | null = null

  constructor(parts: {
    platform: Platform
    folder: string
    incarnation: Incarnation
    logger: Logger
    fileBytes: number
    next: number
    spares: readonly SpareFile[]
    sparesKeptMs?: number | undefined
    /** Bytes of chain files that are there already: a used folder does not begin small again. */
    usedBytes: number
    live: readonly { readonly number: number; readonly roomBytes: number }[]
  }) {
    this.#platform = parts.platform
    this.#folder = parts.folder
    this.#incarnation = parts.incarnation
    this.#logger = parts.logger
    this.#fileBytes = parts.fileBytes
    this.#reserveBytes = Math.min(RESERVE_BYTES_MAX, parts.fileBytes)
    this.#next = parts.next
    const { platform, folder, logger, fileBytes, live, spares, sparesKeptMs: keptMs } = parts
    const found = spares.filter(spare => !spare.path.endsWith(RESERVE_NAME))
    this.#spares = new SpareFiles({ platform, logger, found, keptMs })
    this.#reserve = spares.find(spare => spare.path.endsWith(RESERVE_NAME)) ?? null
    this.#room = new ChainRoom({ disk: platform.disk, folder, fileBytes, live })
    this.#made = GROWTH.filter(bytes => parts.usedBytes >= bytes).length
  }

  /** Slots that are usually so large make files grow: there may be no zeros under them. */
  get largeSlotBytes(): number {
    return Math.min(limits.growingSlotBytesMin, this.#fileBytes / LARGE_SLOTS_A_FILE)
  }

  /** The next file, prepared ahead or made now; of the reserve only when that is asked for. */
  async take(mayUseReserve: boolean): Promise<ChainFile> {
    const ahead = this.#ahead
    this.#ahead = null
    this.#fillOn(1, 0)
    // If that failed there may be room by now, and if not the caller is to know.
    const file = (await ahead?.catch(() => null)) ?? (await this.#makeInHaste(mayUseReserve))
    await this.#stopFilling()
    return file
  }

  /** Nothing more is written to this file: what it might have grown by is free. */
  left(number: number): void {
    this.#room.stopGrowing(number)
  }

  /** The next file is there, and nothing of it is left to be filled. */
  get isFilledAhead(): boolean {
    return this.#ahead !== null && this.#fill !== null && this.#fill.isWhole
  }

  /**
   * True once a file is prepared and the reserve is there. The reserve is what a full disk is
   * survived with: what was accepted goes there, then what makes room (retention, deleted topics).
   */
  async makeRoom(): Promise<boolean> {
    try {
      await this.#setAside()
      this.#fillOn(1, 0)
      this.#ahead ??= this.#makeAhead()
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
   * Makes the next file, and fills it in step with the one that is written to: the disk is asked
   * for no more than is needed. `share` is how far it may be, from 0 to 1: if it is not for small
   * slots, only where room is scarce.
   */
  prepareAhead(share: number, isForSmall: boolean): void {
    const shareForSmall = isForSmall ? share : 0
    if (this.#ahead !== null) return this.#fillOn(share, shareForSmall)
    this.#shareForRoom = share
    this.#shareForSmall = shareForSmall
    this.#ahead = this.#makeAhead()
    this.#ahead.catch(thrown => {
      if (this.#isClosing) return
      this.#logger.warn({ error: String(thrown) }, 'the next chain file could not be prepared yet')
    })
  }

  /** Keeps the file's blocks for a later chain file, or gives them back when there are enough. */
  async recycle(number: number, sizeBytes: number): Promise<void> {
    const path = `${this.#folder}/${chainFileName(number)}`
    this.#room.delete(number)
    if (sizeBytes < this.#fileBytes / 2 || !(await this.#isSpareWelcome())) {
      await this.#platform.disk.remove(path)
      return
    }
    const spare = `${this.#folder}/${spareFileName(number)}`
    await this.#platform.disk.rename(path, spare)
    // Before its header is written anew, or a crash could leave a new header under the old name.
    await this.#platform.disk.syncFolder(this.#folder)
    this.#spares.add({ path: spare, sizeBytes })
  }

  async close(): Promise<void> {
    this.#isClosing = true
    this.#fill?.stop()
    this.#reserveFill?.stop()
    const ahead = this.#ahead
    this.#ahead = null
    await this.#settingAside
    const made = await ahead?.catch(() => undefined)
    await this.#stopFilling()
    await made?.file.close()
    await this.#spares.close()
  }

  #makeAhead(): Promise<ChainFile> {
    const ahead = this.#make(false).then(made => {
      if (this.#ahead === ahead && !this.#isClosing) this.#fillInStep(made)
      return made
    })
    return ahead
  }

  /** Nobody waits for it: what is not filled will grow. */
  #fillInStep({ file, roomBytes }: ChainFile): void {
    this.#isFillForRoom = false
    this.#fill = new ZeroFill(file, roomBytes, this.#shareForSmall)
    this.#fill.ended.catch(() => {})
  }

  async #makeInHaste(mayUseReserve: boolean): Promise<ChainFile> {
    const made = await this.#make(mayUseReserve)
    const fill = new ZeroFill(made.file, Math.min(HASTY_FILL_BYTES, made.roomBytes), 1)
    await fill.ended.catch(() => {})
    return made
  }

  async #make(mayUseReserve: boolean): Promise<ChainFile> {
    const { disk, clock } = this.#platform
    const number = this.#next++
    const path = `${this.#folder}/${chainFileName(number)}`
    const blocks = await this.#blocks(`${this.#folder}/${spareFileName(number)}`, mayUseReserve)
    try {
      const header = { file: number, ...this.#incarnation, createdAt: clock.now() }
      await blocks.file.write([encodeFileHeader(header)], 0)
      await blocks.file.sync()
      await disk.rename(blocks.path, path)
      await disk.syncFolder(this.#folder)
    } catch (thrown) {
      await this.#discard(blocks.path, blocks.file)
      throw thrown
    }
    this.#made++
    this.#spares.movedOn()
    const made = { number, path, file: blocks.file, roomBytes: blocks.roomBytes }
    this.#room.add(made)
    return made
  }

  /** Blocks to write on: used ones if there are any, else new ones, else the reserve. */
  async #blocks(path: string, mayUseReserve: boolean): Promise<Blocks> {
    if (await this.#room.isPlenty(this.#setAsideBytes)) {
      const spare = this.#spares.take()
      if (spare === undefined) return this.#created(path, this.#wantedBytes)
      return this.#opened(spare, Math.max(spare.sizeBytes, this.#fileBytes))
    }
    const spare = await this.#spares.takeLarge(Math.min(FILE_BYTES_MIN, this.#fileBytes))
    if (spare !== undefined) return this.#opened(spare, spare.sizeBytes)
    try {
      const sizeBytes = await this.#room.sizeToMake(this.#wantedBytes, this.#setAsideBytes)
      return await this.#fillForRoom(path, sizeBytes)
    } catch (thrown) {
      if (!mayUseReserve) throw thrown
      const reserve = this.#reserve
      if (reserve === null) return this.#fillReserve(path)
      this.#reserve = null
      return this.#opened(reserve, reserve.sizeBytes)
    }
  }

  #isSpareWelcome(): Promise<boolean> {
    return this.#spares.isWelcome(files => this.#room.isPlenty(this.#setAsideBytes, files))
  }

  get #wantedBytes(): number {
    return Math.min(GROWTH[this.#made] ?? this.#fileBytes, this.#fileBytes)
  }

  /** What is still to be set aside. */
  get #setAsideBytes(): number {
    return this.#reserve === null ? this.#reserveBytes : 0
  }

  async #setAside(): Promise<void> {
    if (this.#reserve !== null || this.#isSettingAside) return
    this.#isSettingAside = true
    try {
      const made = await this.#fillReserve(`${this.#folder}/${RESERVE_NAME}`)
      await made.file.close()
      this.#reserve = { path: made.path, sizeBytes: this.#reserveBytes }
    } finally {
      this.#isSettingAside = false
    }
  }

  async #opened(spare: SpareFile, roomBytes: number): Promise<Blocks> {
    const file = await this.#platform.disk.open(spare.path, 'write')
    return { path: spare.path, file, roomBytes }
  }

  async #created(path: string, roomBytes: number): Promise<Blocks> {
    const { disk } = this.#platform
    await this.#spares.letGo
    await disk.remove(path)
    return { path, file: await disk.open(path, 'create'), roomBytes }
  }

  async #fillForRoom(path: string, sizeBytes: number): Promise<Blocks> {
    return this.#filled(path, sizeBytes, blocks => {
      this.#isFillForRoom = true
      this.#fill = new ZeroFill(blocks.file, sizeBytes, this.#shareForRoom)
      return this.#fill
    })
  }

  #fillReserve(path: string): Promise<Blocks> {
    return this.#filled(path, this.#reserveBytes, blocks => {
      this.#reserveFill = new ZeroFill(blocks.file, blocks.roomBytes, 1)
      return this.#reserveFill
    })
  }

  async #filled(
    path: string,
    sizeBytes: number,
    begin: (blocks: Blocks) => ZeroFill,
  ): Promise<Blocks> {
    await this.#room.check(path, sizeBytes)
    const blocks = await this.#created(path, sizeBytes)
    try {
      if (!this.#isClosing) await begin(blocks).ended
      if (this.#isClosing) throw new DiskError('io', path, 'the store is closing')
      return blocks
    } catch (thrown) {
      await this.#discard(path, blocks.file)
      throw thrown
    }
  }

  /** Never back: whoever waits for the file would wait for producers who may be refused. */
  #fillOn(shareForRoom: number, shareForSmall: number): void {
    this.#shareForRoom = Math.max(this.#shareForRoom, shareForRoom)
    this.#shareForSmall = Math.max(this.#shareForSmall, shareForSmall)
    this.#fill?.upTo(this.#isFillForRoom ? this.#shareForRoom : this.#shareForSmall)
  }

  async #stopFilling(): Promise<void> {
    const fill = this.#fill
    this.#fill = null
    fill?.stop()
    await fill?.ended.catch(() => {})
  }

  async #discard(path: string, file: DiskFile): Promise<void> {
    await file.close().catch(() => {})
    await this.#platform.disk.remove(path).catch(() => {})
  }
}
