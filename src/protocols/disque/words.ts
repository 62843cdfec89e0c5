import { isJobId } from '../../broker/job/index.ts'
import { parseInteger } from '../../lib/integer-text.ts'
import type { Arguments } from '../../lib/resp/index.ts'
import { badId, ReplyError } from './errors.ts'

/** A whole number that a double holds; undefined for anything else. */
export function wholeIn(args: Arguments, index: number): number | undefined {
  const value = parseInteger(args.bytes, args.starts[index]!, args.ends[index]!)
  if (typeof value === 'bigint') return value < 0n ? -Infinity : Infinity
  return value
}

/** Throws where it is no whole number of at least `min`. */
export function wholeAt(args: Arguments, index: number, min: number, message: string): number {
  const value = wholeIn(args, index)
  if (value === undefined || value < min) throw new ReplyError(`ERR ${message}`)
  return value
}

/** Milliseconds; 0 is for ever. */
export function timeoutMsAt(args: Arguments, index: number): number {
  const value = wholeIn(args, index)
  if (value === undefined || !Number.isFinite(value))
    throw new ReplyError('ERR timeout is not an integer or out of range')
  if (value < 0) throw new ReplyError('ERR timeout is negative')
  return value
}

/** All words from `first` on; throws before any is used when one cannot be an id. */
export function jobIdsFrom(args: Arguments, first: number): string[] {
  const ids: string[] = []
  for (let index = first; index < args.count; index++) {
    const id = args.binary(index)
    if (!isJobId(id)) throw badId()
    ids.push(id)
  }
  return ids
}
