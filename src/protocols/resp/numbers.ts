import { parseDouble } from '../../lib/float-text.ts'
import { parseInteger } from '../../lib/integer-text.ts'
import type { Arguments } from '../../lib/resp/index.ts'
import { notAFloat, notAnInteger, ReplyError } from './errors.ts'

/** A 64-bit integer, a bigint where a number is not exact; undefined when the word is none. */
export const integerIn = (args: Arguments, index: number): number | bigint | undefined =>
  parseInteger(args.bytes, args.starts[index]!, args.ends[index]!)

/** The same, or `ERR value is not an integer or out of range`. */
export function integerAt(args: Arguments, index: number): number | bigint {
  const value = integerIn(args, index)
  if (value === undefined) throw notAnInteger()
  return value
}

/**
 * For counts, positions and ranges, where more than 2^53 means the same as 2^53: a 64-bit integer,
 * cut to what a number holds exactly. Throws as `integerAt` does.
 */
export function numberAt(args: Arguments, index: number): number {
  const value = integerAt(args, index)
  if (typeof value === 'number') return value
  return value < 0n ? Number.MIN_SAFE_INTEGER : Number.MAX_SAFE_INTEGER
}

/** What C's `strtod` reads but nan, or `ERR value is not a valid float`. */
export function doubleAt(args: Arguments, index: number): number {
  const value = parseDouble(args.binary(index))
  if (value === undefined) throw notAFloat()
  return value
}

/** As `numberAt`, at least `min`; the message is for what is less, and for what is no integer. */
export function atLeastAt(args: Arguments, index: number, min: number, message: string): number {
  const value = integerIn(args, index)
  if (value === undefined || value < min) throw new ReplyError(`ERR ${message}`)
  return typeof value === 'number' ? value : Number.MAX_SAFE_INTEGER
}

/** How many: 0 or more. */
export function countAt(
  args: Arguments,
  index: number,
  message = 'value is out of range, must be positive',
): number {
  return atLeastAt(args, index, 0, message)
}

/** Beyond a double, but a number for C's `long double`. */
const HUGE = /^\+?\d+e\d{3}$/i

/**
 * Seconds with fractions, as milliseconds; 0 is for ever. What is too large for 64 bits is called
 * negative, as redis-server 7.0 does.
 */
export function timeoutMsAt(args: Arguments, index: number): number {
  const text = args.binary(index)
  const seconds = parseDouble(text) ?? (HUGE.test(text) ? Infinity : undefined)
  if (seconds === undefined) throw new ReplyError('ERR timeout is not a float or out of range')
  if (seconds < 0 || seconds * 1000 >= 2 ** 63) throw new ReplyError('ERR timeout is negative')
  return Math.ceil(seconds * 1000)
}
