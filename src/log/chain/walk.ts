import { type Disk, DiskError, type DiskFile } from '../../platform/disk.ts'
import { chainFileName, chainFileNumber } from './chain-files.ts'
import { belongs, provenIn } from './scan.ts'
import { BLOCK_BYTES, decodeFileHeader, type FileHeader, slotBytes } from './slot-format.ts'
import { type SlotFound, SlotReader } from './slot-reader.ts'

/** A chain file as it lies there, for those who look without opening the store. */
export class ChainFileWalk {
  readonly path: string
  readonly number: number
  /** Undefined when the header is damaged. */
  header: FileHeader | undefined
  /** Where the walk ended, and which slot should have been there. */
  endPosition = BLOCK_BYTES
  next: number | null = null
  firstSlot: number | null = null
  /** A header is there, but not all that it speaks of. */
  isTorn = false
  readonly #file: DiskFile
  readonly #reader: SlotReader

  constructor(file: DiskFile, path: string, number: number) {
    this.#file = file
    this.path = path
    this.number = number
    this.#reader = new SlotReader(file)
  }

  async open(): Promise<void> {
    const header = decodeFileHeader(await this.#reader.bytes(0, BLOCK_BYTES))
    this.header = header?.file === this.number ? header : undefined
  }

  /** Slots in order, until one does not follow. */
  async *slots(): AsyncGenerator<SlotFound & { readonly index: Buffer }> {
    const { header } = this
    if (header === undefined) return
    let crc: number | null = null
    while (true) {
      const found = await this.#reader.at(this.endPosition)
      if (found === undefined || !belongs(found, header)) return
      const isNext = this.next === null || found.header.slot === this.next
      if (!isNext || (crc !== null && found.header.previousCrc !== crc)) return
      if (found.index === undefined) {
        this.isTorn = true
        return
      }
      this.firstSlot ??= found.header.slot
      yield { ...found, index: found.index }
      crc = found.header.headerCrc
      this.endPosition += slotBytes(found.header)
      this.next = found.header.slot + 1
    }
  }

  bytes(position: number, length: number): Promise<Buffer> {
    return this.#reader.bytes(position, length)
  }

  /** Does something behind the end say that more slots had been there? */
  async isCutShort(): Promise<boolean> {
    const { header } = this
    if (header === undefined) return false
    const file = { file: this.#file, header }
    return provenIn(file, this.endPosition + BLOCK_BYTES, this.next ?? 0)
  }

  close(): Promise<void> {
    return this.#file.close()
  }
}

/** The chain files, oldest first. Those that a running broker takes away are left out. */
export async function* walkChainFiles(disk: Disk, folder: string): AsyncGenerator<ChainFileWalk> {
  for (const name of await disk.list(folder)) {
    const number = chainFileNumber(name)
    if (number === undefined) continue
    const walk = await openWalk(disk, folder, number)
    if (walk === undefined) continue
    try {
      yield walk
    } finally {
      await walk.close()
    }
  }
}

/** Is the file still what it was, or has a running broker begun to use it for something else? */
export async function isStillThere(disk: Disk, folder: string, number: number): Promise<boolean> {
  const walk = await openWalk(disk, folder, number)
  await walk?.close()
  return walk !== undefined
}

async function openWalk(
  disk: Disk,
  folder: string,
  number: number,
): Promise<ChainFileWalk | undefined> {
  const path = `${folder}/${chainFileName(number)}`
  try {
    const walk = new ChainFileWalk(await disk.open(path, 'read'), path, number)
    await walk.open()
    return walk
  } catch (thrown) {
    if (thrown instanceof DiskError && thrown.kind === 'missing') return undefined
    throw thrown
  }
}
