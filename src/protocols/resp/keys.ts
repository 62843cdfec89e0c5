import type { Arguments } from '../../lib/resp/index.ts'
import type { Command, KeyAccess, KeyFinder, KeyRange, KeyUse } from './command.ts'

/** Calls `visit` with the index of every word that is a key, rule by rule. */
export function eachKey(
  command: Command,
  args: Arguments,
  visit: (index: number, rule: KeyRange | KeyFinder) => void,
): void {
  for (const rule of command.keys ?? []) {
    if ('find' in rule) for (const index of rule.find(args)) visit(index, rule)
    else {
      const last = lastOf(rule, args.count)
      for (let index = rule.first; index <= last; index += rule.step) visit(index, rule)
    }
  }
}

const lastOf = ({ last }: KeyRange, count: number): number =>
  Math.min(last < 0 ? count + last : last, count - 1)

export const isKeyFinder = (rule: KeyRange | KeyFinder): rule is KeyFinder => 'find' in rule

/** What Redis says besides of what is done with a key, where the command's table does not. */
const uses: Readonly<Record<KeyAccess, readonly KeyUse[]>> = {
  RO: ['access'],
  RW: ['update'],
  OW: ['update'],
  RM: ['delete'],
}

export const usesOf = (rule: KeyRange | KeyFinder): readonly KeyUse[] =>
  rule.uses ?? uses[rule.access]

/** The indexes of the words that are keys, each once. */
export function keyIndexes(command: Command, args: Arguments): number[] {
  const indexes = new Set<number>()
  eachKey(command, args, index => indexes.add(index))
  return [...indexes]
}
