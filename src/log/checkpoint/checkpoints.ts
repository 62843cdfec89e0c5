import { crc32c } from '../../lib/crc32c.ts'
import type { Disk, DiskFile } from '../../platform/disk.ts'
import type { Snapshot } from '../store.ts'
import {
  type Checkpoint,
  checkpointHead,
  checkpointTail,
  decodeCheckpoint,
  type EncodedState,
  type PieceSize,
} from './checkpoint-format.ts'

const KEPT_COUNT = 2
/** What is read at once where nothing asks for more. */
const ROOM_BYTES = 1024 * 1024
const CRC_BYTES = 4

export type CheckpointFile = { readonly path: string; readonly checkpoint: Checkpoint | undefined }

/** All state of one moment: snapshots that come in pieces keep to it while they are written. */
export type TakenState = EncodedState & { readonly machines: ReadonlyMap<string, Snapshot> }

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
      yield { path, checkpoint: await this.#reading(path, decoded) }
    }
  }

  /** Gives all pieces of a machine's snapshot, one after the other. Each is lent for the call. */
  async restore(
    { path, pieces }: { readonly path: string; readonly pieces: Checkpoint['pieces'] },
    machine: string,
    restore: (piece: Buffer) => void,
  ): Promise<void> {
    const own = pieces.filter(piece => piece.machine === machine)
    if (own.length === 0) return
    await this.#reading(path, async file => {
      const room = Buffer.allocUnsafeSlow(ROOM_BYTES)
      for (const { position, bytes } of own)
        restore(await file.read(position, bytes, bytes <= ROOM_BYTES ? room : undefined))
    })
  }

  /**
   * Writes and syncs it under a name that means nothing yet, or gives it up. Returns its size in
   * bytes.
   */
  async writeDraft(state: TakenState): Promise<number> {
    try {
      await this.removeDrafts()
      const file = await this.#disk.open(this.#draftOf(state.description.slot), 'create')
      try {
        return await writeState(file, state)
      } finally {
        await file.close()
      }
    } catch (thrown) {
      // It may be what fills the disk. Where that fails, too, the next one tries it again.
      await this.removeDrafts().catch(() => {})
      throw thrown
    } finally {
      for (const snapshot of state.machines.values())
        if (!Buffer.isBuffer(snapshot)) snapshot.return()
    }
  }

  /** What was written as a draft is a checkpoint, durably. Older ones but one are removed. */
  async publish(slot: number): Promise<void> {
    await this.#disk.rename(this.#draftOf(slot), `${this.#folder}/${nameOf(slot)}`)
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

  #draftOf(slot: number): string {
    return `${this.#folder}/${nameOf(slot)}.draft`
  }

  async #reading<Answer>(path: string, read: (file: DiskFile) => Promise<Answer>): Promise<Answer> {
    const file = await this.#disk.open(path, 'read')
    try {
      return await read(file)
    } finally {
      await file.close()
    }
  }
}

const isCheckpoint = (name: string): boolean => /^\d{16}\.checkpoint$/.test(name)

async function writeState(file: DiskFile, state: TakenState): Promise<number> {
  const writer = new Writer(file)
  await writer.write(checkpointHead())
  const sizes = await writePieces(writer, state.machines)
  await writer.write(checkpointTail(state, sizes))
  await writer.writeChecksum()
  await file.sync()
  return writer.sizeBytes
}

async function writePieces(
  writer: Writer,
  machines: ReadonlyMap<string, Snapshot>,
): Promise<PieceSize[]> {
  const sizes: PieceSize[] = []
  for (const [name, snapshot] of machines) {
    for (const pieces of Buffer.isBuffer(snapshot) ? [[snapshot]] : snapshot) {
      for (const { length } of pieces) sizes.push({ name, bytes: length })
      await writer.write(...pieces)
    }
  }
  return sizes
}

/** Writes a file from front to end, with a checksum of everything. */
class Writer {
  readonly #file: DiskFile
  #crc = 0
  #sizeBytes = 0

  constructor(file: DiskFile) {
    this.#file = file
  }

  get sizeBytes(): number {
    return this.#sizeBytes
  }

  async write(...buffers: readonly Buffer[]): Promise<void> {
    const position = this.#sizeBytes
    for (const bytes of buffers) {
      this.#crc = crc32c(bytes, 0, bytes.length, this.#crc)
      this.#sizeBytes += bytes.length
    }
    await this.#file.write(buffers, position)
  }

  writeChecksum(): Promise<void> {
    const crc = Buffer.alloc(CRC_BYTES)
    crc.writeUInt32LE(this.#crc, 0)
    return this.write(crc)
  }
}

/** Undefined when these are not the bytes of a checkpoint as they were written. */
async function decoded(file: DiskFile): Promise<Checkpoint | undefined> {
  if (!(await fitsChecksum(file))) return undefined
  return decodeCheckpoint(file.sizeBytes, (position, length) => file.read(position, length))
}

/** Before anything of it is used: nothing could be taken back. */
async function fitsChecksum(file: DiskFile): Promise<boolean> {
  const end = file.sizeBytes - CRC_BYTES
  const room = Buffer.allocUnsafeSlow(ROOM_BYTES)
  let crc = 0
  for (let at = 0; at < end; at += ROOM_BYTES) {
    const bytes = await file.read(at, Math.min(ROOM_BYTES, end - at), room)
    crc = crc32c(bytes, 0, bytes.length, crc)
  }
  return end > 0 && (await file.read(end, CRC_BYTES)).readUInt32LE(0) === crc
}
