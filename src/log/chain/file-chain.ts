import { assert } from '../../lib/assert.ts'
import type { Logger } from '../../lib/logger.ts'
import { DiskError, type DiskFile } from '../../platform/disk.ts'
import type { Platform } from '../../platform/platform.ts'
import type { Extent } from '../internals.ts'
import { DamagedStoreError } from '../store.ts'
import type { Chain } from './chain.ts'
import type { ChainFile, ChainFiles, Incarnation } from './chain-files.ts'
import type { ClosedSlot } from './forming-slot.ts'
import { DiskPace } from './disk-pace.ts'
import { BLOCK_BYTES, headerCrcOf, paddedBytes, writeSlotHeader } from './slot-format.ts'
import { SlotSpan } from './slot-span.ts'
import type { SlotTable } from './slot-table.ts'

const PADDING = Buffer.alloc(BLOCK_BYTES)
/** What is usual is what so many slots are on average, those of before counting less and less. */
const USUAL_OF_SLOTS = 8

/** A file that holds slots, written by this process or found at the start. */
export type LiveFile = {
  readonly number: number
  readonly path: string
  /** Slots go up to here. */
  readonly roomBytes: number
  /** It was so long when it was begun: a sync of what makes it grow takes longer. */
  readonly filledBytes: number
  /** Its first slot; the slot it would hold next when it has none. */
  readonly firstSlot: number
  file: DiskFile | null
  readers: number
}

/** The chain in files of one folder: see docs/formats/slot.md. */
export class FileChain implements Chain {
  readonly #platform: Platform
  readonly #files: ChainFiles
  readonly #incarnation: Incarnation
  readonly #table: SlotTable
  readonly #logger: Logger
  /** In order of their numbers; the last is written to, if this process has begun one. */
  readonly #live: LiveFile[]
  #current: LiveFile | null = null
  #position = 0
  /** After a failure: what was accepted may use the room set aside. */
  #isMovedOn = false
  #previousCrc: number
  /** Of slots lately, in bytes. */
  #usualBytes = 0
  readonly #pace = new DiskPace()
  #syncedCrc: number
  #syncedBelow: number

  constructor(parts: {
    platform: Platform
    files: ChainFiles
    incarnation: Incarnation
    table: SlotTable
    logger: Logger
    live: readonly LiveFile[]
    previousCrc: number
  }) {
    this.#platform = parts.platform
    this.#files = parts.files
    this.#incarnation = parts.incarnation
    this.#table = parts.table
    this.#logger = parts.logger
    this.#live = [...parts.live]
    this.#previousCrc = parts.previousCrc
    this.#syncedCrc = parts.previousCrc
    this.#syncedBelow = parts.table.next
  }

  get closedBelow(): number {
    return this.#current?.firstSlot ?? this.#table.next
  }

  async write(slot: ClosedSlot): Promise<void> {
    const sizeBytes = slotBytes(slot)
    const current = await this.#roomFor(sizeBytes)
    await this.#fileOf(current).write(this.#laidOut(slot, sizeBytes, current), this.#position)
    this.#wrote(slot, sizeBytes, current)
  }

