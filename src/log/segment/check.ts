import { crc32c } from '../../lib/crc32c.ts'
import type { Disk, DiskFile } from '../../platform/disk.ts'
import { DamagedStoreError } from '../store.ts'
import { RESTORE } from './files.ts'
import {
  decodeFooterEntry,
  decodeIndex,
  decodeTail,
  FOOTER_ENTRY_BYTES,
  type FooterEntry,
  HEAD_BYTES,
  headProblem,
  INDEX_HEAD_BYTES,
  indexBytes,
  segmentName,
  TAIL_BYTES,
} from './format.ts'
import { SegmentReader } from './reader.ts'

/** Footer entries read at a time. */
const ENTRIES_PER_READ = 4096

/** One run of a segment file, and what is wrong with it: null if nothing is. */
export type RunCheck = {
  readonly run: FooterEntry
  readonly batchCount: number
  readonly damage: DamagedStoreError | null
}

/**
 * Reads a finished segment file from end to end, without the broker and without changing anything.
 * Throws `DamagedStoreError` where head, footer or tail are not what was written.
 */
export async function* checkSegment(
  disk: Disk,
  folder: string,
  file: number,
): AsyncGenerator<RunCheck> {
  const path = `${folder}/${segmentName(file)}`
  const opened = await disk.open(path, 'read')
  const reader = new SegmentReader(disk, folder)
  try {
    for await (const run of readFooter(opened, path, file)) {
      yield await checkRun(opened, path, reader, run)
    }
  } finally {
    await reader.close()
    await opened.close()
  }
}

/** All runs of a segment file, as its footer has them. */
export async function* readFooter(
  opened: DiskFile,
  path: string,
  file: number,
): AsyncGenerator<FooterEntry> {
  const problem = headProblem(await opened.read(0, HEAD_BYTES), file)
  if (problem !== undefined) throw new DamagedStoreError(path, 0, problem, RESTORE)
  const tailAt = opened.sizeBytes - TAIL_BYTES
  const tail = tailAt < 0 ? undefined : decodeTail(await opened.read(tailAt, TAIL_BYTES), file)
  if (tail === undefined)
    throw new DamagedStoreError(path, Math.max(0, tailAt), 'the file has no proper end', RESTORE)
  let crc = 0
  for (let first = 0; first < tail.runCount; first += ENTRIES_PER_READ) {
    const count = Math.min(ENTRIES_PER_READ, tail.runCount - first)
    const position = tail.footerPosition + first * FOOTER_ENTRY_BYTES
    const bytes = await opened.read(position, count * FOOTER_ENTRY_BYTES)
    crc = crc32c(bytes, 0, bytes.length, crc)
    const isLast = first + count === tail.runCount
    if (bytes.length < count * FOOTER_ENTRY_BYTES || (isLast && crc !== tail.footerCrc))
      throw new DamagedStoreError(path, position, 'the footer is damaged', RESTORE)
    for (let at = 0; at < bytes.length; at += FOOTER_ENTRY_BYTES)
      yield decodeFooterEntry(file, bytes, at)
  }
}

async function checkRun(
  opened: DiskFile,
  path: string,
  reader: SegmentReader,
  run: FooterEntry,
): Promise<RunCheck> {
  const { ref } = run
  let batchCount = 0
  let crc = 0
  try {
    for await (const batches of reader.batches(ref)) {
      batchCount += batches.length
      for (const batch of batches) crc = crc32c(batch, 0, batch.length, crc)
    }
  } catch (error) {
    if (error instanceof DamagedStoreError) return { run, batchCount, damage: error }
    throw error
  }
  if (crc !== run.crc) {
    const why = `the batches of log ${ref.log} are not those that were written`
    const damage = new DamagedStoreError(path, ref.position, why, RESTORE)
    return { run, batchCount, damage }
  }
  return { run, batchCount, damage: await checkIndex(opened, path, run) }
}

async function checkIndex(
  opened: DiskFile,
  path: string,
  { ref }: FooterEntry,
): Promise<DamagedStoreError | null> {
  const position = ref.position + ref.sizeBytes
  const length = indexBytes(await opened.read(position, INDEX_HEAD_BYTES), ref.log)
  const bytes = length === undefined ? undefined : await opened.read(position, length)
  if (bytes !== undefined && bytes.length === length && decodeIndex(bytes) !== undefined)
    return null
  return new DamagedStoreError(path, position, `the index of log ${ref.log} is damaged`, RESTORE)
}
