import { isUtf8 } from 'node:buffer'
import { type ByteReader, ByteWriter, MalformedError } from '../../../lib/bytes/index.ts'

/**
 * A value of a field table, with RabbitMQ's name of its type, since declaring again compares types
 * and what is written again keeps them:
 *
 *   longstr S   binary x         table F   array A       bool t      void V
 *   byte b      unsignedbyte B   short s   unsignedshort u
 *   signedint I unsignedint i    long l    (L is read as l, section 4.2.1's errata)
 *   float f     double d         decimal D timestamp T
 */
export type FieldValue =
  /** A buffer when it is not UTF-8. */
  | { readonly type: 'longstr'; readonly value: string | Buffer }
  | { readonly type: 'binary'; readonly value: Buffer }
  | { readonly type: 'table'; readonly value: FieldTable }
  | { readonly type: 'array'; readonly value: readonly FieldValue[] }
  | { readonly type: 'bool'; readonly value: boolean }
  | { readonly type: 'void'; readonly value: null }
  | { readonly type: SmallIntegerType | 'float' | 'double'; readonly value: number }
  /** A bigint when it is beyond a safe integer. Timestamps are seconds, and not negative. */
  | { readonly type: 'long' | 'timestamp'; readonly value: number | bigint }
  | { readonly type: 'decimal'; readonly value: Decimal }

export type SmallIntegerType =
  | 'byte'
  | 'unsignedbyte'
  | 'short'
  | 'unsignedshort'
  | 'signedint'
  | 'unsignedint'
export type FieldValueType = FieldValue['type']

/** Types whose value is a whole number; a bigint only of `long`. */
export const integerTypes: ReadonlySet<string> = new Set<FieldValueType>([
  'byte',
  'short',
  'signedint',
  'long',
  'unsignedbyte',
  'unsignedshort',
  'unsignedint',
])

/** `unscaled / 10 ** scale`. */
export type Decimal = { readonly scale: number; readonly unscaled: number }

/** In the order of the wire. Of two fields of one name the first counts. */
export type FieldTable = ReadonlyMap<string, FieldValue>

export const emptyTable: FieldTable = new Map()

/** Tables in tables in tables: more levels are nonsense, and would cost stack. */
const DEPTH_MAX = 64
const FIELD_BYTES_MIN = 2

/** Reads a table with its length in front. */
export function readTable(reader: ByteReader, depth = 0): FieldTable {
  const end = endOf(reader, depth)
  if (reader.position === end) return emptyTable
  const table = new Map<string, FieldValue>()
  while (reader.position < end) {
    reader.items(1, FIELD_BYTES_MIN)
    const name = reader.text(reader.uint8())
    const value = readValue(reader, depth)
    if (!table.has(name)) table.set(name, value)
  }
  if (reader.position !== end) throw new MalformedError('a field reaches beyond its table')
  return table
}

function readArray(reader: ByteReader, depth: number): readonly FieldValue[] {
  const end = endOf(reader, depth)
  const values: FieldValue[] = []
  while (reader.position < end) {
    reader.items(1, 1)
    values.push(readValue(reader, depth))
  }
  if (reader.position !== end) throw new MalformedError('a value reaches beyond its array')
  return values
}

function endOf(reader: ByteReader, depth: number): number {
  if (depth > DEPTH_MAX) throw new MalformedError('field tables are nested too deeply')
  const sizeBytes = reader.uint32()
  if (sizeBytes > reader.left)
    throw new MalformedError(`a table of ${sizeBytes} bytes in ${reader.left}`)
  return reader.position + sizeBytes
}

function readValue(reader: ByteReader, depth: number): FieldValue {
  const tag = reader.uint8()
  const read = readers[tag]
  if (read === undefined)
    throw new MalformedError(`field type ${JSON.stringify(String.fromCharCode(tag))} is unknown`)
  return read(reader, depth + 1)
}

type Read = (reader: ByteReader, depth: number) => FieldValue

const readLong: Read = reader => ({
  type: 'long',
  value: narrowed(reader.slice(8).readBigInt64BE()),
})

const readersByTag: Readonly<Record<string, Read>> = {
  S: reader => ({ type: 'longstr', value: textOrBytes(reader.slice(reader.uint32())) }),
  x: reader => ({ type: 'binary', value: Buffer.from(reader.slice(reader.uint32())) }),
  F: (reader, depth) => ({ type: 'table', value: readTable(reader, depth) }),
  A: (reader, depth) => ({ type: 'array', value: readArray(reader, depth) }),
  t: reader => ({ type: 'bool', value: reader.uint8() !== 0 }),
  V: () => ({ type: 'void', value: null }),
  b: reader => ({ type: 'byte', value: reader.int8() }),
  B: reader => ({ type: 'unsignedbyte', value: reader.uint8() }),
  s: reader => ({ type: 'short', value: reader.int16() }),
  u: reader => ({ type: 'unsignedshort', value: reader.uint16() }),
  I: reader => ({ type: 'signedint', value: reader.int32() }),
  i: reader => ({ type: 'unsignedint', value: reader.uint32() }),
  l: readLong,
  L: readLong,
  f: reader => ({ type: 'float', value: reader.slice(4).readFloatBE() }),
  d: reader => ({ type: 'double', value: reader.float64() }),
  D: reader => ({ type: 'decimal', value: { scale: reader.uint8(), unscaled: reader.uint32() } }),
  T: reader => ({ type: 'timestamp', value: narrowed(reader.slice(8).readBigUInt64BE()) }),
}

