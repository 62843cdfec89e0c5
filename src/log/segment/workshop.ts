import type { Logger } from '../../lib/logger.ts'
import { DiskError } from '../../platform/disk.ts'
import type { Platform } from '../../platform/platform.ts'
import type { SegmentChange, SegmentRef, SegmentSource } from '../internals.ts'
import type { SlotNumber } from '../store.ts'
import { segmentNumber } from './format.ts'
import { CopyRoom } from './copy-room.ts'
import { Pacer } from './pacer.ts'
import type { SegmentReader } from './reader.ts'
import { SegmentWriter } from './writer.ts'

/** Room that background work leaves for those who produce. */
const RESERVED_BYTES = 64 * 1024 * 1024
/** Left by work that gives room back when it is done: without it a full disk would stay full. */
const MARGIN_BYTES = 512 * 1024

export type WorkshopOptions = {
  readonly platform: Platform
  readonly folder: string
  readonly source: SegmentSource
  readonly reader: SegmentReader
  readonly logger: Logger
}

/** `isFreeing`: more room is given back, once the job is done, than it takes. */
export type RoomNeeded = { readonly bytesNeeded: number; readonly isFreeing: boolean }

/** What all background jobs share: the source, the files, their numbers, and good manners. */
export class Workshop {
  readonly platform: Platform
  readonly folder: string
  readonly source: SegmentSource
  readonly reader: SegmentReader
  readonly logger: Logger
  readonly pacer: Pacer
  readonly copyRoom = new CopyRoom()
  /** Segment files that are there and that logs refer to, or did until a moment ago. */
  readonly files = new Set<number>()
  #fileNext = 0
  #isStopped = false

  constructor(options: WorkshopOptions) {
    this.platform = options.platform
    this.folder = options.folder
    this.source = options.source
    this.reader = options.reader
    this.logger = options.logger
    this.pacer = new Pacer(options.platform.clock, options.platform.timers)
  }

  /** Removes what no log names: an interrupted job left it. Numbers go on behind the largest. */
  async open(): Promise<void> {
    await this.platform.disk.makeFolder(this.folder)
    const named = new Set<number>()
    for (const log of this.source.logs()) {
      for (const ref of this.source.segments(log.id)) named.add(ref.file)
    }
    for (const file of named) {
      this.files.add(file)
      this.#fileNext = Math.max(this.#fileNext, file + 1)
    }
    for (const name of await this.platform.disk.list(this.folder)) {
      const file = segmentNumber(name)
      if (file === undefined) continue
      this.#fileNext = Math.max(this.#fileNext, file + 1)
      if (named.has(file)) continue
      this.logger.info({ file: name }, 'removing a segment file that nothing refers to')
      await this.platform.disk.remove(`${this.folder}/${name}`)
    }
  }

  get isStopped(): boolean {
    return this.#isStopped
  }

  /** Jobs end at their next step, and leave things as they were. */
  stop(): void {
    this.#isStopped = true
  }

  /** To be awaited between steps. Throws when the work is to end. */
  pause(): Promise<void> | undefined {
    if (this.#isStopped) throw new StoppedError()
    return this.pacer.pause()
  }

  /**
   * Writes one new file with `fill`, and journals the change it leads to. Whatever fails, or if
   * nothing was written, the file is removed and everything is as it was.
   */
  async replace(
    { bytesNeeded, isFreeing }: RoomNeeded,
    fill: (writer: SegmentWriter) => Promise<readonly SegmentRef[]>,
    segmentedBelow: SlotNumber = this.source.segmentedBelow,
  ): Promise<void> {
    // What moves slots to segments or rescues the living gives back more than it takes.
    await this.#checkRoom(bytesNeeded, isFreeing ? MARGIN_BYTES : RESERVED_BYTES)
    this.copyRoom.startOver() // A job that was given up may have left something.
    const file = this.#fileNext++
    const writer = await SegmentWriter.create(this.platform.disk, this.folder, file)
    let change: SegmentChange
    try {
      const removed = await fill(writer)
      change = { added: await writer.finish(), removed, segmentedBelow }
    } catch (error) {
      await writer.abandon()
      throw error
    }
    this.reader.fresh.add(file, writer.sizeBytes)
    // From here on the outcome of a failure is unknown: then the next start decides about the file.
    await this.source.change(change)
    this.files.add(file)
  }

  /** Of memory, until there is something to do again. */
  letGo(): void {
    this.copyRoom.letGo()
    this.source.letGo()
  }

  /** What a job that gives room back may write. */
  async roomToFree(): Promise<number> {
    return (await this.platform.disk.freeBytes(this.folder)) - MARGIN_BYTES
  }

  async #checkRoom(bytesNeeded: number, keptBytes: number): Promise<void> {
    const free = await this.platform.disk.freeBytes(this.folder)
    if (free - bytesNeeded >= keptBytes) return
    const text = `${free} bytes are free, ${bytesNeeded} and a reserve are needed`
    throw new DiskError('full', this.folder, text)
  }
}

/** Not a failure: the store is being closed. */
export class StoppedError extends Error {
  override readonly name = 'StoppedError'
}
