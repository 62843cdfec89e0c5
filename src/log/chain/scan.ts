import type { Disk, DiskFile } from '../../platform/disk.ts'
import { DamagedStoreError } from '../store.ts'
import { chainFileNumber } from './chain-files.ts'
import { BLOCK_BYTES, decodeFileHeader, type FileHeader, slotBytes } from './slot-format.ts'
import { type SlotFound, SlotReader } from './slot-reader.ts'
import type { tailAction } from './tail-recovery.ts'

/** How far behind a torn slot is searched for proof that it had been whole once. */
const PROOF_BYTES_MAX = 32 * 1024 * 1024
const RESTORE = 'Restore the folder from a copy, or start with an empty one'

export type FoundFile = {
  readonly number: number
  readonly path: string
  readonly file: DiskFile
  readonly header: FileHeader
  /** Null for a file that holds no slot yet. */
  readonly firstSlot: number | null
}

export type ScannedSlot = SlotFound & { readonly index: Buffer; readonly file: number }

export type ScanEnd = {
  /** The slot after the last whole one. */
  readonly next: number
  readonly lastCrc: number
  readonly isClosed: boolean
  /** What was cut, for the operator's log; null when the chain ended cleanly. */
  readonly cut: { readonly path: string; readonly position: number } | null
}

/** Opens all chain files, and each goes into `open` at once; finds the first slot of each. */
export async function openChainFiles(
  disk: Disk,
  folder: string,
  open: Set<DiskFile>,
): Promise<FoundFile[]> {
  const found: FoundFile[] = []
  for (const name of await disk.list(folder)) {
    const number = chainFileNumber(name)
    if (number === undefined) continue
    const path = `${folder}/${name}`
    const file = await disk.open(path, 'read')
    open.add(file)
    const reader = new SlotReader(file)
    const header = decodeFileHeader(await reader.bytes(0, BLOCK_BYTES))
    if (header === undefined || header.file !== number) {
      throw new DamagedStoreError(path, 0, 'the header of the file is damaged', `${RESTORE}.`)
    }
    const first = await reader.at(BLOCK_BYTES)
    const isOurs = first !== undefined && belongs(first, header)
    found.push({ number, path, file, header, firstSlot: isOurs ? first.header.slot : null })
  }
  return found
}

/**
 * Walks over the slots from `from` on (or from the file that holds it), calling `visit` for each
 * that is whole, in order. Slots that may be torn are visited only after their batches were read.
 */
export class ChainScan {
  readonly #files: readonly FoundFile[]
  /** Slots below this one were synced, says the checkpoint. */
  readonly #provenBelow: number
  readonly #visit: (slot: ScannedSlot) => void
  readonly #decide: typeof tailAction
  readonly #pending: ScannedSlot[] = []
  #previousCrc: number | null = null
  #next = 0
  #isClosed = false

  constructor(parts: {
    files: readonly FoundFile[]
    provenBelow: number
    visit: (slot: ScannedSlot) => void
    decide: typeof tailAction
  }) {
    this.#files = parts.files
    this.#provenBelow = parts.provenBelow
    this.#visit = parts.visit
    this.#decide = parts.decide
  }

  async run(from: number): Promise<ScanEnd> {
    const files = this.#files.filter(file => file.firstSlot !== null)
    const begin = files.findLastIndex(file => file.firstSlot! <= from)
    this.#next = begin < 0 ? from : files[begin]!.firstSlot!
    this.#refuseGap(files[begin < 0 ? 0 : begin], from)
    for (let index = Math.max(begin, 0); index < files.length; index++) {
      const limit = files[index + 1]?.firstSlot ?? null
      const cut = await this.#scanFile(files[index]!, limit)
      if (limit === null) return this.#end(cut)
    }
    await this.#proveEmpty(null, this.#next)
    return this.#end(null)
  }

  #end(cut: ScanEnd['cut']): ScanEnd {
    const lastCrc = this.#previousCrc ?? 0
    return { next: this.#next, lastCrc, isClosed: this.#isClosed, cut }
  }

