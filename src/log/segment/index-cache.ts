import type { Disk, DiskFile } from '../../platform/disk.ts'
import type { SegmentRef } from '../internals.ts'
import { DamagedStoreError } from '../store.ts'
import { decodeIndex, INDEX_ENTRY_BYTES, indexBytes, type RunIndex } from './format.ts'

/** Memory that all indexes together may take. */
const CACHE_BYTES_MAX = 16 * 1024 * 1024
/** Beside its arrays, an entry of the cache takes about this. */
const OVERHEAD_BYTES = 400
/** Most indexes are read in one call. */
const READ_BYTES = 4096

/** Indexes of runs, read when first needed and forgotten, least recently used first. */
export class IndexCache {
  readonly #indexes = new Map<string, RunIndex>()
  #bytes = 0

  async get(ref: SegmentRef, file: DiskFile, path: string): Promise<RunIndex> {
    const key = `${ref.file}:${ref.position}`
    const known = this.#indexes.get(key)
    if (known !== undefined) {
      this.#indexes.delete(key)
      this.#indexes.set(key, known)
      return known
    }
    const index = await load(ref, file, path)
    if (!this.#indexes.has(key)) this.#keep(key, index)
    return index
  }

  /** The same, read at once. */
  getNow(ref: SegmentRef, disk: Pick<Disk, 'readNow'>, path: string): RunIndex {
    const key = `${ref.file}:${ref.position}`
    const known = this.#indexes.get(key)
    if (known !== undefined) return known
    const position = ref.position + ref.sizeBytes
    let bytes = disk.readNow(path, position, READ_BYTES)
    const length = indexBytes(bytes, ref.log)
    if (length !== undefined && length > bytes.length) bytes = disk.readNow(path, position, length)
    const index = decoded(bytes, length, ref, path)
    this.#keep(key, index)
    return index
  }

  #keep(key: string, index: RunIndex): void {
    this.#indexes.set(key, index)
    this.#bytes += memoryBytes(index)
    for (const [oldest, other] of this.#indexes) {
      if (this.#bytes <= CACHE_BYTES_MAX || oldest === key) return
      this.#indexes.delete(oldest)
      this.#bytes -= memoryBytes(other)
    }
  }
}

const memoryBytes = (index: RunIndex): number => OVERHEAD_BYTES + index.count * INDEX_ENTRY_BYTES

async function load(ref: SegmentRef, file: DiskFile, path: string): Promise<RunIndex> {
  const position = ref.position + ref.sizeBytes
  let bytes = await file.read(position, READ_BYTES)
  const length = indexBytes(bytes, ref.log)
  if (length !== undefined && length > bytes.length) bytes = await file.read(position, length)
  return decoded(bytes, length, ref, path)
}

function decoded(
  bytes: Buffer,
  length: number | undefined,
  ref: SegmentRef,
  path: string,
): RunIndex {
  const index =
    length === undefined || bytes.length < length
      ? undefined
      : decodeIndex(bytes.subarray(0, length))
  if (index !== undefined) return index
  throw new DamagedStoreError(
    path,
    ref.position + ref.sizeBytes,
    `the index of log ${ref.log} is damaged`,
    'Restore the file from a backup; its batches may be intact all the same',
  )
}
