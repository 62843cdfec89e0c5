import { type Disk, DiskError } from '../platform/disk.ts'
import { Catalogue } from './catalogue.ts'
import {
  type BatchEntry,
  type ChainFileWalk,
  HEADER_BYTES,
  batchHolds,
  isStillThere,
  readIndex,
  walkChainFiles,
} from './chain/index.ts'
import { type Checkpoint, Checkpoints } from './checkpoint/index.ts'
import { LogReads } from './log-reads.ts'
import { checkSegment, segmentName, segmentNumber } from './segment/index.ts'
import { DamagedStoreError } from './store.ts'
import { decodeStoreEvent } from './store-events.ts'

const RESTORE = 'Restore the folder from a copy, or start with an empty one.'

/** Something an operator should know. Damage stops the broker; a note does not. */
export type Finding = {
  readonly kind: 'damage' | 'note'
  readonly path: string
  readonly position: number
  readonly problem: string
  readonly remedy: string
}

/** A file was read to its end. */
export type CheckedFile = {
  readonly kind: 'file'
  readonly path: string
  readonly sizeBytes: number
  readonly slotCount: number
  readonly batchCount: number
}

export type CheckEvent = Finding | CheckedFile

/** What lies in the folder, in the order it was written. */
export type DumpEvent =
  | { readonly kind: 'checkpoint'; readonly path: string; readonly checkpoint: Checkpoint | null }
  | {
      readonly kind: 'slot'
      readonly path: string
      readonly position: number
      readonly slot: number
      readonly epoch: number
      readonly isLast: boolean
      readonly createdAt: number
      readonly bytes: number
    }
  | {
      readonly kind: 'batch'
      readonly slot: number
      readonly log: number
      readonly baseOffset: number
      readonly lastOffset: number
      readonly count: number
      readonly sizeBytes: number
      readonly maxTimestamp: number
      readonly producerId: number
      /** The batch as it lies there; null when only the index was asked for. */
      readonly bytes: Buffer | null
    }
  | {
      readonly kind: 'event'
      readonly slot: number
      readonly machine: string
      readonly bytes: Buffer
    }
  | {
      readonly kind: 'segment'
      readonly path: string
      readonly log: number
      readonly baseOffset: number
      readonly endOffset: number
      readonly sizeBytes: number
      readonly batchCount: number
    }

export type InspectOptions = { readonly disk: Disk; readonly folder: string }

/**
 * Reads everything in the folder of a store and tells what is wrong with it. It changes nothing
 * and asks for no lock, so it may run beside the broker.
 */
export async function* checkFolder(options: InspectOptions): AsyncGenerator<CheckEvent> {
  const { disk, folder } = options
  let checkpoint: Checkpoint | undefined
  for await (const found of new Checkpoints(disk, `${folder}/checkpoint`).newestFirst()) {
    checkpoint ??= found.checkpoint
    if (found.checkpoint === undefined)
      yield damage(found.path, 0, 'the checkpoint does not fit its checksum', RESTORE)
    else yield { kind: 'file', path: found.path, sizeBytes: 0, slotCount: 0, batchCount: 0 }
  }
  yield* checkChain(options, checkpoint)
  yield* checkSegments(options)
}

/** Everything in the folder as plain objects. Damaged parts are left out: check tells of them. */
export async function* dumpFolder(
  options: InspectOptions & { readonly hasBodies: boolean },
): AsyncGenerator<DumpEvent> {
  const { disk, folder } = options
  for await (const { path, checkpoint } of new Checkpoints(
    disk,
    `${folder}/checkpoint`,
  ).newestFirst())
    yield { kind: 'checkpoint', path, checkpoint: checkpoint ?? null }
  for (const file of await segmentFiles(options)) {
    const path = `${folder}/segment/${segmentName(file)}`
    for await (const { run, batchCount } of quietly(
      checkSegment(disk, `${folder}/segment`, file),
    )) {
      const { log, baseOffset, endOffset, sizeBytes } = run.ref
      yield { kind: 'segment', path, log, baseOffset, endOffset, sizeBytes, batchCount }
    }
  }
  for await (const file of walkChainFiles(disk, `${folder}/chain`)) {
    yield* dumpFile(file, options.hasBodies)
  }
}

