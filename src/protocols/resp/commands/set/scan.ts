import { matchesGlob } from '../../../../lib/glob.ts'
import type { Arguments } from '../../../../lib/resp/index.ts'
import { limits } from '../../../../limits/limits.ts'
import type { Call, Command } from '../../command.ts'
import { ReplyError, syntaxError } from '../../errors.ts'
import { numberAt } from '../../numbers.ts'
import { membersOf, setOf } from './access.ts'
import { oneKey } from './keys.ts'

/** As C's `strtoul` reads it: nothing is 0, and there are no negative numbers. */
const CURSOR = /^(?:[+-]?\d{1,20})?$/

export type ScanOptions = { readonly count: number; readonly pattern: string | null }

/** The cursor of SSCAN and ZSCAN: positions that are still to be looked at; 0: all. */
export function cursorAt(args: Arguments, index: number): number {
  const text = args.binary(index)
  if (!CURSOR.test(text)) throw new ReplyError('ERR invalid cursor')
  const cursor = Number(text)
  return cursor < 0 ? Number.MAX_SAFE_INTEGER : cursor
}

/** `[MATCH pattern] [COUNT count]`, from the word at `start` on. */
export function scanOptionsAt(args: Arguments, start: number): ScanOptions {
  let count = 10
  let pattern: string | null = null
  for (let index = start; index < args.count; index += 2) {
    const hasValue = index + 1 < args.count
    const option = args.lower(index)
    if (option === 'count' && hasValue) {
      count = numberAt(args, index + 1)
      if (count < 1) throw syntaxError()
    } else if (option === 'match' && hasValue) pattern = args.binary(index + 1)
    else if (option === 'novalues') {
      throw new ReplyError('ERR NOVALUES option can only be used in HSCAN')
    } else throw syntaxError()
  }
  return { count: Math.min(count, limits.scanCountMax), pattern: pattern === '*' ? null : pattern }
}

/**
 * Positions downwards, from a cursor: what is removed meanwhile is replaced by the last one, which
 * was met before or is still to come. What Redis keeps compactly comes whole.
 */
export function positions(
  cursor: number,
  { size, isWhole, count }: { readonly size: number; readonly isWhole: boolean; count: number },
): { readonly from: number; readonly to: number } {
  const to = cursor === 0 || isWhole ? size : Math.min(cursor, size)
  return { from: isWhole ? 0 : Math.max(0, to - count), to }
}

function scan(call: Call): void {
  const { args, reply } = call
  const cursor = cursorAt(args, 2)
  const set = setOf(call, args.binary(1))
  const found: string[] = []
  let next = 0
  if (set !== undefined) {
    const { count, pattern } = scanOptionsAt(args, 3)
    const isWhole = set.encoding !== 'hashtable'
    const { from, to } = positions(cursor, { size: set.count, isWhole, count })
    const looked = isWhole ? membersOf(set) : set.members.slice(from, to).reverse()
    for (const member of looked) {
      if (pattern === null || matchesGlob(pattern, member)) found.push(member)
    }
    next = from
  }
  reply.array(2)
  reply.binary(String(next))
  reply.array(found.length)
  for (const member of found) reply.binary(member)
}

export const scanCommands: readonly Command[] = [
  {
    name: 'sscan',
    arity: -3,
    group: 'set',
    flags: ['readonly'],
    keys: [oneKey('RO')],
    since: '2.8.0',
    summary: 'Members of a set, some at a time.',
    run: scan,
  },
]
