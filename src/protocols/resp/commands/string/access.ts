import { StringValue } from '../../../../broker/keyspace/string/index.ts'
import type { Arguments, ReplyWriter } from '../../../../lib/resp/index.ts'
import type { Call } from '../../command.ts'
import { ReplyError } from '../../errors.ts'

/** `proto-max-bulk-len`. */
const STRING_BYTES_MAX = 512 * 1024 * 1024
/** From here on bytes are copied as bytes. */
const TEXT_BYTES_MAX = 4096

/** The string of a key; undefined when there is none. Throws WRONGTYPE. */
export function stringOf(call: Call, key: string): StringValue | undefined {
  return call.db.find<StringValue>(key, 'string')
}

/** What a word says, as a value of its own. */
export function valueAt(args: Arguments, index: number): StringValue {
  return args.sizeBytes(index) < TEXT_BYTES_MAX
    ? StringValue.of(args.binary(index))
    : StringValue.copyOf(args.view(index))
}

/** Puts what a word says at a key. Whoever holds the value that was there may see it change. */
export function putAt(
  { args, db }: Call,
  index: number,
  key: string,
  expiresAt: number | null,
): void {
  if (args.sizeBytes(index) < TEXT_BYTES_MAX) db.putText(key, args.binary(index), expiresAt)
  else db.put(key, StringValue.copyOf(args.view(index)), expiresAt)
}

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
