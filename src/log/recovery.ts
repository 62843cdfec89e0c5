import type { Logger } from '../lib/logger.ts'
import type { Disk, DiskFile } from '../platform/disk.ts'
import type { Catalogue } from './catalogue.ts'
import {
  ChainScan,
  type FoundFile,
  HEADER_BYTES,
  type LiveFile,
  type ScannedSlot,
  SlotTable,
  type SpareFile,
  chainFileName,
  isSpareName,
  openChainFiles,
  readIndex,
  type tailAction,
} from './chain/index.ts'
import type { Checkpoint, Checkpoints } from './checkpoint/index.ts'
import type { Machines } from './machines.ts'
import { DamagedStoreError } from './store.ts'
import { decodeStoreEvent } from './store-events.ts'

const RESTORE = 'Restore the folder from a copy, or start with an empty one.'

export type Recovered = {
  readonly next: number
  readonly previousCrc: number
  /** Of the process that opens the store now. */
  readonly epoch: number
  readonly table: SlotTable
  readonly live: readonly LiveFile[]
  readonly spares: readonly SpareFile[]
  readonly nextFile: number
  readonly usedBytes: number
  readonly segmentedBelow: number
}

type FoundCheckpoint = Checkpoint & { readonly path: string }

/** Rebuilds all state: the newest checkpoint, then every slot since. */
export class Recovery {
  readonly #disk: Disk
  readonly #folder: string
  readonly #catalogue: Catalogue
  readonly #machines: Machines
  readonly #logger: Logger
  readonly #decide: typeof tailAction
  /** Chain files that would stay open if nobody closed them. */
  readonly #open = new Set<DiskFile>()
  #table: SlotTable | null = null
  #checkpointSlot = 0
  #indexFrom = 0

  constructor(parts: {
    disk: Disk
    /** Of the chain files. */
    folder: string
    catalogue: Catalogue
    machines: Machines
    logger: Logger
    decide: typeof tailAction
  }) {
    this.#disk = parts.disk
    this.#folder = parts.folder
    this.#catalogue = parts.catalogue
    this.#machines = parts.machines
    this.#logger = parts.logger
    this.#decide = parts.decide
  }

