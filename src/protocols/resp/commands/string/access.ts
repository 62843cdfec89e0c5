import { StringValue } from '../../../../broker/keyspace/string/index.ts'
import type { Piece } from '../../../../lib/bytes/index.ts'
import type { Arguments, ReplyWriter } from '../../../../lib/resp/index.ts'
import type { Call } from '../../command.ts'
import { ReplyError } from '../../errors.ts'

/** `proto-max-bulk-len`. */
const STRING_BYTES_MAX = 512 * 1024 * 1024
const key: Piece = { bytes: Buffer.alloc(0), start: 0, end: 0 }
const word: Piece = { ...key }
const found: Piece = { ...key }

/** The string of a key; undefined when there is none. Throws WRONGTYPE. */
export function stringOf(call: Call, key: string): StringValue | undefined {
  return call.db.find<StringValue>(key, 'string')
}

/**
 * Where the text of a word's key lies, when the key is nothing but a short text: null does not mean
 * that there is none. Valid until something changes, or it is asked for again.
 */
export function shortTextAt({ args, db }: Call, keyIndex: number): Piece | null {
  return db.lendText(args.lend(keyIndex, key), found)
}

/** What a word says, as a value of its own. */
export const valueAt = (args: Arguments, index: number): StringValue =>
  StringValue.copyOf(args.view(index))

/**
 * Puts what a word says at the key that another says. Whoever holds the value that was there may
 * see it change.
 */
export function putAt(call: Call, index: number, keyIndex: number, expiresAt: number | null): void {
  const { args, db } = call
  if (expiresAt === null) db.putText(args.lend(keyIndex, key), args.lend(index, word))
  else db.put(call.key(keyIndex), valueAt(args, index), expiresAt)
}

/** Puts a few characters, each a byte, at the key that a word says. */
export function putShortText({ args, db }: Call, text: string, keyIndex: number): void {
  word.bytes = characters
  word.start = 0
  word.end = characters.write(text, 'latin1')
  db.putText(args.lend(keyIndex, key), word)
}

const characters = Buffer.alloc(32)

/** Nothing, or the whole value. */
export function writeValue(reply: ReplyWriter, value: StringValue | undefined): void {
  if (value === undefined) reply.nothing()
  else if (value.buffer === null) reply.binary(value.text())
  else reply.bulk(value.share())
}

/** Asked before a string grows. */
export function demandLength(bytes: number): void {
  if (bytes <= STRING_BYTES_MAX) return
  throw new ReplyError('ERR string exceeds maximum allowed size (proto-max-bulk-len)')
}
