import { MalformedError, type ByteReader } from '../../../lib/bytes/reader.ts'
import type { ByteWriter } from '../../../lib/bytes/writer.ts'

/**
 * Kafka's length-prefixed types, for the compiled codecs. Plain: an int16 (text) or int32 (bytes,
 * lists) length, -1 is null. Compact, in flexible versions: length + 1 as a varuint, 0 is null.
 */

const TEXT_BYTES_MAX = 0x7fff
const NULL_TEXT = 'a text that may not be null is null'
const NULL_BYTES = 'bytes that may not be null are null'
const NULL_LIST = 'a list that may not be null is null'

export const NO_BYTES: Buffer = Buffer.alloc(0)

function nullLength(length: number, what: string): never {
  throw new MalformedError(length === -1 ? what : `a length of ${length}`)
}

export function readNullableText(reader: ByteReader): string | null {
  const length = reader.int16()
  return length === -1 ? null : reader.text(length)
}

export function readText(reader: ByteReader): string {
  const length = reader.int16()
  return length < 0 ? nullLength(length, NULL_TEXT) : reader.text(length)
}

export function readCompactNullableText(reader: ByteReader): string | null {
  const length = reader.varuint() - 1
  if (length > TEXT_BYTES_MAX) throw new MalformedError(`a text of ${length} bytes`)
  return length === -1 ? null : reader.text(length)
}

export function readCompactText(reader: ByteReader): string {
  return readCompactNullableText(reader) ?? nullLength(-1, NULL_TEXT)
}

export function readNullableBytes(reader: ByteReader): Buffer | null {
  const length = reader.int32()
  return length === -1 ? null : reader.slice(length)
}

export function readBytes(reader: ByteReader): Buffer {
  return readNullableBytes(reader) ?? nullLength(-1, NULL_BYTES)
}

export function readCompactNullableBytes(reader: ByteReader): Buffer | null {
  const length = reader.varuint() - 1
  return length === -1 ? null : reader.slice(length)
}

export function readCompactBytes(reader: ByteReader): Buffer {
  return readCompactNullableBytes(reader) ?? nullLength(-1, NULL_BYTES)
}

/** -1 for null. */
export function readNullableCount(reader: ByteReader, itemBytesMin: number): number {
  const count = reader.int32()
  return count === -1 ? -1 : reader.items(count, itemBytesMin)
}

export function readCount(reader: ByteReader, itemBytesMin: number): number {
  const count = reader.int32()
  return count === -1 ? nullLength(-1, NULL_LIST) : reader.items(count, itemBytesMin)
}

export function readCompactNullableCount(reader: ByteReader, itemBytesMin: number): number {
  const count = reader.varuint() - 1
  return count === -1 ? -1 : reader.items(count, itemBytesMin)
}

export function readCompactCount(reader: ByteReader, itemBytesMin: number): number {
  const count = reader.varuint() - 1
  return count === -1 ? nullLength(-1, NULL_LIST) : reader.items(count, itemBytesMin)
}

/** A struct that may be null begins with -1 (null) or 1. */
export function readPresence(reader: ByteReader): boolean {
  const mark = reader.int8()
  if (mark !== 1 && mark !== -1) throw new MalformedError(`a struct begins with ${mark}`)
  return mark === 1
}

export function readBool(reader: ByteReader): boolean {
  return reader.int8() !== 0
}

/** Called after a known tag was read: it must have taken exactly the bytes it announced. */
export function checkTagEnd(reader: ByteReader, end: number): void {
  if (reader.position !== end) throw new MalformedError('a tagged field has another length')
}

/** Kafka's texts are at most 32,767 bytes long; a longer one (an error message) is cut. */
function cut(value: string): string {
  const bytes = Buffer.from(value)
  let end = TEXT_BYTES_MAX
  while ((bytes[end]! & 0xc0) === 0x80) end-- // Not in the middle of a character.
  return bytes.toString('utf8', 0, end)
}

export function writeText(writer: ByteWriter, value: string | null): void {
  if (value === null) return writer.int16(-1)
  const length = Buffer.byteLength(value)
  if (length > TEXT_BYTES_MAX) return writeText(writer, cut(value))
  writer.int16(length)
  writer.text(value)
}

export function writeCompactText(writer: ByteWriter, value: string | null): void {
  if (value === null) return writer.varuint(0)
  const length = Buffer.byteLength(value)
  if (length > TEXT_BYTES_MAX) return writeCompactText(writer, cut(value))
  writer.varuint(length + 1)
  writer.text(value)
}

export function writeBytes(writer: ByteWriter, value: Buffer | null): void {
  if (value === null) return writer.int32(-1)
  writer.int32(value.length)
  writer.bytes(value)
}

export function writeCompactBytes(writer: ByteWriter, value: Buffer | null): void {
  if (value === null) return writer.varuint(0)
  writer.varuint(value.length + 1)
  writer.bytes(value)
}

export type Records = Buffer | readonly Buffer[] | null

export function writeRecords(writer: ByteWriter, value: Records): void {
  if (value === null || Buffer.isBuffer(value)) return writeBytes(writer, value)
  writer.int32(totalBytes(value))
  for (const batch of value) writer.bytes(batch)
}

export function writeCompactRecords(writer: ByteWriter, value: Records): void {
  if (value === null || Buffer.isBuffer(value)) return writeCompactBytes(writer, value)
  writer.varuint(totalBytes(value) + 1)
  for (const batch of value) writer.bytes(batch)
}

function totalBytes(buffers: readonly Buffer[]): number {
  let total = 0
  for (const buffer of buffers) total += buffer.length
  return total
}

export function writeTag(writer: ByteWriter, tag: number, payload: ByteWriter): void {
  writer.varuint(tag)
  writer.varuint(payload.sizeBytes)
  for (const chunk of payload.finishChunks()) writer.bytes(chunk)
}