  /** When it fails, nothing stays open. */
  async run(checkpoints: Checkpoints): Promise<Recovered> {
    try {
      return await this.#run(checkpoints)
    } catch (thrown) {
      for (const file of this.#open) await file.close()
      throw thrown
    }
  }

  async #run(checkpoints: Checkpoints): Promise<Recovered> {
    const files = await openChainFiles(this.#disk, this.#folder, this.#open)
    const found = await this.#choose(checkpoints, files)
    if (found !== undefined) await this.#restore(checkpoints, found)
    const scan = new ChainScan({
      files,
      provenBelow: this.#checkpointSlot,
      visit: slot => this.#visit(slot),
      decide: this.#decide,
    })
    const end = await scan.run(this.#indexFrom)
    if (end.next < this.#checkpointSlot) throw this.#missing(end.next)
    if (end.cut !== null) {
      this.#logger.warn({ ...end.cut, slot: end.next }, 'cut a slot that was torn by a crash')
    }
    await this.#syncNewest(files)
    for (const log of this.#catalogue.logs()) log.confirmedEnd = log.endOffset
    return this.#result(files, end.next, end.lastCrc)
  }

  async #result(
    files: readonly FoundFile[],
    next: number,
    previousCrc: number,
  ): Promise<Recovered> {
    const spares = await this.#collectSpares(files)
    const live = files.filter(file => file.firstSlot !== null).map(liveFile)
    return {
      next,
      previousCrc,
      epoch: 1 + Math.max(0, ...files.map(file => file.header.epoch)),
      table: this.#table ?? new SlotTable(next),
      live,
      spares,
      nextFile: 1 + Math.max(0, ...files.map(file => file.number)),
      usedBytes: live.reduce((sum, file) => sum + file.filledBytes, 0),
      segmentedBelow: this.#indexFrom,
    }
  }

  /** Machines the checkpoint does not know begin empty; it may know some that are no more. */
  async #restore(checkpoints: Checkpoints, found: FoundCheckpoint): Promise<void> {
    this.#catalogue.restore(found)
    for (const name of this.#machines.names)
      await checkpoints.restore(found, name, piece => this.#machines.restore(name, piece))
    this.#checkpointSlot = found.slot
    this.#indexFrom = found.segmentedBelow
  }

  /** The newest checkpoint; an older one only where the chain still tells what came after it. */
  async #choose(
    checkpoints: Checkpoints,
    files: readonly FoundFile[],
  ): Promise<FoundCheckpoint | undefined> {
    let damaged: string | null = null
    for await (const { path, checkpoint } of checkpoints.newestFirst()) {
      if (checkpoint !== undefined && (damaged === null || covers(files, checkpoint)))
        return { path, ...checkpoint }
      damaged ??= path
      this.#logger.warn({ path }, 'a checkpoint is damaged: trying the one before')
    }
    if (damaged === null || covers(files, { segmentedBelow: 0 })) return undefined
    throw new DamagedStoreError(damaged, 0, 'the checkpoint is damaged', RESTORE)
  }

  #visit(slot: ScannedSlot): void {
    const { header, position, file } = slot
    this.#table ??= new SlotTable(header.slot)
    this.#table.push(
      header.slot,
      file,
      position,
      HEADER_BYTES + header.indexBytes,
      header.bodyBytes,
    )
    if (header.slot < this.#indexFrom) return
    if (header.slot < this.#checkpointSlot) this.#index(slot)
    else this.#replay(slot)
  }

  /** The checkpoint has the state; only where the batches lie is still to be learnt. */
  #index(slot: ScannedSlot): void {
    for (const entry of readIndex(slot.index)) {
      if (entry.kind !== 'batch') continue
      const log = this.#catalogue.log(entry.log)
      if (log === undefined || entry.summary.lastOffset < log.startOffset) continue
      log.push(entry.summary, slot.header.slot, entry.bodyPosition, null)
    }
  }

  #replay(slot: ScannedSlot): void {
    for (const entry of readIndex(slot.index)) {
      if (entry.kind === 'store') this.#catalogue.evolve(decodeStoreEvent(entry.event))
      else if (entry.kind === 'machine') this.#machines.evolve(entry.machine, entry.event)
      else {
        const log = this.#catalogue.log(entry.log)
        if (log === undefined) throw this.#strange(slot, `log ${entry.log} is not known`)
        if (log.endOffset !== entry.summary.baseOffset)
          throw this.#strange(slot, `log ${log.id} ends at ${log.endOffset}`)
        log.push(entry.summary, slot.header.slot, entry.bodyPosition, null)
        this.#machines.appended(entry.log, entry.summary)
      }
    }
  }

  /** What was read may only be in the system's cache: everything from now on builds upon it. */
  async #syncNewest(files: readonly FoundFile[]): Promise<void> {
    const newest = files.findLast(file => file.firstSlot !== null)
    if (newest === undefined) return
    const file = await this.#disk.open(newest.path, 'write')
    try {
      await file.sync()
    } finally {
      await file.close()
    }
  }

  /** Prepared files that got no slot are used again: their headers name a process that is gone. */
  async #collectSpares(files: readonly FoundFile[]): Promise<SpareFile[]> {
    const unused = files.filter(file => file.firstSlot === null)
    for (const { path, file } of unused) {
      this.#open.delete(file)
      await file.close()
      await this.#disk.rename(path, path.replace(/\.chain$/, '.spare'))
    }
    if (unused.length > 0) await this.#disk.syncFolder(this.#folder)
    const spares: SpareFile[] = []
    for (const name of (await this.#disk.list(this.#folder)).filter(isSpareName)) {
      const path = `${this.#folder}/${name}`
      const file = await this.#disk.open(path, 'read')
      spares.push({ path, sizeBytes: file.sizeBytes })
      await file.close()
    }
    return spares
  }

  #missing(next: number): DamagedStoreError {
    const damage = `slots ${next} to ${this.#checkpointSlot - 1} are missing`
    return new DamagedStoreError(`${this.#folder}/${chainFileName(0)}`, 0, damage, RESTORE)
  }

  #strange(slot: ScannedSlot, why: string): DamagedStoreError {
    const path = `${this.#folder}/${chainFileName(slot.file)}`
    const damage = `slot ${slot.header.slot} does not fit what came before: ${why}`
    return new DamagedStoreError(path, slot.position, damage, RESTORE)
  }
}

const covers = (
  files: readonly FoundFile[],
  checkpoint: { readonly segmentedBelow: number },
): boolean =>
  files.some(file => file.firstSlot !== null && file.firstSlot <= checkpoint.segmentedBelow)

const liveFile = ({ number, path, file, firstSlot }: FoundFile): LiveFile => ({
  number,
  path,
  roomBytes: file.sizeBytes,
  filledBytes: file.sizeBytes,
  firstSlot: firstSlot!,
  file,
  readers: 0,
})
