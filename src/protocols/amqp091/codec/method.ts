import { isUtf8 } from 'node:buffer'
import { ByteReader, ByteWriter, MalformedError } from '../../../lib/bytes/index.ts'
import { FRAME_END, FRAME_HEAD_BYTES, frameType } from '../constants.ts'
import type { DraftOf, Fields, FieldType, FieldTypes, Method, ShapeOf } from '../schema/dsl.ts'
import {
  eightBytes,
  narrowed,
  readTable,
  writeLongstr,
  writeShortstr,
  writeTable,
} from './field-table.ts'

/**
 * Arguments of a method, without its numbers. Strings and tables are copies. Throws MalformedError
 * for what does not fit the table of the method.
 */
export function readMethod<F extends Fields>(
  table: Method<F>,
  bytes: Buffer,
  start: number,
  end: number,
): ShapeOf<F> {
  const reader = new ByteReader(bytes.subarray(start, end))
  const values: Record<string, unknown> = {}
  let bits = 0
  let bitCount = 0
  for (const name in table.fields) {
    const type: FieldType = table.fields[name]!
    if (type !== 'bit') {
      bitCount = 0
      values[name] = readers[type](reader)
      continue
    }
    // Adjacent bits share an octet, the first in its lowest bit (section 4.2.5.2).
    if (bitCount === 0) bits = reader.uint8()
    values[name] = ((bits >>> bitCount) & 1) === 1
    bitCount = (bitCount + 1) & 7
  }
  if (reader.left > 0) throw new MalformedError(`${reader.left} bytes too many in ${table.name}`)
  return values as ShapeOf<F>
}

type WithoutBit = Exclude<FieldType, 'bit'>

const readers: { readonly [Type in WithoutBit]: (reader: ByteReader) => FieldTypes[Type] } = {
  octet: reader => reader.uint8(),
  short: reader => reader.uint16(),
  long: reader => reader.uint32(),
  longlong: reader => narrowed(reader.slice(8).readBigUInt64BE()),
  shortstr: reader => {
    const bytes = reader.slice(reader.uint8())
    if (!isUtf8(bytes)) throw new MalformedError('Malformed UTF-8 in shortstr')
    return bytes.toString()
  },
  longstr: reader => Buffer.from(reader.slice(reader.uint32())),
  table: reader => readTable(reader),
}

/** A whole method frame. */
export function methodFrame<F extends Fields>(
  channel: number,
  table: Method<F>,
  fields: DraftOf<F>,
): Buffer {
  const writer = new ByteWriter(64)
  writer.uint8(frameType.METHOD)
  writer.uint16(channel)
  writer.uint32(0)
  writer.uint16(table.classId)
  writer.uint16(table.methodId)
  writeFields(writer, table, fields)
  writer.uint8(FRAME_END)
  const frame = writer.finish()
  frame.writeUInt32BE(frame.length - FRAME_HEAD_BYTES - 1, 3)
  return frame
}

function writeFields<F extends Fields>(
  writer: ByteWriter,
  table: Method<F>,
  fields: DraftOf<F>,
): void {
  const values: Readonly<Record<string, unknown>> = fields
  let bits = 0
  let bitCount = 0
  const flushBits = (): void => {
    if (bitCount > 0) writer.uint8(bits)
    bits = bitCount = 0
  }
  for (const name in table.fields) {
    const type: FieldType = table.fields[name]!
    const value = values[name] ?? empty[type]
    if (type !== 'bit') {
      flushBits()
      // The table gives the field its type, so the value has it.
      writers[type](writer, value as never)
      continue
    }
    if (value === true) bits |= 1 << bitCount
    if (++bitCount === 8) flushBits()
  }
  flushBits()
}

/** What a reserved field holds. */
const empty: FieldTypes = {
  bit: false,
  octet: 0,
  short: 0,
  long: 0,
  longlong: 0,
  shortstr: '',
  longstr: Buffer.alloc(0),
  table: new Map(),
}

const writers: {
  readonly [Type in WithoutBit]: (writer: ByteWriter, value: FieldTypes[Type]) => void
} = {
  octet: (writer, value) => writer.uint8(value),
  short: (writer, value) => writer.uint16(value),
  long: (writer, value) => writer.uint32(value),
  longlong: (writer, value) => writer.bytes(eightBytes(value)),
  shortstr: writeShortstr,
  longstr: writeLongstr,
  table: writeTable,
}