async function* dumpFile(file: ChainFileWalk, hasBodies: boolean): AsyncGenerator<DumpEvent> {
  for await (const { header, position, index } of file.slots()) {
    const { slot, epoch, createdAt } = header
    const bytes = HEADER_BYTES + header.indexBytes + header.bodyBytes
    const isLast = header.kind === 'closed'
    yield { kind: 'slot', path: file.path, position, slot, epoch, isLast, createdAt, bytes }
    const body = position + HEADER_BYTES + header.indexBytes
    for (const entry of readIndex(index)) {
      if (entry.kind === 'batch') {
        const { baseOffset, lastOffset, count, sizeBytes, maxTimestamp, producerId } = entry.summary
        const batch = hasBodies ? await file.bytes(body + entry.bodyPosition, sizeBytes) : null
        yield {
          kind: 'batch',
          slot,
          log: entry.log,
          baseOffset,
          lastOffset,
          count,
          sizeBytes,
          maxTimestamp,
          producerId,
          bytes: batch,
        }
      } else {
        const machine = entry.kind === 'machine' ? entry.machine : 'store'
        yield { kind: 'event', slot, machine, bytes: entry.event }
      }
    }
  }
}

async function* checkChain(
  { disk, folder }: InspectOptions,
  checkpoint: Checkpoint | undefined,
): AsyncGenerator<CheckEvent> {
  const chainFolder = `${folder}/chain`
  const provenBelow = checkpoint?.slot ?? 0
  let before: ChainFileWalk | null = null
  for await (const file of walkChainFiles(disk, chainFolder)) {
    const found = await collect(checkFile(file))
    // A running broker recycles files: what was found then is not about this store any more.
    if (!(await isStillThere(disk, chainFolder, file.number))) continue
    yield* found
    if (file.firstSlot === null) continue
    const expected: number = before?.next ?? checkpoint?.segmentedBelow ?? 0
    if (file.firstSlot > expected) yield gapBefore(before ?? file, expected, file.firstSlot)
    before = file
  }
  const next = before?.next ?? checkpoint?.segmentedBelow ?? 0
  if (before === null) {
    if (next < provenBelow)
      yield damage(chainFolder, 0, `slots ${next} to ${provenBelow - 1} are missing`, RESTORE)
    return
  }
  if (next < provenBelow) yield gapBefore(before, next, provenBelow)
  else if (before.isTorn) {
    const remedy = 'It was never acknowledged; the next start of the broker cuts it.'
    const problem = `slot ${next} is torn or is being written`
    yield { kind: 'note', path: before.path, position: before.endPosition, problem, remedy }
  }
}

async function* checkFile(file: ChainFileWalk): AsyncGenerator<CheckEvent> {
  if (file.header === undefined)
    return yield damage(file.path, 0, 'the header of the file is damaged', RESTORE)
  let slotCount = 0
  let batchCount = 0
  for await (const { header, position, index } of file.slots()) {
    const body = position + HEADER_BYTES + header.indexBytes
    slotCount++
    for (const entry of readIndex(index)) {
      if (entry.kind !== 'batch') continue
      batchCount++
      const at = body + entry.bodyPosition
      const batch = await file.bytes(at, entry.summary.sizeBytes)
      if (!batchHolds(batch, entry)) yield damagedBatch(file.path, at, header.slot, entry)
    }
  }
  if (await file.isCutShort()) {
    const problem = `slot ${file.next ?? 'of this place'} is damaged and was acknowledged`
    yield damage(file.path, file.endPosition, problem, RESTORE)
  }
  const sizeBytes = file.endPosition
  yield { kind: 'file', path: file.path, sizeBytes, slotCount, batchCount }
}

