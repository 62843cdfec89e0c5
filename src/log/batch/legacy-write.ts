import { crc32 } from 'node:zlib'
import type { BatchProblem } from './check.ts'
import { codecs, lz4LegacyCodec } from './compression/index.ts'
import {
  attribute,
  attributesOf,
  compressionNames,
  compressionOf,
  maxTimestampOf,
  writeInt64,
} from './header.ts'
import { LEGACY_APPEND_TIME, legacyAt, type LegacyRecord } from './legacy-read.ts'
import { readRecords } from './records.ts'

export type LegacyMagic = 0 | 1

/**
 * A batch as messages of an older format, for readers that know no other. Headers, producer and
 * transaction are lost; control batches become nothing. Records below `from` are left out where
 * nothing is compressed, because some old clients do not skip them. zstd has no place in the old
 * formats: that is the returned problem. Throws `MalformedError` for damaged records.
 */
export function downConvert(
  batch: Buffer,
  magic: LegacyMagic,
  from: number,
): Buffer | BatchProblem {
  const attributes = attributesOf(batch)
  const compression = compressionOf(batch)
  if ((attributes & attribute.control) !== 0) return Buffer.alloc(0)
  if (compression === undefined || compression === 'zstd')
    return { kind: 'compression', message: `format ${magic} cannot hold zstd batches` }
  const timeBits = magic === 1 && attributes & attribute.appendTime ? LEGACY_APPEND_TIME : 0
  const records = readRecords(batch)
  if (compression === 'none') {
    const wanted = records.filter(record => record.offset >= from)
    return Buffer.concat(wanted.map(record => encodeMessage(record, magic, timeBits)))
  }
  const first = records[0]
  const last = records.at(-1)
  if (first === undefined || last === undefined) return Buffer.alloc(0)
  const base = magic === 1 ? first.offset : 0
  const inner = Buffer.concat(
    records.map(record => {
      const { timestamp, key, value } = record
      const numbered = { offset: record.offset - base, timestamp, key, value }
      return encodeMessage(numbered, magic, timeBits)
    }),
  )
  const codec = compression === 'lz4' && magic === 0 ? lz4LegacyCodec : codecs[compression]
  const wrapper = {
    offset: last.offset,
    timestamp: maxTimestampOf(batch),
    key: null,
    value: codec.compress(inner),
  }
  return encodeMessage(wrapper, magic, timeBits | compressionNames.indexOf(compression))
}

/** One message of an old format. Drawn in legacy-read.ts. */
export function encodeMessage(
  record: LegacyRecord,
  magic: LegacyMagic,
  attributes: number,
): Buffer {
  const keyAt = magic === 0 ? 18 : 26
  const keyBytes = record.key?.length ?? 0
  const valueAt = keyAt + 4 + keyBytes
  const message = Buffer.allocUnsafe(valueAt + 4 + (record.value?.length ?? 0))
  writeInt64(message, record.offset, legacyAt.offset)
  message.writeInt32BE(message.length - 12, legacyAt.length)
  message.writeInt8(magic, legacyAt.magic)
  message.writeInt8(attributes, legacyAt.attributes)
  if (magic === 1) writeInt64(message, record.timestamp, 18)
  message.writeInt32BE(record.key?.length ?? -1, keyAt)
  record.key?.copy(message, keyAt + 4)
  message.writeInt32BE(record.value?.length ?? -1, valueAt)
  record.value?.copy(message, valueAt + 4)
  message.writeUInt32BE(crc32(message.subarray(legacyAt.magic)), legacyAt.checksum)
  return message
}
