import { givenBack } from '../../lib/given-back.ts'
import {
  at,
  attribute,
  HEADER_BYTES,
  LENGTH_PREFIX_BYTES,
  MAGIC,
  setChecksum,
  writeInt64,
} from './header.ts'

const SLAB_BYTES = 512 * 1024
/** A batch that cannot grow where it lies is moved below this size, and ended above it. */
const MOVED_BYTES_MAX = 64 * 1024
const ROOM_BYTES_MIN = 512
/** Larger batches have a buffer of their own. */
const IN_SLAB_BYTES_MAX = MOVED_BYTES_MAX * 2
/** Of what was filled, so much is used again. */
const KEPT_BYTES_MAX = 4 * 1024 * 1024
const EMPTY = Buffer.alloc(0)
/** A header whose batch no producer wrote: what is not said here is different in each. */
const TEMPLATE = template()

/** A batch that grows record by record. Made once and used again for the next batch. */
export class OpenBatch {
  bytes: Buffer = EMPTY
  /** Where its header begins, where the next record goes, and where its room ends. */
  start = 0
  at = 0
  end = 0
  count = 0
  baseTimestamp = 0
  maxTimestamp = 0
  /** A record's body lies in another log. */
  isReferring = false

  /** The record that was begun at `at` ends here. */
  wrote(end: number, timestamp: number): void {
    this.at = end
    this.count++
    if (timestamp > this.maxTimestamp) this.maxTimestamp = timestamp
  }

  /** It is empty again; what it held belongs to whoever took it. */
  clear(): void {
    this.bytes = EMPTY
    this.start = 0
    this.at = 0
    this.end = 0
    this.count = 0
    this.isReferring = false
  }
}

/**
 * Finds room for batches whose records come one by one, in any order of batches. The one that grew
 * last grows where it lies; others take no more than they need, and move when they need more. So a
 * busy log gets one contiguous batch, and ten thousand logs with a record each cost their bytes.
 *
 * Records are written by the caller, in the format `RecordScanner` draws.
 */
export class BatchPacker {
  readonly #attributes: number
  #slab: Buffer = EMPTY
  #slabAt = 0
  /** Slabs and larger buffers: those with batches in them, and those to be filled again. */
  readonly #filled: Buffer[] = []
  readonly #free: Buffer[] = []

  /** Attributes that all its batches bear. */
  constructor(attributes: number = attribute.enveloped) {
    this.#attributes = attributes
  }

  /**
   * Makes room for a record at `batch.at`. False when the batch has to be finished first: it is as
   * large as it may be. An empty one always gets room.
   */
  reserve(batch: OpenBatch, recordBytes: number, timestamp: number): boolean {
    if (batch.count === 0) {
      this.#begin(batch, HEADER_BYTES + recordBytes)
      batch.baseTimestamp = timestamp
      batch.maxTimestamp = timestamp
      return true
    }
    const end = batch.at + recordBytes
    if (end <= batch.end) return true
    if (batch.end === this.#slabAt && batch.bytes === this.#slab && end <= SLAB_BYTES) {
      batch.end = end
      this.#slabAt = end
      return true
    }
    const usedBytes = batch.at - batch.start
    if (usedBytes + recordBytes > MOVED_BYTES_MAX) return false
    this.#move(batch, usedBytes, Math.max(ROOM_BYTES_MIN, 2 * (usedBytes + recordBytes)))
    return true
  }

  /** The batch, ready to append; `batch` is empty again. */
  finish(batch: OpenBatch, lastOffsetDelta: number = batch.count - 1): Buffer {
    this.seal(batch, lastOffsetDelta)
    const packed = batch.bytes.subarray(batch.start, batch.at)
    batch.clear()
    return packed
  }

  /** Makes it ready to append where it lies, from `start` to `at`; then it is to be cleared. */
  seal(batch: OpenBatch, lastOffsetDelta: number = batch.count - 1): void {
    if (batch.end === this.#slabAt && batch.bytes === this.#slab) this.#slabAt = batch.at
    const { bytes, start } = batch
    bytes.set(TEMPLATE, start)
    bytes.writeInt32BE(batch.at - start - LENGTH_PREFIX_BYTES, start + at.length)
    const attributes = this.#attributes | (batch.isReferring ? attribute.referring : 0)
    bytes.writeInt16BE(attributes, start + at.attributes)
    bytes.writeInt32BE(lastOffsetDelta, start + at.lastOffsetDelta)
    writeInt64(bytes, batch.baseTimestamp, start + at.baseTimestamp)
    writeInt64(bytes, batch.maxTimestamp, start + at.maxTimestamp)
    bytes.writeInt32BE(batch.count, start + at.count)
    setChecksum(bytes, start)
  }

  /** All batches are finished, and whoever took them has copied them: their memory is free. */
  rewind(): void {
    givenBack(this.#slab, 0, this.#slabAt)
    this.#slabAt = 0
    if (this.#filled.length === 0) return
    for (const buffer of this.#filled) givenBack(buffer)
    let keptBytes = 0
    for (const { length } of this.#free) keptBytes += length
    for (const buffer of this.#filled) {
      keptBytes += buffer.length
      if (keptBytes <= KEPT_BYTES_MAX) this.#free.push(buffer)
    }
    this.#filled.length = 0
  }

  #begin(batch: OpenBatch, bytes: number): void {
    this.#take(batch, bytes)
    batch.at = batch.start + HEADER_BYTES
  }

  #move(batch: OpenBatch, usedBytes: number, roomBytes: number): void {
    const { bytes, start, at: end } = batch
    this.#take(batch, roomBytes)
    bytes.copy(batch.bytes, batch.start, start, end)
    batch.at = batch.start + usedBytes
  }

  #take(batch: OpenBatch, bytes: number): void {
    if (bytes > IN_SLAB_BYTES_MAX) {
      batch.bytes = this.#buffer(bytes)
      this.#filled.push(batch.bytes)
      batch.start = 0
      batch.end = bytes
      return
    }
    if (this.#slabAt + bytes > this.#slab.length) {
      if (this.#slab.length > 0) this.#filled.push(this.#slab)
      this.#slab = this.#buffer(SLAB_BYTES)
      this.#slabAt = 0
    }
    batch.bytes = this.#slab
    batch.start = this.#slabAt
    this.#slabAt += bytes
    batch.end = this.#slabAt
  }

  /** Of at least this size; without waste where nothing is used again. */
  #buffer(bytes: number): Buffer {
    const index = this.#free.findIndex(({ length }) => length >= bytes)
    return index < 0 ? Buffer.allocUnsafeSlow(bytes) : this.#free.splice(index, 1)[0]!
  }
}

function template(): Buffer {
  const header = Buffer.alloc(HEADER_BYTES)
  header.writeInt32BE(-1, at.leaderEpoch)
  header[at.magic] = MAGIC
  header.fill(0xff, at.producerId, at.count) // Id, epoch and sequence are -1.
  return header
}