async function* checkSegments(options: InspectOptions): AsyncGenerator<CheckEvent> {
  const { disk, folder } = options
  const there = new Set(await segmentFiles(options))
  for (const file of await usedSegments(options)) {
    const path = `${folder}/segment/${segmentName(file)}`
    if (!there.has(file)) {
      // Unless a running broker let go of it meanwhile.
      const isUsed = (await usedSegments(options)).has(file)
      if (isUsed) yield damage(path, 0, 'the file is missing', RESTORE)
      continue
    }
    let batchCount = 0
    let sizeBytes = 0
    try {
      for await (const run of checkSegment(disk, `${folder}/segment`, file)) {
        batchCount += run.batchCount
        sizeBytes += run.run.ref.sizeBytes
        if (run.damage !== null) yield ofError(run.damage)
      }
    } catch (thrown) {
      if (!(thrown instanceof DamagedStoreError)) throw thrown
      yield ofError(thrown)
    }
    yield { kind: 'file', path, sizeBytes, slotCount: 0, batchCount }
  }
}

/** Files the store reads from. Those that a job has not finished are not named anywhere. */
async function usedSegments({ disk, folder }: InspectOptions): Promise<Set<number>> {
  const catalogue = new Catalogue(new LogReads(null, null))
  let from = 0
  for await (const { checkpoint } of new Checkpoints(disk, `${folder}/checkpoint`).newestFirst()) {
    if (checkpoint === undefined) continue
    catalogue.restore(checkpoint)
    from = checkpoint.slot
    break
  }
  for await (const file of walkChainFiles(disk, `${folder}/chain`))
    for await (const { header, index } of file.slots()) {
      if (header.slot < from) continue
      from = header.slot + 1
      for (const entry of readIndex(index)) {
        if (entry.kind === 'store') catalogue.evolve(decodeStoreEvent(entry.event))
        else if (entry.kind === 'batch')
          catalogue.log(entry.log)?.push(entry.summary, header.slot, entry.bodyPosition, null)
      }
    }
  const used = new Set<number>()
  for (const log of catalogue.logs()) for (const ref of log.segments) used.add(ref.file)
  return used
}

async function segmentFiles({ disk, folder }: InspectOptions): Promise<number[]> {
  const numbers = (await disk.list(`${folder}/segment`)).map(segmentNumber)
  return numbers.filter(number => number !== undefined)
}

/** Files may go while they are read, and unfinished ones have no end: both are passed over. */
async function* quietly<Item>(items: AsyncGenerator<Item>): AsyncGenerator<Item> {
  try {
    yield* items
  } catch (thrown) {
    if (!(thrown instanceof DamagedStoreError) && !(thrown instanceof DiskError)) throw thrown
  }
}

async function collect<Item>(items: AsyncGenerator<Item>): Promise<Item[]> {
  const collected: Item[] = []
  for await (const item of items) collected.push(item)
  return collected
}

const damage = (path: string, position: number, problem: string, remedy: string): Finding => ({
  kind: 'damage',
  path,
  position,
  problem,
  remedy,
})

const ofError = ({ path, position, message, remedy }: DamagedStoreError): Finding =>
  damage(path, position, message, remedy)

const gapBefore = (file: ChainFileWalk, from: number, to: number): Finding =>
  damage(file.path, file.endPosition, `slots ${from} to ${to - 1} are missing`, RESTORE)

function damagedBatch(path: string, position: number, slot: number, entry: BatchEntry): Finding {
  const { baseOffset, lastOffset } = entry.summary
  const what = `offsets ${baseOffset} to ${lastOffset} of log ${entry.log}`
  const problem = `a batch in slot ${slot} does not fit its checksum: ${what}`
  const remedy = `These records are lost unless the folder is restored from a copy.`
  return damage(path, position, problem, remedy)
}