  writeNow(slot: ClosedSlot, isSynced: boolean): boolean {
    const current = this.#current
    const sizeBytes = slotBytes(slot)
    if (current === null || !this.#hasRoom(current, sizeBytes)) return false
    if (!this.#pace.isWaitingCheap()) return false
    const { clock } = this.#platform
    const begun = clock.elapsed()
    const buffers = this.#laidOut(slot, sizeBytes, current)
    this.#fileOf(current).writeNow(buffers, this.#position, isSynced)
    this.#wrote(slot, sizeBytes, current)
    if (isSynced) this.#synced(this.#previousCrc, this.#table.next)
    this.#pace.waited(clock.elapsed() - begun)
    return true
  }

  /** What goes to the disk: header and index, batches, and nothing up to the next block. */
  #laidOut(slot: ClosedSlot, sizeBytes: number, current: LiveFile): Uint8Array[] {
    const { front, body } = slot
    const bodyBytes = body.sizeBytes
    const header = {
      kind: slot.kind,
      ...this.#incarnation,
      slot: slot.number,
      file: current.number,
      syncedBelow: this.#syncedBelow,
      previousCrc: this.#previousCrc,
      indexBytes: slot.indexBytes,
      indexCount: slot.indexCount,
      indexCrc: slot.indexCrc,
      bodyBytes,
      createdAt: this.#platform.clock.now(),
    }
    writeSlotHeader(front, header)
    const paddingBytes = sizeBytes - front.length - bodyBytes
    const buffers = [front, ...body.chunks(), PADDING.subarray(0, paddingBytes)]
    if (paddingBytes === 0) buffers.pop()
    return buffers
  }

  #wrote({ number, front, body }: ClosedSlot, sizeBytes: number, current: LiveFile): void {
    this.#table.push(number, current.number, this.#position, front.length, body.sizeBytes)
    this.#position += sizeBytes
    this.#previousCrc = headerCrcOf(front)
    this.#usualBytes += (sizeBytes - this.#usualBytes) / USUAL_OF_SLOTS
    this.#prepareAhead(current)
  }

  async sync(): Promise<void> {
    if (this.#current === null) return
    const crc = this.#previousCrc
    const syncedBelow = this.#table.next
    await this.#fileOf(this.#current).sync()
    this.#synced(crc, syncedBelow)
  }

  #synced(crc: number, below: number): void {
    this.#syncedCrc = crc
    this.#syncedBelow = below
  }

  moveOn(): number {
    this.#table.cutFrom(this.#syncedBelow)
    this.#previousCrc = this.#syncedCrc
    if (this.#current !== null) this.#files.left(this.#current.number)
    this.#current = null
    this.#isMovedOn = true
    return this.#syncedBelow
  }

  readBody(slot: number, position: number, length: number, into?: Buffer): Promise<Buffer> {
    const at = this.#table.position(slot) + this.#table.frontBytes(slot) + position
    return this.#read(this.#table.file(slot), at, length, into)
  }

  readBodyNow(slot: number, position: number, length: number): Buffer {
    const at = this.#table.position(slot) + this.#table.frontBytes(slot) + position
    const { path } = this.#liveFile(this.#table.file(slot))
    return whole(this.#platform.disk.readNow(path, at, length), length, { path, at })
  }

  async readSpan(from: number, to: number, into: Buffer): Promise<SlotSpan> {
    const table = this.#table
    const file = table.file(from)
    const start = table.position(from)
    const bodies: number[] = []
    let length = 0
    for (let slot = from; slot < to && table.file(slot) === file; slot++) {
      const end = length + this.footprintBytes(slot)
      if (slot > from && end > into.length) break
      bodies.push(table.position(slot) - start + table.frontBytes(slot))
      length = end
    }
    const bytes = await this.#read(file, start, length, length <= into.length ? into : undefined)
    return new SlotSpan(from, bytes, bodies)
  }

  async #read(number: number, at: number, length: number, into?: Buffer): Promise<Buffer> {
    const live = this.#liveFile(number)
    live.readers++ // Keeps the file from being recycled under the read.
    try {
      live.file ??= await this.#opened(live)
      return whole(await live.file.read(at, length, into), length, { path: live.path, at })
    } finally {
      live.readers--
    }
  }

  #liveFile(number: number): LiveFile {
    const live = this.#live.find(candidate => candidate.number === number)
    assert(live !== undefined, 'a slot of the table has its file')
    return live
  }

  footprintBytes(slot: number): number {
    return this.#table.footprintBytes(slot, slot + 1)
  }

