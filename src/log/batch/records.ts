import { assert } from '../../lib/assert.ts'
import { MalformedError } from '../../lib/bytes/reader.ts'
import { VarintCursor } from '../../lib/bytes/varint.ts'
import { limits } from '../../limits/limits.ts'
import { codecs } from './compression/index.ts'
import {
  at,
  attribute,
  attributesOf,
  compressionOf,
  countOf,
  HEADER_BYTES,
  maxTimestampOf,
  readInt64,
} from './header.ts'

export type RecordHeader = { readonly key: string; readonly value: Buffer | null }

/** One record, decoded. Buffers are slices of the batch, or of what it unpacked to. */
export type BatchRecord = {
  readonly offset: number
  readonly timestamp: number
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers: readonly RecordHeader[]
}

/** The records of a batch as they lie behind its header, unpacked. */
export function payloadOf(batch: Buffer, bytesMax: number = limits.batchUnpackedBytesMax): Buffer {
  const compression = compressionOf(batch)
  if (compression === undefined) throw new MalformedError('the compression of a batch is unknown')
  return codecs[compression].decompress(batch.subarray(HEADER_BYTES), bytesMax)
}

/**
 * Walks over a batch's records without making an object of each: after `next()` has said true, the
 * fields describe one record. Throws `MalformedError` where the bytes make no sense.
 *
 *   length varint, attributes int8, timestamp delta varlong, offset delta varint,
 *   key length varint, key, value length varint, value,
 *   header count varint, [key length varint, key, value length varint, value] …
 */
export class RecordScanner {
  readonly payload: Buffer
  /** Where the record begins and ends in `payload`. */
  start = 0
  end = 0
  offset = 0
  timestamp = 0
  offsetDelta = 0
  timestampDelta = 0
  keyStart = 0
  /** -1 for null, as for the value. */
  keyBytes = -1
  valueStart = 0
  valueBytes = -1
  headerCount = 0
  headersStart = 0
  readonly #cursor: VarintCursor
  readonly #baseOffset: number
  readonly #baseTimestamp: number
  /** What every record's timestamp is, in a batch of append time; else undefined. */
  readonly #appendTime: number | undefined
  readonly #count: number
  #index = 0

  constructor(batch: Buffer, bytesMax: number = limits.batchUnpackedBytesMax) {
    this.payload = payloadOf(batch, bytesMax)
    this.#cursor = new VarintCursor(this.payload, 0, this.payload.length)
    this.#baseOffset = readInt64(batch, at.baseOffset)
    this.#baseTimestamp = readInt64(batch, at.baseTimestamp)
    this.#appendTime =
      attributesOf(batch) & attribute.appendTime ? maxTimestampOf(batch) : undefined
    this.#count = countOf(batch)
  }

  next(): boolean {
    const cursor = this.#cursor
    if (this.#index === this.#count) {
      if (cursor.at !== cursor.end) throw new MalformedError('bytes follow the last record')
      return false
    }
    this.#index++
    this.start = cursor.at
    const sizeBytes = cursor.int()
    this.end = cursor.at + sizeBytes
    if (sizeBytes < 6 || this.end > cursor.end)
      throw new MalformedError(`a record of ${sizeBytes} bytes does not fit`)
    cursor.at++ // Attributes: none are defined.
    this.timestampDelta = cursor.long()
    this.offsetDelta = cursor.int()
    this.timestamp = this.#appendTime ?? this.#baseTimestamp + this.timestampDelta
    this.offset = this.#baseOffset + this.offsetDelta
    this.keyBytes = this.#length()
    this.keyStart = cursor.at
    this.#skip(this.keyBytes)
    this.valueBytes = this.#length()
    this.valueStart = cursor.at
    this.#skip(this.valueBytes)
    this.headerCount = cursor.int()
    this.headersStart = cursor.at
    if (this.headerCount < 0 || this.headerCount > (this.end - cursor.at) / 2)
      throw new MalformedError(`a record cannot have ${this.headerCount} headers`)
    if (this.headerCount === 0 && cursor.at !== this.end)
      throw new MalformedError('a record is longer than its fields')
    cursor.at = this.end
    return true
  }

  key(): Buffer | null {
    return this.keyBytes < 0
      ? null
      : this.payload.subarray(this.keyStart, this.keyStart + this.keyBytes)
  }

  value(): Buffer | null {
    return this.valueBytes < 0
      ? null
      : this.payload.subarray(this.valueStart, this.valueStart + this.valueBytes)
  }

  headers(): RecordHeader[] {
    const headers: RecordHeader[] = []
    const cursor = new VarintCursor(this.payload, this.headersStart, this.end)
    for (let index = 0; index < this.headerCount; index++) {
      const key = this.#field(cursor)
      if (key === null) throw new MalformedError('the key of a header is null')
      headers.push({ key: key.toString('utf8'), value: this.#field(cursor) })
    }
    if (cursor.at !== this.end) throw new MalformedError('a record is longer than its fields')
    return headers
  }

  record(): BatchRecord {
    return {
      offset: this.offset,
      timestamp: this.timestamp,
      key: this.key(),
      value: this.value(),
      headers: this.headerCount === 0 ? [] : this.headers(),
    }
  }

  #field(cursor: VarintCursor): Buffer | null {
    const length = cursor.int()
    if (length < -1 || length > this.end - cursor.at)
      throw new MalformedError(`a field of ${length} bytes does not fit in its record`)
    if (length === -1) return null
    cursor.at += length
    return this.payload.subarray(cursor.at - length, cursor.at)
  }

  #length(): number {
    const length = this.#cursor.int()
    if (length < -1 || length > this.end - this.#cursor.at)
      throw new MalformedError(`a field of ${length} bytes does not fit in its record`)
    return length
  }

  #skip(length: number): void {
    if (length > 0) this.#cursor.at += length
    if (this.#cursor.at > this.end) throw new MalformedError('a record ends inside a field')
  }
}

/** All records of a batch. Throws `MalformedError`. */
export function readRecords(batch: Buffer, bytesMax?: number): BatchRecord[] {
  assert(batch.length >= HEADER_BYTES, 'a batch has a header')
  const scanner = new RecordScanner(batch, bytesMax)
  const records: BatchRecord[] = []
  while (scanner.next()) records.push(scanner.record())
  return records
}
