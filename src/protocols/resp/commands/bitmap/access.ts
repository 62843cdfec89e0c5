import { writePart, writePieces } from '../../../../broker/keyspace/string/index.ts'
import type { Arguments } from '../../../../lib/resp/index.ts'
import { parseIntegerText } from '../../../../lib/integer-text.ts'
import type { Call } from '../../command.ts'
import { ReplyError } from '../../errors.ts'
import { stringOf } from '../string/access.ts'

/** `proto-max-bulk-len`: no string is longer. */
const BITS_MAX = 512 * 1024 * 1024 * 8
const noBytes = Buffer.alloc(0)

/** The bytes of a key, to look into; undefined when there is none. Throws WRONGTYPE. */
export const bytesOf = (call: Call, key: string): Buffer | undefined => stringOf(call, key)?.bytes()

/** The bytes of a key, none where there is none. */
export const bytesOrNone = (call: Call, key: string): Buffer => bytesOf(call, key) ?? noBytes

/** A bit's position; `#n` is the n-th place of so many bits, where `width` is not 0. */
export function bitOffsetAt(args: Arguments, index: number, width = 0): number {
  const text = args.binary(index)
  const isPlace = width > 0 && text.startsWith('#')
  const value = parseIntegerText(isPlace ? text.slice(1) : text)
  const offset = typeof value === 'number' ? value * (isPlace ? width : 1) : -1
  if (offset >= 0 && offset < BITS_MAX) return offset
  throw new ReplyError('ERR bit offset is not an integer or out of range')
}

export function writeBytes(call: Call, key: string, at: number, bytes: Buffer): void {
  call.db.change(key, 'string', writer => {
    writePieces(writer)
    writePart(writer, at, bytes)
  })
}