const readers: (Read | undefined)[] = []
for (const [tag, read] of Object.entries(readersByTag)) readers[tag.charCodeAt(0)] = read

/** Kept, so never a slice of the socket's bytes. */
function textOrBytes(bytes: Buffer): string | Buffer {
  return isUtf8(bytes) ? bytes.toString() : Buffer.from(bytes)
}

/** A number where one is exact. */
export function narrowed(value: bigint): number | bigint {
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : value
}

/** Writes a table with its length in front. */
export function writeTable(writer: ByteWriter, table: FieldTable): void {
  const bytes = tableBytes(table)
  writer.uint32(bytes.length)
  writer.bytes(bytes)
}

/** The fields of a table, without the length. */
export function tableBytes(table: FieldTable): Buffer {
  const writer = new ByteWriter(64)
  for (const [name, value] of table) {
    writeShortstr(writer, name)
    writeValue(writer, value)
  }
  return writer.finish()
}

/** What is longer than a short string can be is cut, between two characters. */
export function writeShortstr(writer: ByteWriter, text: string): void {
  const bytes = shortBytes(text)
  writer.uint8(bytes.length)
  writer.bytes(bytes)
}

const SHORTSTR_BYTES_MAX = 255

function shortBytes(text: string): Buffer {
  const bytes = Buffer.from(text)
  if (bytes.length <= SHORTSTR_BYTES_MAX) return bytes
  let end = SHORTSTR_BYTES_MAX
  while ((bytes[end]! & 0xc0) === 0x80) end--
  return bytes.subarray(0, end)
}

function writeValue(writer: ByteWriter, field: FieldValue): void {
  writer.uint8(tags[field.type].charCodeAt(0))
  switch (field.type) {
    case 'longstr':
    case 'binary':
      return writeLongstr(writer, field.value)
    case 'table':
      return writeTable(writer, field.value)
    case 'array':
      return writeArray(writer, field.value)
    case 'bool':
      return writer.uint8(field.value ? 1 : 0)
    case 'void':
      return
    case 'long':
    case 'timestamp':
      return writer.bytes(eightBytes(field.value))
    case 'decimal':
      writer.uint8(field.value.scale)
      return writer.uint32(field.value.unscaled)
    default:
      return writeNumber(writer, field.type, field.value)
  }
}

const tags = {
  longstr: 'S',
  binary: 'x',
  table: 'F',
  array: 'A',
  bool: 't',
  void: 'V',
  byte: 'b',
  unsignedbyte: 'B',
  short: 's',
  unsignedshort: 'u',
  signedint: 'I',
  unsignedint: 'i',
  long: 'l',
  float: 'f',
  double: 'd',
  decimal: 'D',
  timestamp: 'T',
} as const satisfies Record<FieldValueType, string>

const typesByTag: ReadonlyMap<string, string> = new Map([
  ...Object.entries(tags).map(([type, tag]) => [tag, type] as const),
  ['L', 'long'],
])

/** RabbitMQ's name for the type that a tag on the wire stands for, or undefined. */
export const typeOfTag = (tag: number): string | undefined =>
  typesByTag.get(String.fromCharCode(tag))

function writeNumber(
  writer: ByteWriter,
  type: SmallIntegerType | 'float' | 'double',
  value: number,
): void {
  switch (type) {
    case 'byte':
      return writer.int8(value)
    case 'unsignedbyte':
      return writer.uint8(value)
    case 'short':
      return writer.int16(value)
    case 'unsignedshort':
      return writer.uint16(value)
    case 'signedint':
      return writer.int32(value)
    case 'unsignedint':
      return writer.uint32(value)
    case 'double':
      return writer.float64(value)
    case 'float': {
      const bytes = Buffer.alloc(4)
      bytes.writeFloatBE(value)
      return writer.bytes(bytes)
    }
  }
}

function writeArray(writer: ByteWriter, values: readonly FieldValue[]): void {
  const inner = new ByteWriter(64)
  for (const value of values) writeValue(inner, value)
  const bytes = inner.finish()
  writer.uint32(bytes.length)
  writer.bytes(bytes)
}

export function writeLongstr(writer: ByteWriter, value: string | Buffer): void {
  const bytes = typeof value === 'string' ? Buffer.from(value) : value
  writer.uint32(bytes.length)
  writer.bytes(bytes)
}

/** Two's complement, so a timestamp and a signed number are written alike. */
export function eightBytes(value: number | bigint): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64BE(BigInt.asUintN(64, BigInt(value)))
  return bytes
}
