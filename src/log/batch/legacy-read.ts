import { crc32 } from 'node:zlib'
import { MalformedError } from '../../lib/bytes/reader.ts'
import { limits } from '../../limits/limits.ts'
import { encodeBatch, type NewRecord } from './builder.ts'
import type { BatchProblem } from './check.ts'
import { codecs } from './compression/index.ts'
import { type CompressionName, compressionNames, readInt64 } from './header.ts'

/**
 * The message formats before Kafka 0.11. Every record is a message of its own:
 *
 *    0  offset     int64
 *    8  length     int32     of what follows this field
 *   12  checksum   uint32    CRC-32 (not C) of everything from byte 16 on
 *   16  magic      int8      0 or 1
 *   17  attributes int8      compression (3 bits), append time (magic 1)
 *   18  timestamp  int64     magic 1 only
 *       key        int32 length (-1: null), bytes
 *       value      int32 length (-1: null), bytes
 *
 * Compressed, one wrapper message bears the offset of its last record, and its value unpacks to
 * further messages: their offsets are absolute in magic 0, and count from zero in magic 1.
 */
export const legacyAt = { offset: 0, length: 8, checksum: 12, magic: 16, attributes: 17 } as const
export const LEGACY_APPEND_TIME = 0x08
/** Offset, length, checksum, magic, attributes and two empty fields. */
const MESSAGE_BYTES_MIN = 26

export type LegacyRecord = {
  readonly offset: number
  /** -1 in magic 0, which knows no time. */
  readonly timestamp: number
  readonly key: Buffer | null
  readonly value: Buffer | null
}

type Message = LegacyRecord & {
  readonly magic: number
  readonly compression: CompressionName
  readonly isAppendTime: boolean
}

/** All records of a set of messages, wrappers opened. Throws `MalformedError`. */
export function readLegacy(
  messages: Buffer,
  bytesMax: number = limits.batchUnpackedBytesMax,
): { records: LegacyRecord[]; compression: CompressionName } {
  const records: LegacyRecord[] = []
  let compression: CompressionName = 'none'
  let bytesLeft = bytesMax
  for (const message of eachMessage(messages)) {
    if (message.compression === 'none') {
      records.push(message)
      continue
    }
    compression = message.compression
    const inner = codecs[compression].decompress(message.value ?? Buffer.alloc(0), bytesLeft)
    bytesLeft -= inner.length
    openWrapper(message, inner, records)
  }
  return { records, compression }
}

/**
 * One batch of today's format with the records of a legacy message set, numbered from zero, packed
 * as they were. A problem comes back as a value, because producers of any age may send nonsense.
 */
export function upConvert(messages: Buffer): Buffer | BatchProblem {
  try {
    const { records, compression } = readLegacy(messages)
    if (records.length === 0) return { kind: 'invalid', message: 'a message set without messages' }
    const renumbered: NewRecord[] = records.map(({ timestamp, key, value }) => ({
      timestamp,
      key,
      value,
    }))
    return encodeBatch(renumbered, { compression })
  } catch (error) {
    if (error instanceof MalformedError) return { kind: 'corrupt', message: error.message }
    throw error
  }
}

function openWrapper(wrapper: Message, inner: Buffer, records: LegacyRecord[]): void {
  const first = records.length
  for (const message of eachMessage(inner)) {
    if (message.compression !== 'none') throw new MalformedError('a wrapper inside a wrapper')
    if (message.magic !== wrapper.magic)
      throw new MalformedError('a wrapper and its messages differ in format')
    records.push(message)
  }
  if (records.length === first) throw new MalformedError('a wrapper without messages')
  if (wrapper.magic === 0) return
  const shift = wrapper.offset - records.at(-1)!.offset
  for (let index = first; index < records.length; index++) {
    const { offset, timestamp, key, value } = records[index]!
    records[index] = {
      offset: offset + shift,
      timestamp: wrapper.isAppendTime ? wrapper.timestamp : timestamp,
      key,
      value,
    }
  }
}

function* eachMessage(messages: Buffer): Generator<Message> {
  for (let start = 0; start < messages.length; ) {
    const left = messages.length - start
    if (left < MESSAGE_BYTES_MIN)
      throw new MalformedError(`${left} bytes after the last message are no message`)
    const sizeBytes = 12 + messages.readInt32BE(start + legacyAt.length)
    if (sizeBytes < MESSAGE_BYTES_MIN || sizeBytes > left)
      throw new MalformedError(`a message of ${sizeBytes} bytes does not fit in ${left}`)
    yield readMessage(messages.subarray(start, start + sizeBytes))
    start += sizeBytes
  }
}

function readMessage(bytes: Buffer): Message {
  if (bytes.readUInt32BE(legacyAt.checksum) !== crc32(bytes.subarray(legacyAt.magic)))
    throw new MalformedError('the checksum of a message does not match')
  const magic = bytes.readInt8(legacyAt.magic)
  if (magic !== 0 && magic !== 1) throw new MalformedError(`a message of format ${magic}`)
  const attributes = bytes.readInt8(legacyAt.attributes)
  const compression = compressionNames[attributes & 0x07]
  if (compression === undefined || compression === 'zstd')
    throw new MalformedError('the compression of a message is unknown')
  const keyAt = magic === 0 ? 18 : 26
  const key = readField(bytes, keyAt)
  const value = readField(bytes, keyAt + 4 + (key?.length ?? 0))
  if (keyAt + 8 + (key?.length ?? 0) + (value?.length ?? 0) !== bytes.length)
    throw new MalformedError('a message is longer than its fields')
  return {
    offset: readInt64(bytes, legacyAt.offset),
    timestamp: magic === 0 ? -1 : readInt64(bytes, 18),
    key,
    value,
    magic,
    compression,
    isAppendTime: magic === 1 && (attributes & LEGACY_APPEND_TIME) !== 0,
  }
}

function readField(bytes: Buffer, at: number): Buffer | null {
  if (at + 4 > bytes.length) throw new MalformedError('a message ends inside a field')
  const length = bytes.readInt32BE(at)
  if (length === -1) return null
  if (length < 0 || at + 4 + length > bytes.length)
    throw new MalformedError(`a field of ${length} bytes does not fit in its message`)
  return bytes.subarray(at + 4, at + 4 + length)
}
