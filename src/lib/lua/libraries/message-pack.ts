import { ByteReader, ByteWriter, MalformedError } from '../../bytes/index.ts'
import { Given } from './arguments.ts'
import { spend } from '../meter.ts'
import { LuaTable } from '../table.ts'
import { fail, type LuaFunction, type LuaValue } from '../value.ts'

/** LUACMSGPACK_MAX_NESTING: deeper tables become nil. */
const DEPTH_MAX = 16
const INT64 = 2 ** 63
/** What Lua's stack holds of values that are returned at once. */
const VALUES_MAX = 8000
const READ_DEPTH_MAX = 1000

function write(writer: ByteWriter, value: LuaValue, depth: number): void {
  spend(2)
  if (typeof value === 'string') writeText(writer, value)
  else if (typeof value === 'number') writeNumber(writer, value)
  else if (typeof value === 'boolean') writer.uint8(value ? 0xc3 : 0xc2)
  else if (value instanceof LuaTable && depth < DEPTH_MAX) writeTable(writer, value, depth)
  else writer.uint8(0xc0)
}

function writeText(writer: ByteWriter, text: string): void {
  const { length } = text
  if (length < 32) writer.uint8(0xa0 | length)
  else if (length <= 0xff) {
    writer.uint8(0xd9)
    writer.uint8(length)
  } else writeSize(writer, length, 0xda)
  writer.binary(text)
}

/** In two bytes after `kind`, or in four after the next one. */
function writeSize(writer: ByteWriter, size: number, kind: number): void {
  if (size <= 0xffff) {
    writer.uint8(kind)
    writer.uint16(size)
  } else {
    writer.uint8(kind + 1)
    writer.uint32(size)
  }
}

function writeNumber(writer: ByteWriter, value: number): void {
  if (!Number.isInteger(value) || value >= INT64 || value < -INT64) writeFloat(writer, value)
  else if (value >= 0) writeUnsigned(writer, value)
  else writeNegative(writer, value)
}

function writeFloat(writer: ByteWriter, value: number): void {
  if (Math.fround(value) === value) {
    const bytes = Buffer.alloc(5, 0xca)
    bytes.writeFloatBE(value, 1)
    writer.bytes(bytes)
  } else {
    writer.uint8(0xcb)
    writer.float64(value)
  }
}

function writeUnsigned(writer: ByteWriter, value: number): void {
  if (value <= 0x7f) writer.uint8(value)
  else if (value <= 0xff) {
    writer.uint8(0xcc)
    writer.uint8(value)
  } else if (value <= 0xffff) {
    writer.uint8(0xcd)
    writer.uint16(value)
  } else if (value <= 0xffffffff) {
    writer.uint8(0xce)
    writer.uint32(value)
  } else writeLong(writer, 0xcf, value)
}

function writeNegative(writer: ByteWriter, value: number): void {
  if (value >= -32) writer.int8(value)
  else if (value >= -0x80) {
    writer.uint8(0xd0)
    writer.int8(value)
  } else if (value >= -0x8000) {
    writer.uint8(0xd1)
    writer.int16(value)
  } else if (value >= -0x80000000) {
    writer.uint8(0xd2)
    writer.int32(value)
  } else writeLong(writer, 0xd3, value)
}

function writeLong(writer: ByteWriter, kind: number, value: number): void {
  const bytes = Buffer.alloc(9, kind)
  bytes.writeBigInt64BE(BigInt.asIntN(64, BigInt(value)), 1)
  writer.bytes(bytes)
}

function writeTable(writer: ByteWriter, table: LuaTable, depth: number): void {
  let most = 0
  let count = 0
  let isArray = true
  for (let key = table.nextKey(undefined); key !== undefined; key = table.nextKey(key)) {
    count++
    if (typeof key !== 'number' || key <= 0 || !Number.isInteger(key)) isArray = false
    else if (key > most) most = key
  }
  isArray &&= most === count
  if (count < 16) writer.uint8((isArray ? 0x90 : 0x80) | count)
  else writeSize(writer, count, isArray ? 0xdc : 0xde)
  if (isArray) {
    for (let at = 1; at <= count; at++) write(writer, table.get(at), depth + 1)
    return
  }
  for (let key = table.nextKey(undefined); key !== undefined; key = table.nextKey(key)) {
    write(writer, key, depth + 1)
    write(writer, table.get(key), depth + 1)
  }
}

