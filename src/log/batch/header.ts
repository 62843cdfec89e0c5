import type { Offset } from '../../lib/brand.ts'
import { crc32c } from '../../lib/crc32c.ts'
import type { BatchSummary } from '../store.ts'

/**
 * The header of a Kafka record batch, magic 2. Numbers are big endian.
 *
 *    0  base offset        int64      not covered by the checksum: the broker sets it
 *    8  length             int32      of what follows this field
 *   12  leader epoch       int32      not covered by the checksum either
 *   16  magic              int8       2
 *   17  checksum           uint32     CRC-32C of everything from byte 21 on
 *   21  attributes         int16      compression (3 bits), time type, transactional, control,
 *                                     delete horizon, enveloped and referring (ours)
 *   23  last offset delta  int32
 *   27  base timestamp     int64
 *   35  max timestamp      int64
 *   43  producer id        int64
 *   51  producer epoch     int16
 *   53  base sequence      int32
 *   57  count              int32      of records
 *   61  records            compressed as one block, if at all
 */
export const at = {
  baseOffset: 0,
  length: 8,
  leaderEpoch: 12,
  magic: 16,
  checksum: 17,
  attributes: 21,
  lastOffsetDelta: 23,
  baseTimestamp: 27,
  maxTimestamp: 35,
  producerId: 43,
  producerEpoch: 51,
  baseSequence: 53,
  count: 57,
  records: 61,
} as const

export const HEADER_BYTES = at.records
/** What stands before the bytes that `length` counts. Legacy messages begin in the same way. */
export const LENGTH_PREFIX_BYTES = 12
export const MAGIC = 2

export const attribute = {
  compressionMask: 0x07,
  appendTime: 0x08,
  transactional: 0x10,
  control: 0x20,
  deleteHorizon: 0x40,
  /** Ours, where Kafka has none: each record's one header is a message's envelope. */
  enveloped: 0x4000,
  /** Ours: some of the enveloped records have their bodies in another log. */
  referring: 0x2000,
} as const

export const compressionNames = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const
export type CompressionName = (typeof compressionNames)[number]

/** A signed 64-bit field as a number. Beyond 53 bits it is rounded: `checkBatch` refuses those. */
export function readInt64(bytes: Buffer, position: number): number {
  return bytes.readInt32BE(position) * 2 ** 32 + bytes.readUInt32BE(position + 4)
}

export function writeInt64(bytes: Buffer, value: number, position: number): void {
  const high = Math.floor(value / 2 ** 32)
  bytes.writeInt32BE(high, position)
  bytes.writeUInt32BE(value - high * 2 ** 32, position + 4)
}

/** Bytes of the batch that begins at `position`. The caller knows that twelve bytes are there. */
export function batchBytes(bytes: Buffer, position = 0): number {
  return LENGTH_PREFIX_BYTES + bytes.readInt32BE(position + at.length)
}

// Producers may write any base offset, and nothing protects it: so these only cast.
export const baseOffsetOf = (batch: Buffer, start = 0): Offset =>
  readInt64(batch, start + at.baseOffset) as Offset
export const lastOffsetOf = (batch: Buffer, start = 0): Offset =>
  (readInt64(batch, start + at.baseOffset) +
    batch.readInt32BE(start + at.lastOffsetDelta)) as Offset
export const attributesOf = (batch: Buffer): number => batch.readInt16BE(at.attributes)
export const countOf = (batch: Buffer, start = 0): number => batch.readInt32BE(start + at.count)
export const baseTimestampOf = (batch: Buffer): number => readInt64(batch, at.baseTimestamp)
export const maxTimestampOf = (batch: Buffer, start = 0): number =>
  readInt64(batch, start + at.maxTimestamp)

/** Undefined for a number that no Kafka version has given a meaning. */
export function compressionOf(batch: Buffer): CompressionName | undefined {
  return compressionNames[attributesOf(batch) & attribute.compressionMask]
}

/** When the tombstones of a compacted batch may go; undefined before a compaction has seen them. */
export function deleteHorizonOf(batch: Buffer): number | undefined {
  const has = (attributesOf(batch) & attribute.deleteHorizon) !== 0
  return has ? readInt64(batch, at.baseTimestamp) : undefined
}

export const leaderEpochOf = (batch: Buffer): number => batch.readInt32BE(at.leaderEpoch)
export const isAppendTime = (batch: Buffer): boolean =>
  (attributesOf(batch) & attribute.appendTime) !== 0

export const isEnveloped = (batch: Buffer): boolean =>
  (attributesOf(batch) & attribute.enveloped) !== 0

export const isReferring = (batch: Buffer): boolean =>
  (attributesOf(batch) & attribute.referring) !== 0

/** What a slot's index keeps of a batch. Reads 61 bytes, no record. */
export function summaryOf(batch: Buffer): BatchSummary {
  const summary = new SummaryView()
  summary.read(batch, 0)
  return summary
}

/** The summary of one batch after another: nobody may keep it. */
export class SummaryView implements BatchSummary {
  baseOffset = 0 as Offset
  lastOffset = 0 as Offset
  count = 0
  sizeBytes = 0
  maxTimestamp = 0
  producerId = 0
  producerEpoch = 0
  baseSequence = 0
  isTransactional = false
  isControl = false

  /** Of the batch that begins at `start`. */
  read(bytes: Buffer, start: number): void {
    const attributes = bytes.readInt16BE(start + at.attributes)
    this.baseOffset = readInt64(bytes, start) as Offset
    this.lastOffset = (this.baseOffset + bytes.readInt32BE(start + at.lastOffsetDelta)) as Offset
    this.count = bytes.readInt32BE(start + at.count)
    this.sizeBytes = batchBytes(bytes, start)
    this.maxTimestamp = readInt64(bytes, start + at.maxTimestamp)
    this.producerId = readInt64(bytes, start + at.producerId)
    this.producerEpoch = bytes.readInt16BE(start + at.producerEpoch)
    this.baseSequence = bytes.readInt32BE(start + at.baseSequence)
    this.isTransactional = (attributes & attribute.transactional) !== 0
    this.isControl = (attributes & attribute.control) !== 0
  }
}

/** In place; the checksum does not cover it. The batch begins at `start`. */
export function setBaseOffset(batch: Buffer, offset: Offset, start = 0): void {
  writeInt64(batch, offset, start + at.baseOffset)
}

/** In place; the checksum does not cover it. The batch begins at `start`. */
export function setLeaderEpoch(batch: Buffer, epoch: number, start = 0): void {
  batch.writeInt32BE(epoch, start + at.leaderEpoch)
}

/** In place: every record of the batch now bears this time, and the checksum says so. */
export function setAppendTime(batch: Buffer, timestamp: number): void {
  batch.writeInt16BE(attributesOf(batch) | attribute.appendTime, at.attributes)
  writeInt64(batch, timestamp, at.maxTimestamp)
  setChecksum(batch)
}

/** In place, with the checksum: some producers do not say rightly which record is the newest. */
export function setMaxTimestamp(batch: Buffer, timestamp: number): void {
  writeInt64(batch, timestamp, at.maxTimestamp)
  setChecksum(batch)
}

/** In place. The batch begins at `start`. */
export function setChecksum(batch: Buffer, start = 0): void {
  const end = start + batchBytes(batch, start)
  batch.writeUInt32BE(crc32c(batch, start + at.attributes, end), start + at.checksum)
}

/** Of the batch between `start` and `end`. */
export function checksumHolds(batch: Buffer, start: number, end: number): boolean {
  return batch.readUInt32BE(start + at.checksum) === crc32c(batch, start + at.attributes, end)
}
