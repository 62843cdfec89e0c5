import { type ByteReader, ByteWriter, type Piece } from '../../lib/bytes/index.ts'
import { readBinary, writeBinary, writePiece } from './binary.ts'
import type { Value, ValueKind } from './value.ts'

/**
 * What is journaled of keys. A number says what it is, then the database:
 *
 *   put:          0 | db 1 | kind 1 | key | value
 *   put expiring: 1 | db 1 | kind 1 | key | time 8 | value
 *   change:       2 | db 1 | kind 1 | key | what the value's `evolve` reads
 *   delete:       3 | db 1 | key
 *   expire:       4 | db 1 | key | time 8
 *   rename:       5 | db 1 | db 1 | key | key
 *   flush:        6 | db 1
 *   swap:         7 | db 1 | db 1
 *
 * A key is its length (varuint) and its bytes; times are milliseconds since 1970, 0 for never.
 */
export const PUT = 0
export const PUT_EXPIRING = 1
export const CHANGE = 2
export const DELETE = 3
export const EXPIRE = 4
export const RENAME = 5
export const FLUSH = 6
export const SWAP = 7

/** By their numbers in events, snapshots and DUMP. */
export const valueKinds = ['string', 'hash', 'set', 'zset'] as const satisfies readonly ValueKind[]

export const kindNumber = (kind: ValueKind): number => valueKinds.indexOf(kind)

export const STRING = kindNumber('string')

export type RenameEvent = {
  readonly from: number
  readonly to: number
  readonly key: string
  readonly newKey: string
}

/** Events lie side by side in one piece of memory, until the last of them is let go. */
const SLAB_BYTES = 16 * 1024

/** One writer for all events. What it hands over is not touched again, what it lends is. */
const writer = new ByteWriter(SLAB_BYTES)
const lent: Piece = { bytes: Buffer.alloc(0), start: 0, end: 0 }

function head(event: number, database: number): ByteWriter {
  writer.uint8(event)
  writer.uint8(database)
  return writer
}

/** Lent until the next event is written. */
export function putEvent(database: number, key: string, value: Value, expiresAt: number): Piece {
  putHead(database, key, value.kind, expiresAt)
  value.write(writer)
  return writer.lend(lent)
}

/** The same event for a string that is this text and stays. Lent. */
export function putTextEvent(database: number, key: Piece, text: Piece): Piece {
  head(PUT, database).uint8(STRING)
  writePiece(writer, key)
  writePiece(writer, text)
  return writer.lend(lent)
}

function putHead(database: number, key: string, kind: ValueKind, expiresAt: number): void {
  head(expiresAt === 0 ? PUT : PUT_EXPIRING, database).uint8(kindNumber(kind))
  writeBinary(writer, key)
  if (expiresAt !== 0) writer.int64(expiresAt)
}

/** Lent. Throws what `write` throws. */
export function lentChange(
  database: number,
  key: string,
  kind: ValueKind,
  write: (writer: ByteWriter) => void,
): Piece {
  writeChange(database, key, kind, write)
  return writer.lend(lent)
}

export function changeEvent(
  database: number,
  key: string,
  kind: ValueKind,
  write: (writer: ByteWriter) => void,
): Buffer {
  writeChange(database, key, kind, write)
  return writer.take()
}

function writeChange(
  database: number,
  key: string,
  kind: ValueKind,
  write: (writer: ByteWriter) => void,
): void {
  head(CHANGE, database).uint8(kindNumber(kind))
  writeBinary(writer, key)
  try {
    write(writer)
  } catch (thrown) {
    writer.take() // Nothing of it is to be in front of the next event.
    throw thrown
  }
}

export function deleteEvent(database: number, key: string): Buffer {
  writeBinary(head(DELETE, database), key)
  return writer.take()
}

export function expireEvent(database: number, key: string, time: number): Buffer {
  writeBinary(head(EXPIRE, database), key)
  writer.int64(time)
  return writer.take()
}

export function renameEvent({ from, to, key, newKey }: RenameEvent): Buffer {
  head(RENAME, from).uint8(to)
  writeBinary(writer, key)
  writeBinary(writer, newKey)
  return writer.take()
}

export function readRename(from: number, reader: ByteReader): RenameEvent {
  return { from, to: reader.uint8(), key: readBinary(reader), newKey: readBinary(reader) }
}

export function flushEvent(database: number): Buffer {
  head(FLUSH, database)
  return writer.take()
}

export function swapEvent(one: number, other: number): Buffer {
  head(SWAP, one).uint8(other)
  return writer.take()
}
