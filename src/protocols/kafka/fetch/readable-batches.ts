import { varintBytes, writeVarint } from '../../../lib/bytes/varint.ts'
import type { Offset } from '../../../lib/brand.ts'
import {
  BatchPacker,
  countOf,
  encodeBatch,
  isEnveloped,
  lastOffsetOf,
  maxTimestampOf,
  OpenBatch,
  setBaseOffset,
  setLeaderEpoch,
} from '../../../log/batch/index.ts'
import type { Mappings } from '../../../message/mapping.ts'
import { MessageReader } from '../../../message/message-reader.ts'
import { StoredMessage } from '../../../message/stored-message.ts'
import { LEADER_EPOCH } from '../partition-lookup.ts'
import { ReadableHeaders } from './readable-headers.ts'

/** Below it a loop is faster than a call. */
const LOOP_BYTES_MAX = 48
const NO_ATTRIBUTES = 0

/**
 * Writes batches of other protocols' messages as Kafka clients can read them: the same offsets and
 * times, bodies as values, properties as headers. One object does it for all connections.
 */
export class ReadableBatches {
  readonly #headers: ReadableHeaders
  readonly #reader = new MessageReader()
  readonly #view = new StoredMessage()
  readonly #packer = new BatchPacker(NO_ATTRIBUTES)
  readonly #open = new OpenBatch()
  #encoded: Buffer[] = []
  #firstOffset = 0
  #lastOffset = 0

  constructor(mappings: Mappings) {
    this.#headers = new ReadableHeaders(mappings)
  }

  /**
   * The same batches, from an offset on, those of Kafka producers as they are. Ends early, but
   * with one record at least, once `bytesMax` is reached: what was cut off is asked for again.
   */
  encode(batches: readonly Buffer[], from: number, bytesMax: number): readonly Buffer[] {
    if (!batches.some(isEnveloped)) return batches
    this.#encoded = []
    let left = bytesMax
    for (const batch of batches) {
      if (left <= 0) break
      if (isEnveloped(batch)) left -= this.#encodeOne(batch, from, left)
      else {
        if (batch.length > left && this.#encoded.length > 0) break
        this.#encoded.push(batch)
        left -= batch.length
      }
    }
    const encoded = this.#encoded
    this.#encoded = []
    return encoded
  }

  /** The number of bytes it became. */
  #encodeOne(batch: Buffer, from: number, bytesMax: number): number {
    const view = this.#view
    const last = lastOffsetOf(batch)
    let bytes = 0
    this.#reader.open(batch)
    for (let offset = from; this.#reader.find(offset, view); offset = view.offset + 1) {
      if (bytes >= bytesMax) break
      bytes += this.#add(view)
    }
    this.#reader.close()
    if (bytes === 0) return this.#addGap(batch, from)
    // Behind the last record compaction may have left a gap: it is this batch's, too.
    this.#finish(bytes < bytesMax ? last : this.#lastOffset)
    return bytes
  }

  /** The number of bytes the record takes. */
  #add(view: StoredMessage): number {
    const open = this.#open
    const headers = this.#headers.of(view)
    let sizeBytes = this.#bodyBytes(view, headers)
    if (!this.#packer.reserve(open, varintBytes(sizeBytes) + sizeBytes, view.timestamp)) {
      this.#finish(this.#lastOffset)
      sizeBytes = this.#bodyBytes(view, headers)
      this.#packer.reserve(open, varintBytes(sizeBytes) + sizeBytes, view.timestamp)
    }
    if (open.count === 0) this.#firstOffset = view.offset
    this.#lastOffset = view.offset
    const start = open.at
    const { bytes } = open
    let to = writeVarint(bytes, start, sizeBytes)
    bytes[to++] = 0
    to = writeVarint(bytes, to, view.timestamp - open.baseTimestamp)
    to = writeVarint(bytes, to, view.offset - this.#firstOffset)
    if (view.keyEnd < 0) to = writeVarint(bytes, to, -1)
    else {
      to = writeVarint(bytes, to, view.keyEnd - view.keyStart)
      to = copyBytes(bytes, to, view.bytes, view.keyStart, view.keyEnd)
    }
    to = writeVarint(bytes, to, view.bodyEnd - view.bodyStart)
    to = copyBytes(bytes, to, view.body, view.bodyStart, view.bodyEnd)
    to = copyBytes(bytes, to, headers, 0, headers.length)
    open.wrote(to, view.timestamp)
    return to - start
  }

  /** Of the record, without the length in front of it. */
  #bodyBytes(view: StoredMessage, headers: Buffer): number {
    const { count, baseTimestamp } = this.#open
    const timestampDelta = count === 0 ? 0 : view.timestamp - baseTimestamp
    const offsetDelta = count === 0 ? 0 : view.offset - this.#firstOffset
    const body = view.bodyEnd - view.bodyStart
    const bytes = 1 + varintBytes(timestampDelta) + varintBytes(offsetDelta) + headers.length
    const key = view.keyEnd < 0 ? -1 : view.keyEnd - view.keyStart
    return bytes + varintBytes(key) + Math.max(key, 0) + varintBytes(body) + body
  }

  #finish(lastOffset: number): void {
    const batch = this.#packer.finish(this.#open, lastOffset - this.#firstOffset)
    setBaseOffset(batch, this.#firstOffset as Offset)
    setLeaderEpoch(batch, LEADER_EPOCH)
    this.#encoded.push(batch)
  }

  /** No record is left from there on; a reader has to get past it all the same. */
  #addGap(batch: Buffer, from: number): number {
    const lastOffsetDelta = lastOffsetOf(batch) - from
    const gap = encodeBatch([], {
      baseOffset: from,
      lastOffsetDelta,
      leaderEpoch: LEADER_EPOCH,
      maxTimestamp: countOf(batch) === 0 ? -1 : maxTimestampOf(batch),
    })
    this.#encoded.push(gap)
    return gap.length
  }
}

function copyBytes(target: Buffer, at: number, source: Buffer, from: number, end: number): number {
  if (end - from > LOOP_BYTES_MAX) return at + source.copy(target, at, from, end)
  let to = at
  for (let index = from; index < end; index++) target[to++] = source[index]!
  return to
}
