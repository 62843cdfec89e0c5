import { categories, categoriesOf } from '../../../access/categories.ts'
import type { CommandEntry } from '../../../command-table.ts'
import type { Call, Command, KeyRange } from '../../../command.ts'
import { isKeyFinder } from '../../../keys.ts'
import { keyFlags } from './key-flags.ts'

type Reply = Call['reply']

/** One command, as COMMAND INFO says it. */
export function writeEntry(reply: Reply, { command, name, children }: CommandEntry): void {
  const first = firstRange(command)
  reply.array(10)
  reply.text(name)
  reply.integer(command.arity)
  writeFlags(reply, command)
  reply.integer(first?.first ?? 0)
  reply.integer(first?.last ?? 0)
  reply.integer(first?.step ?? 0)
  const found = categoriesOf(command)
  reply.set(found.size)
  for (const category of categories) if (found.has(category)) reply.simple(`@${category}`)
  reply.set(0) // Tips, which are for proxies of clusters.
  writeKeyRules(reply, command)
  reply.set(children.length)
  for (const child of children) writeEntry(reply, child)
}

/** Keys in one row, which clients of all ages understand. */
function firstRange({ keys = [] }: Command): KeyRange | undefined {
  const ranges = keys.filter(rule => !isKeyFinder(rule)) as KeyRange[]
  const [first] = ranges
  if (first === undefined || ranges.length === 1) return first
  // Several rows next to each other are one.
  const last = ranges.at(-1)!
  const isOneRow = ranges.every(
    ({ first: at, last: to }, index) => index === 0 || (at === to && at === first.last + index),
  )
  return isOneRow ? { ...first, last: last.last } : first
}

function writeFlags(reply: Reply, { flags, keys = [] }: Command): void {
  const isMovable = keys.some(isKeyFinder) && !flags.includes('movablekeys')
  const shown = isMovable ? [...flags, 'movablekeys'] : flags
  reply.set(shown.length)
  for (const flag of shown) reply.simple(flag)
}

function writeKeyRules(reply: Reply, command: Command): void {
  const { keys = [] } = command
  reply.set(keys.length)
  for (const [index, rule] of keys.entries()) {
    reply.map(3)
    reply.text('flags')
    const flags = keyFlags(command, index)
    reply.set(flags.length)
    for (const flag of flags) reply.simple(flag)
    reply.text('begin_search')
    if (isKeyFinder(rule)) writeUnknown(reply)
    else {
      reply.map(2)
      reply.text('type')
      reply.text('index')
      reply.text('spec')
      reply.map(1)
      reply.text('index')
      reply.integer(rule.first)
    }
    reply.text('find_keys')
    if (isKeyFinder(rule)) writeUnknown(reply)
    else writeRange(reply, rule)
  }
}

/** It depends on other words: COMMAND GETKEYS finds them. */
function writeUnknown(reply: Reply): void {
  reply.map(2)
  reply.text('type')
  reply.text('unknown')
  reply.text('spec')
  reply.map(0)
}

/** `lastkey` counts from the first key. */
function writeRange(reply: Reply, { first, last, step }: KeyRange): void {
  reply.map(2)
  reply.text('type')
  reply.text('range')
  reply.text('spec')
  reply.map(3)
  reply.text('lastkey')
  reply.integer(last < 0 ? last : last - first)
  reply.text('keystep')
  reply.integer(step)
  reply.text('limit')
  reply.integer(0)
}
