import { assert } from '../../lib/assert.ts'
import { varintBytes, writeVarint } from '../../lib/bytes/varint.ts'
import { codecs } from './compression/index.ts'
import {
  at,
  attribute,
  type CompressionName,
  compressionNames,
  HEADER_BYTES,
  LENGTH_PREFIX_BYTES,
  MAGIC,
  setChecksum,
  writeInt64,
} from './header.ts'
import type { RecordHeader } from './records.ts'

export type NewRecord = {
  readonly timestamp: number
  readonly key: Uint8Array | null
  readonly value: Uint8Array | null
  readonly headers?: readonly { readonly key: string; readonly value: Uint8Array | null }[]
  /** Its distance from the base offset. Default: its place in the list. */
  readonly offsetDelta?: number
}

/** Everything about a batch that is not in its records. What is left out has Kafka's "none". */
export type BatchOptions = {
  readonly compression?: CompressionName
  readonly baseOffset?: number
  readonly leaderEpoch?: number
  readonly producerId?: number
  readonly producerEpoch?: number
  readonly baseSequence?: number
  readonly isTransactional?: boolean
  readonly isControl?: boolean
  readonly isEnveloped?: boolean
  readonly isReferring?: boolean
  /** Given: the batch bears append time, and this is it. */
  readonly appendTime?: number
  /** Compaction keeps the range of a batch whose last records are gone. */
  readonly lastOffsetDelta?: number
  /** Of a batch that compaction left without records: otherwise they tell. */
  readonly maxTimestamp?: number
  /** When tombstones in the batch may go; it then stands in the place of the base timestamp. */
  readonly deleteHorizon?: number
}

/** Packs records into one batch, ready to append. */
export function encodeBatch(records: readonly NewRecord[], options: BatchOptions = {}): Buffer {
  const first = records[0]
  const baseTimestamp = options.deleteHorizon ?? first?.timestamp ?? -1
  let payloadBytes = 0
  let maxTimestamp = -1
  const bodies = new Array<number>(records.length)
  for (let index = 0; index < records.length; index++) {
    const record = records[index]!
    const body = bodyBytes(record, record.timestamp - baseTimestamp, record.offsetDelta ?? index)
    bodies[index] = body
    payloadBytes += varintBytes(body) + body
    if (record.timestamp > maxTimestamp) maxTimestamp = record.timestamp
  }
  const compression = options.compression ?? 'none'
  // Without compression the records are written where they stay.
  const headroom = compression === 'none' ? HEADER_BYTES : 0
  const plain = Buffer.allocUnsafeSlow(headroom + payloadBytes)
  let to = headroom
  for (let index = 0; index < records.length; index++) {
    const record = records[index]!
    to = writeVarint(plain, to, bodies[index]!)
    to = writeBody(plain, to, record, {
      timestampDelta: record.timestamp - baseTimestamp,
      offsetDelta: record.offsetDelta ?? index,
    })
  }
  assert(to === plain.length, 'records take the bytes they were measured to take')
  const last = records.at(-1)
  const facts = {
    baseTimestamp,
    maxTimestamp: options.appendTime ?? options.maxTimestamp ?? maxTimestamp,
    count: records.length,
    lastOffsetDelta: options.lastOffsetDelta ?? last?.offsetDelta ?? records.length - 1,
  }
  if (compression === 'none') return writeHeader(plain, facts, options)
  return writeHeader(joinHeader(codecs[compression].compress(plain)), facts, options)
}

/** Room for a header in front of records that are packed already. */
export function joinHeader(packed: Buffer): Buffer {
  const batch = Buffer.allocUnsafeSlow(HEADER_BYTES + packed.length)
  packed.copy(batch, HEADER_BYTES)
  return batch
}

type BatchFacts = {
  readonly baseTimestamp: number
  readonly maxTimestamp: number
  readonly count: number
  readonly lastOffsetDelta: number
}

function writeHeader(batch: Buffer, facts: BatchFacts, options: BatchOptions): Buffer {
  writeInt64(batch, options.baseOffset ?? 0, at.baseOffset)
  batch.writeInt32BE(batch.length - LENGTH_PREFIX_BYTES, at.length)
  batch.writeInt32BE(options.leaderEpoch ?? -1, at.leaderEpoch)
  batch[at.magic] = MAGIC
  batch.writeInt16BE(attributesFor(options), at.attributes)
  batch.writeInt32BE(facts.lastOffsetDelta, at.lastOffsetDelta)
  writeInt64(batch, facts.baseTimestamp, at.baseTimestamp)
  writeInt64(batch, facts.maxTimestamp, at.maxTimestamp)
  writeInt64(batch, options.producerId ?? -1, at.producerId)
  batch.writeInt16BE(options.producerEpoch ?? -1, at.producerEpoch)
  batch.writeInt32BE(options.baseSequence ?? -1, at.baseSequence)
  batch.writeInt32BE(facts.count, at.count)
  setChecksum(batch)
  return batch
}

function attributesFor(options: BatchOptions): number {
  return (
    compressionNames.indexOf(options.compression ?? 'none') |
    (options.appendTime === undefined ? 0 : attribute.appendTime) |
    (options.isTransactional === true ? attribute.transactional : 0) |
    (options.isControl === true ? attribute.control : 0) |
    (options.isEnveloped === true ? attribute.enveloped : 0) |
    (options.isReferring === true ? attribute.referring : 0) |
    (options.deleteHorizon === undefined ? 0 : attribute.deleteHorizon)
  )
}

const noHeaders: readonly RecordHeader[] = []

function bodyBytes(record: NewRecord, timestampDelta: number, offsetDelta: number): number {
  const headers = record.headers ?? noHeaders
  let bytes = 1 + varintBytes(timestampDelta) + varintBytes(offsetDelta)
  bytes += fieldBytes(record.key) + fieldBytes(record.value) + varintBytes(headers.length)
  for (const header of headers) {
    const keyBytes = Buffer.byteLength(header.key)
    bytes += varintBytes(keyBytes) + keyBytes + fieldBytes(header.value)
  }
  return bytes
}

function fieldBytes(field: Uint8Array | null): number {
  return field === null ? 1 : varintBytes(field.length) + field.length
}

function writeBody(
  target: Buffer,
  start: number,
  record: NewRecord,
  deltas: { readonly timestampDelta: number; readonly offsetDelta: number },
): number {
  let to = start
  target[to++] = 0
  to = writeVarint(target, to, deltas.timestampDelta)
  to = writeVarint(target, to, deltas.offsetDelta)
  to = writeField(target, to, record.key)
  to = writeField(target, to, record.value)
  const headers = record.headers ?? noHeaders
  to = writeVarint(target, to, headers.length)
  for (const header of headers) {
    to = writeVarint(target, to, Buffer.byteLength(header.key))
    to += target.write(header.key, to, 'utf8')
    to = writeField(target, to, header.value)
  }
  return to
}

function writeField(target: Buffer, start: number, field: Uint8Array | null): number {
  if (field === null) return writeVarint(target, start, -1)
  const to = writeVarint(target, start, field.length)
  target.set(field, to)
  return to + field.length
}