  #refuseGap(first: FoundFile | undefined, from: number): void {
    if (first === undefined || first.firstSlot! <= from) return
    const damage = `slots ${from} to ${first.firstSlot! - 1} are missing before this file`
    throw new DamagedStoreError(first.path, 0, damage, `${RESTORE}.`)
  }

  /** Reads slots until the one that the next file begins with, or until the chain ends. */
  async #scanFile(file: FoundFile, limit: number | null): Promise<ScanEnd['cut']> {
    const reader = new SlotReader(file.file)
    let position = BLOCK_BYTES
    while (limit === null || this.#next < limit) {
      const found = await reader.at(position)
      const follows = found !== undefined && this.#follows(found, file.header)
      if (!follows || found.index === undefined) {
        if (limit !== null) throw this.#damage(file, position, 'before the next file begins')
        await this.#stopWherever(file, position, follows ? found : undefined)
        return this.#settlePending(file, reader, follows ? position : null)
      }
      this.#accept({ ...found, index: found.index, file: file.number })
      position += slotBytes(found.header)
    }
    this.#release(limit) // A file is begun only after the one before was synced.
    return null
  }

  #follows(found: SlotFound, header: FileHeader): boolean {
    if (!belongs(found, header) || found.header.slot !== this.#next) return false
    return this.#previousCrc === null || found.header.previousCrc === this.#previousCrc
  }

  #accept(slot: ScannedSlot): void {
    this.#release(Math.max(slot.header.syncedBelow, this.#provenBelow))
    this.#pending.push(slot)
    this.#previousCrc = slot.header.headerCrc
    this.#next++
  }

  #release(below: number): void {
    while (this.#pending.length > 0 && this.#pending[0]!.header.slot < below)
      this.#visited(this.#pending.shift()!)
  }

  #visited(slot: ScannedSlot): void {
    this.#isClosed = slot.header.kind === 'closed'
    this.#visit(slot)
  }

  /** The chain seems to end here: is that a fair end, or was there a slot once? */
  async #stopWherever(file: FoundFile, position: number, torn?: SlotFound): Promise<void> {
    const slot = this.#next
    // Behind a closed slot nothing was ever written to its file.
    const isClosed = this.#pending.at(-1)?.header.kind === 'closed' || this.#isClosed
    const provenSynced =
      slot < this.#provenBelow ||
      (!isClosed && (await provenIn(file, position + BLOCK_BYTES, slot))) ||
      (await this.#provenInNewer(file, slot))
    const finding = {
      headerHolds: torn !== undefined,
      indexHolds: torn === undefined ? null : torn.index !== undefined,
      batchesHold: null,
      provenSynced,
    }
    if (this.#decide(finding) === 'stop') throw this.#damage(file, position, 'and was acknowledged')
  }

  /** Slots nobody says were synced: kept as far as their batches are whole. */
  async #settlePending(
    file: FoundFile,
    reader: SlotReader,
    tornAt: number | null,
  ): Promise<ScanEnd['cut']> {
    const crcs = this.#pending.map(slot => slot.header.previousCrc)
    for (let index = 0; index < this.#pending.length; index++) {
      const slot = this.#pending[index]!
      const provenSynced = slot.header.slot < this.#provenBelow
      const batchesHold = await reader.batchesHold(slot)
      const action = this.#decide({
        headerHolds: true,
        indexHolds: true,
        batchesHold,
        provenSynced,
      })
      if (action === 'keep') {
        this.#visited(slot)
        continue
      }
      this.#next = slot.header.slot
      this.#previousCrc = crcs[index]!
      if (action === 'stop') throw this.#damage(file, slot.position, 'and was acknowledged')
      return { path: file.path, position: slot.position }
    }
    return tornAt === null ? null : { path: file.path, position: tornAt }
  }

  /** Newer files that seem to hold nothing must really hold nothing. */
  async #provenInNewer(file: FoundFile | null, slot: number): Promise<boolean> {
    for (const newer of this.#files) {
      if (file !== null && newer.number <= file.number) continue
      if (await provenIn(newer, BLOCK_BYTES, slot)) return true
    }
    return false
  }

  async #proveEmpty(file: FoundFile | null, slot: number): Promise<void> {
    const first = this.#files[0]
    if (first === undefined || !(await this.#provenInNewer(file, slot))) return
    throw this.#damage(first, BLOCK_BYTES, 'and was acknowledged')
  }

  #damage(file: FoundFile, position: number, where: string): DamagedStoreError {
    const damage = `slot ${this.#next} is damaged ${where}`
    const remedy = `${RESTORE}; "sabir log check" lists everything that is damaged.`
    return new DamagedStoreError(file.path, position, damage, remedy)
  }
}

export const belongs = (found: SlotFound, header: FileHeader): boolean =>
  found.header.file === header.file && found.header.nonce.equals(header.nonce)

/** Does a slot behind `position` say that `slot` had been synced? */
export async function provenIn(
  file: Pick<FoundFile, 'file' | 'header'>,
  position: number,
  slot: number,
): Promise<boolean> {
  const reader = new SlotReader(file.file)
  const end = Math.min(file.file.sizeBytes, position + PROOF_BYTES_MAX)
  for (let at = position; at < end; at += BLOCK_BYTES) {
    const found = await reader.at(at)
    if (found === undefined || !belongs(found, file.header)) continue
    if (found.header.slot > slot && found.header.syncedBelow > slot) return true
  }
  return false
}
