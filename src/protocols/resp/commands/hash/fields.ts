import type { Call } from '../../command.ts'
import { ReplyError } from '../../errors.ts'
import { integerIn } from '../../numbers.ts'
import { words } from '../set/keys.ts'

/** `FIELDS count field …` at a position, up to the end of the command. */
export function fieldsAt({ args }: Call, index: number, countError: string): string[] {
  if (!(index < args.count && args.is(index, 'fields'))) {
    throw new ReplyError('ERR Mandatory argument FIELDS is missing or not at the right position')
  }
  const count = index + 1 < args.count ? integerIn(args, index + 1) : undefined
  if (count === undefined || count < 1) throw new ReplyError(countError)
  if (count !== args.count - index - 2) {
    throw new ReplyError('ERR The `numfields` parameter must match the number of arguments')
  }
  return words(args, index + 2)
}

export const POSITIVE_COUNT = 'ERR Number of fields must be a positive integer'
export const COUNT_ABOVE_0 = 'ERR Parameter `numFields` should be greater than 0'