function read(reader: ByteReader, depth: number): LuaValue {
  spend(2)
  const kind = reader.uint8()
  if (kind <= 0x7f) return kind
  if (kind >= 0xe0) return kind - 0x100
  if (kind <= 0x8f) return readMap(reader, kind & 0xf, depth)
  if (kind <= 0x9f) return readArray(reader, kind & 0xf, depth)
  if (kind <= 0xbf) return reader.binary(kind & 0x1f)
  const readKind = readers[kind]
  if (readKind === undefined) throw fail('Bad data format in input.')
  return readKind(reader, depth)
}

const readers: Readonly<Record<number, (reader: ByteReader, depth: number) => LuaValue>> = {
  0xc0: () => undefined,
  0xc2: () => false,
  0xc3: () => true,
  0xca: reader => reader.slice(4).readFloatBE(),
  0xcb: reader => reader.float64(),
  0xcc: reader => reader.uint8(),
  0xcd: reader => reader.uint16(),
  0xce: reader => reader.uint32(),
  0xcf: reader => Number(reader.slice(8).readBigUInt64BE()),
  0xd0: reader => reader.int8(),
  0xd1: reader => reader.int16(),
  0xd2: reader => reader.int32(),
  0xd3: reader => Number(reader.slice(8).readBigInt64BE()),
  0xd9: reader => reader.binary(reader.uint8()),
  0xda: reader => reader.binary(reader.uint16()),
  0xdb: reader => reader.binary(reader.uint32()),
  0xdc: (reader, depth) => readArray(reader, reader.uint16(), depth),
  0xdd: (reader, depth) => readArray(reader, reader.uint32(), depth),
  0xde: (reader, depth) => readMap(reader, reader.uint16(), depth),
  0xdf: (reader, depth) => readMap(reader, reader.uint32(), depth),
}

function readArray(reader: ByteReader, count: number, depth: number): LuaTable {
  demandDepth(depth)
  if (count > reader.left) throw new MalformedError('announces more than there is')
  const items: LuaValue[] = []
  for (let left = count; left > 0; left--) items.push(read(reader, depth + 1))
  return new LuaTable(items)
}

function readMap(reader: ByteReader, count: number, depth: number): LuaTable {
  demandDepth(depth)
  const table = new LuaTable()
  for (let left = count; left > 0; left--) {
    const key = read(reader, depth + 1)
    table.set(key, read(reader, depth + 1))
  }
  return table
}

function demandDepth(depth: number): void {
  if (depth > READ_DEPTH_MAX) throw fail('too many nested values in input.')
}

/** Values from `offset` on, at most so many; with the offset of the rest, -1 at the end. */
function unpackFrom(text: string, max: number, offset: number): [rest: number, LuaValue[]] {
  if (offset < 0 || max < 0) {
    throw fail(`Invalid request to unpack with offset of ${offset} and limit of ${text.length}.`)
  }
  if (offset > text.length) {
    throw fail(`Start offset ${offset} greater than input length ${text.length}.`)
  }
  const reader = new ByteReader(Buffer.from(text.slice(offset), 'latin1'))
  const found: LuaValue[] = []
  try {
    while (reader.left > 0 && found.length < max) {
      found.push(read(reader, 0))
      if (found.length > VALUES_MAX) {
        throw fail('too many return values at once; use unpack_one or unpack_limit instead.')
      }
    }
  } catch (error) {
    throw error instanceof MalformedError ? fail('Missing bytes in input.') : error
  }
  return [reader.left === 0 ? -1 : offset + reader.position, found]
}

const pack: LuaFunction = (...values) => {
  if (values.length === 0) throw fail("bad argument #0 to 'pack' (MessagePack pack needs input.)")
  const writer = new ByteWriter()
  for (const value of values) write(writer, value, 0)
  return writer.finish().toString('latin1')
}

const unpackSome: LuaFunction = (...values) => {
  const given = new Given('unpack_limit', values)
  const [max, offset] = [given.integer(2), given.integer(3, 0)]
  if (max === 0 && offset === 0) return unpackFrom(given.string(1), Infinity, 0)[1]
  const [rest, found] = unpackFrom(given.string(1), max, offset)
  return [rest, ...found]
}

export const messagePackLibrary = (): LuaTable =>
  LuaTable.of({
    _NAME: 'cmsgpack',
    _VERSION: 'lua-cmsgpack 0.4.0',
    pack,
    unpack: (...values) => unpackFrom(new Given('unpack', values).string(1), Infinity, 0)[1],
    unpack_one: (...values) => {
      const given = new Given('unpack_one', values)
      const [rest, found] = unpackFrom(given.string(1), 1, given.integer(2, 0))
      return [rest, ...found]
    },
    unpack_limit: unpackSome,
  })