  extent(from: number, to: number): Extent {
    const bytes = this.#table.footprintBytes(from, to)
    return { bytes, indexBytes: this.#table.frontsBytes(from, to) }
  }

  place(slot: number): { path: string; position: number } {
    const number = this.#table.file(slot)
    const live = this.#live.find(candidate => candidate.number === number)
    return { path: live?.path ?? 'a chain file', position: this.#table.position(slot) }
  }

  /** Files that only hold slots below `slot` are used again for new slots, or removed. */
  async forgetBelow(slot: number): Promise<void> {
    while (this.#live.length > 1 && this.#live[1]!.firstSlot <= slot) {
      const oldest = this.#live[0]!
      if (oldest === this.#current || oldest.readers > 0) break
      // Only now its slots leave the table: a reader that came before found them.
      this.#table.forgetBelow(this.#live[1]!.firstSlot)
      this.#live.shift()
      await oldest.file?.close()
      await this.#files.recycle(oldest.number, oldest.file?.sizeBytes ?? oldest.filledBytes)
    }
  }

  async makeRoom(): Promise<boolean> {
    const hasRoom = await this.#files.makeRoom()
    if (hasRoom) this.#isMovedOn = false
    return hasRoom
  }

  async close(): Promise<void> {
    for (const live of this.#live) await live.file?.close()
    await this.#files.close()
  }

  async #roomFor(sizeBytes: number): Promise<LiveFile> {
    const current = this.#current
    if (current !== null) {
      if (this.#hasRoom(current, sizeBytes)) return current
      if (this.#position === BLOCK_BYTES) return current // Too large for any file: it grows.
      await this.sync() // Later syncs reach the new file only.
      this.#files.left(current.number)
    }
    return this.#begin(await this.#files.take(this.#isMovedOn))
  }

  /** Where there is better room ahead for slots as they come by now, the file is left as it is. */
  #hasRoom(current: LiveFile, sizeBytes: number): boolean {
    const end = this.#position + sizeBytes
    if (end <= current.filledBytes) return true
    return end <= current.roomBytes && (this.#isGrowing || !this.#files.isFilledAhead)
  }

  /** Ready when this one is three quarters full, since bursts do not wait. */
  #prepareAhead({ roomBytes, filledBytes }: LiveFile): void {
    const share = this.#position / (this.#isGrowing ? roomBytes : filledBytes)
    if (share <= 1 / 4) return
    this.#files.prepareAhead(Math.min(2 * (share - 1 / 4), 1), !this.#isGrowing)
  }

  /** Slots are so large that they do without zeros under them. */
  get #isGrowing(): boolean {
    return this.#usualBytes >= this.#files.largeSlotBytes
  }

  #begin({ number, path, file, roomBytes }: ChainFile): LiveFile {
    const begun = {
      number,
      path,
      roomBytes,
      filledBytes: file.sizeBytes,
      firstSlot: this.#table.next,
      file,
      readers: 0,
    }
    this.#live.push(begun)
    this.#current = begun
    this.#position = BLOCK_BYTES
    this.#files.setAsideSoon()
    this.#logger.debug({ path, firstSlot: begun.firstSlot }, 'began a chain file')
    return begun
  }

  /** Two readers may open the file at once: the second descriptor is closed again. */
  async #opened(live: LiveFile): Promise<DiskFile> {
    const file = await this.#platform.disk.open(live.path, 'read')
    if (live.file === null) return file
    await file.close()
    return live.file
  }

  #fileOf(live: LiveFile): DiskFile {
    if (live.file === null) throw new DiskError('io', live.path, `${live.path} is closed`)
    return live.file
  }
}

/** What the slot takes in its file. */
function slotBytes({ front, body }: ClosedSlot): number {
  return paddedBytes(front.length + body.sizeBytes)
}

function whole(bytes: Buffer, length: number, place: { path: string; at: number }): Buffer {
  if (bytes.length === length) return bytes
  const remedy = 'Restore the folder from a copy; "sabir log check" tells what else is damaged.'
  throw new DamagedStoreError(place.path, place.at, 'the file ends within a slot', remedy)
}
