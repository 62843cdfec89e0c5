import { assert } from '../../lib/assert.ts'
import { ByteReader, ByteWriter, type Piece } from '../../lib/bytes/index.ts'
import { demandVersion } from '../snapshot.ts'
import { readBinary, writeBinary, writePiece } from './binary.ts'
import type { Database } from './database.ts'
import { kindNumber, STRING, valueKinds } from './events.ts'
import { type Entry, type Keys, namespaceOf } from './keys.ts'
import type { Value, ValueKind } from './value.ts'

/**
 * All databases:
 *
 *   version 1 | databases 2 | for each: namespace | keys 4 | keys… |
 *     lists and streams that expire 4 | for each: key | time 8
 *   key: kind 1 (with 128: it expires) | key | time 8 when it expires | value
 *
 * Texts have their length (varuint) in front; keys come in the order of their places. The last
 * databases are left out when they are as they were in the beginning.
 */
const VERSION = 1
const EXPIRING = 0x80

const lent: Piece = { bytes: Buffer.alloc(0), start: 0, end: 0 }

export function writeSnapshot(databases: readonly Database[]): Buffer {
  const used = databases.reduce((sum, { keys }) => sum + keys.usedBytes, 0)
  const writer = new ByteWriter(Math.max(256, used)) // It is less than that: nothing is copied.
  writer.uint8(VERSION)
  const count = 1 + databases.findLastIndex(({ index, keys }) => !isBlank(index, keys))
  writer.uint16(count)
  for (const { keys } of databases.slice(0, count)) writeKeys(writer, keys)
  return writer.finish()
}

export function readSnapshot(
  snapshot: Buffer,
  into: { database(index: number): Database; read(kind: ValueKind, reader: ByteReader): Value },
): void {
  const reader = new ByteReader(snapshot)
  demandVersion('keyspace', reader.uint8(), VERSION)
  const count = reader.uint16()
  for (let index = 0; index < count; index++) {
    const { keys } = into.database(index)
    readKeys(reader, keys, kind => into.read(kind, reader))
  }
  assert(reader.left === 0, 'a snapshot of keys ends with the last database')
}

const isBlank = (index: number, { count, foreignExpiry, namespace }: Keys): boolean =>
  count === 0 && foreignExpiry.size === 0 && namespace === namespaceOf(index)

function writeKeys(writer: ByteWriter, keys: Keys): void {
  writeText(writer, keys.namespace)
  writer.uint32(keys.count)
  for (let place = 0; place < keys.count; place++) {
    if (keys.isPlain(place)) writePlain(writer, keys, place)
    else writeEntry(writer, keys.entryAt(place))
  }
  writer.uint32(keys.foreignExpiry.size)
  for (const [key, time] of keys.foreignExpiry) {
    writeBinary(writer, key)
    writer.int64(time)
  }
}

function writePlain(writer: ByteWriter, keys: Keys, place: number): void {
  writer.uint8(STRING)
  writePiece(writer, keys.lendKey(place, lent))
  writePiece(writer, keys.lendText(place, lent))
}

function writeEntry(writer: ByteWriter, { key, value, expiresAt }: Entry): void {
  writer.uint8(kindNumber(value.kind) | (expiresAt === 0 ? 0 : EXPIRING))
  writeBinary(writer, key)
  if (expiresAt !== 0) writer.int64(expiresAt)
  value.write(writer)
}

function readKeys(reader: ByteReader, keys: Keys, read: (kind: ValueKind) => Value): void {
  keys.namespace = reader.text(reader.varuint())
  for (let left = reader.uint32(); left > 0; left--) {
    const head = reader.uint8()
    const key = readBinary(reader)
    const expiresAt = (head & EXPIRING) === 0 ? 0 : reader.int64()
    keys.put(key, read(valueKinds[head & ~EXPIRING]!), expiresAt, 0)
  }
  for (let left = reader.uint32(); left > 0; left--)
    keys.expireAt(readBinary(reader), reader.int64())
}

function writeText(writer: ByteWriter, text: string): void {
  writer.varuint(Buffer.byteLength(text))
  writer.text(text)
}
