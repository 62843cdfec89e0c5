import { assert } from '../../../lib/assert.ts'
import { ByteReader, type ByteWriter, type Piece } from '../../../lib/bytes/index.ts'
import { demandVersion } from '../../snapshot.ts'
import { readBinary, writeBinary, writePiece } from '../binary.ts'
import type { Database } from '../database.ts'
import { kindNumber, STRING, valueKinds } from '../events.ts'
import { type Entry, type Keys, namespaceOf } from '../keys.ts'
import type { Value, ValueKind } from '../value.ts'

/**
 * All databases, in pieces. Each piece is its version and then items, in any order:
 *
 *   key:       kind 1 (with 128: it expires) | key | time 8 when it expires | value
 *   database:  64 | database 1 | namespace       whose items follow; the first one of a piece
 *   expiry:    65 | key | time 8                 when a list or stream expires
 *
 * Texts have their length (varuint) in front. Databases as they were in the beginning are left out.
 */
export const VERSION = 2
/** One piece: see `readFirst`. */
const VERSION_FIRST = 1
const EXPIRING = 0x80
export const DATABASE = 0x40
export const EXPIRY = 0x41

const lent: Piece = { bytes: Buffer.alloc(0), start: 0, end: 0 }

export type RestoredInto = {
  database(index: number): Database
  read(kind: ValueKind, reader: ByteReader): Value
}

export function readSnapshot(piece: Buffer, into: RestoredInto): void {
  const reader = new ByteReader(piece)
  const version = reader.uint8()
  if (version === VERSION_FIRST) return readFirst(reader, into)
  demandVersion('keyspace', version, VERSION)
  let keys: Keys | null = null
  while (reader.left > 0) {
    const head = reader.uint8()
    if (head === DATABASE) {
      ;({ keys } = into.database(reader.uint8()))
      keys.namespace = readText(reader)
    } else if (head === EXPIRY) keys!.expireAt(readBinary(reader), reader.int64())
    else readKey(head, reader, keys!, into)
  }
}

/**
 * The first version:
 *
 *   version 1 | databases 2 | for each: namespace | keys 4 | keys… |
 *     lists and streams that expire 4 | for each: key | time 8
 */
function readFirst(reader: ByteReader, into: RestoredInto): void {
  const count = reader.uint16()
  for (let index = 0; index < count; index++) {
    const { keys } = into.database(index)
    keys.namespace = readText(reader)
    for (let left = reader.uint32(); left > 0; left--) readKey(reader.uint8(), reader, keys, into)
    for (let left = reader.uint32(); left > 0; left--)
      keys.expireAt(readBinary(reader), reader.int64())
  }
  assert(reader.left === 0, 'a snapshot of keys ends with the last database')
}

export const isBlank = (index: number, { count, foreignExpiry, namespace }: Keys): boolean =>
  count === 0 && foreignExpiry.size === 0 && namespace === namespaceOf(index)

export function writePlain(writer: ByteWriter, keys: Keys, place: number): void {
  writer.uint8(STRING)
  writePiece(writer, keys.lendKey(place, lent))
  writePiece(writer, keys.lendText(place, lent))
}

export function writeEntry(writer: ByteWriter, { key, value, expiresAt }: Entry): void {
  writer.uint8(kindNumber(value.kind) | (expiresAt === 0 ? 0 : EXPIRING))
  writeBinary(writer, key)
  if (expiresAt !== 0) writer.int64(expiresAt)
  value.write(writer)
}

function readKey(head: number, reader: ByteReader, keys: Keys, into: RestoredInto): void {
  const key = readBinary(reader)
  const expiresAt = (head & EXPIRING) === 0 ? 0 : reader.int64()
  keys.put(key, into.read(valueKinds[head & ~EXPIRING]!, reader), expiresAt, 0)
}

export function writeText(writer: ByteWriter, text: string): void {
  writer.varuint(Buffer.byteLength(text))
  writer.text(text)
}

const readText = (reader: ByteReader): string => reader.text(reader.varuint())
