import type { EntryId, References } from '../../../../broker/entries/index.ts'
import type { Arguments } from '../../../../lib/resp/index.ts'
import { ReplyError, syntaxError } from '../../errors.ts'
import { atLeastAt } from '../../numbers.ts'
import { idsAt } from './ids.ts'
import { referencesAt } from './trim-options.ts'

/** `[KEEPREF|DELREF|ACKED] IDS numids id …`, in any order. */
export type IdList = {
  readonly references: References
  readonly count: number
  /** Read when the key was found to be there. */
  ids(): EntryId[]
}

/** From a word on to the last one. */
export function idListAt(args: Arguments, start: number): IdList {
  let references: References | null = null
  let first = -1
  let count = 0
  for (let index = start; index < args.count; ) {
    const found: References | null = references === null ? referencesAt(args, index) : null
    if (found !== null) {
      references = found
      index++
    } else if (args.is(index, 'ids') && index + 1 < args.count) {
      count = atLeastAt(args, index + 1, 1, 'Number of IDs must be a positive integer')
      first = index + 2
      if (count > args.count - first)
        throw new ReplyError('ERR The `numids` parameter must match the number of arguments')
      index = first + count
    } else throw syntaxError()
  }
  if (first < 0) throw new ReplyError('ERR IDS option is required')
  return { references: references ?? 'keep', count, ids: () => idsAt(args, first, first + count) }
}
