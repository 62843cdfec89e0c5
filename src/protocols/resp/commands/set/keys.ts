import type { Arguments } from '../../../../lib/resp/index.ts'
import type { KeyAccess, KeyFinder, KeyRange } from '../../command.ts'

export const oneKey = (access: KeyAccess, index = 1): KeyRange => ({
  access,
  first: index,
  last: index,
  step: 1,
})

/** All words from one on; without the last `except` ones. */
export const keysFrom = (access: KeyAccess, first: number, except = 0): KeyRange => ({
  access,
  first,
  last: -1 - except,
  step: 1,
})

/** The keys after the word that says how many there are. */
export const countedKeys = (access: KeyAccess, start: number): KeyFinder => ({
  access,
  find: (args: Arguments) => {
    const count = Number(args.binary(start))
    if (!Number.isInteger(count) || count < 1 || start + count >= args.count) return []
    return Array.from({ length: count }, (_, index) => start + 1 + index)
  },
})

/** Words as binary strings, from one to another (exclusive). */
export function words(args: Arguments, from: number, to = args.count): string[] {
  const found: string[] = []
  for (let index = from; index < to; index++) found.push(args.binary(index))
  return found
}
