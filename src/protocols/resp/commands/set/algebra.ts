import { SetValue } from '../../../../broker/keyspace/set/index.ts'
import type { Call, Command } from '../../command.ts'
import { ReplyError, syntaxError } from '../../errors.ts'
import { atLeastAt, countAt } from '../../numbers.ts'
import { demandFits, membersOf, setOf } from './access.ts'
import { countedKeys, keysFrom, oneKey, words } from './keys.ts'

type Sets = readonly (SetValue | undefined)[]
type Operation = (sets: Sets) => readonly string[]

/** Throws WRONGTYPE when one of them is none. */
function setsAt(call: Call, from: number, to = call.args.count): Sets {
  return words(call.args, from, to).map(key => setOf(call, key))
}

/** Stops when `max` were found. */
function intersection(sets: Sets, max = Infinity): readonly string[] {
  const found: string[] = []
  const present = sets.filter(set => set !== undefined)
  if (present.length < sets.length) return found
  const [smallest, ...others] = present.sort((one, other) => one.count - other.count)
  for (const member of membersOf(smallest!)) {
    if (others.every(set => set.has(member))) found.push(member)
    if (found.length >= max) break
  }
  return found
}

function union(sets: Sets): readonly string[] {
  demandFits(sets.reduce((sum, set) => sum + (set?.count ?? 0), 0))
  const found = new Set<string>()
  for (const set of sets) if (set !== undefined) for (const member of set.members) found.add(member)
  return [...found]
}

function difference([first, ...others]: Sets): readonly string[] {
  if (first === undefined) return []
  return membersOf(first).filter(member => others.every(set => set?.has(member) !== true))
}

function show(call: Call, operation: Operation): void {
  const found = operation(setsAt(call, 1))
  call.reply.set(found.length)
  for (const member of found) call.reply.binary(member)
}

function store(call: Call, operation: Operation, event: string): void {
  const { args, db, reply } = call
  const target = args.binary(1)
  const value = SetValue.of(operation(setsAt(call, 2)))
  if (value.count > 0) {
    db.put(target, value)
    call.notify('s', event, target)
  } else if (db.delete(target)) call.notify('g', 'del', target)
  reply.integer(value.count)
}

function countIntersection(call: Call): void {
  const { args, reply } = call
  const message = 'numkeys should be greater than 0'
  const keyCount = atLeastAt(args, 1, 1, message)
  if (keyCount > args.count - 2) {
    throw new ReplyError("ERR Number of keys can't be greater than number of args")
  }
  let max = 0
  for (let index = 2 + keyCount; index < args.count; index += 2) {
    if (args.lower(index) !== 'limit' || index + 1 >= args.count) throw syntaxError()
    max = countAt(args, index + 1, "LIMIT can't be negative")
  }
  const sets = setsAt(call, 2, 2 + keyCount)
  reply.integer(intersection(sets, max === 0 ? Infinity : max).length)
}

const shown = (name: string, operation: Operation, summary: string): Command => ({
  name,
  arity: -2,
  group: 'set',
  flags: ['readonly'],
  keys: [keysFrom('RO', 1)],
  since: '1.0.0',
  summary,
  run: call => show(call, operation),
})

const stored = (name: string, operation: Operation, summary: string): Command => ({
  name,
  arity: -3,
  group: 'set',
  flags: ['write', 'denyoom'],
  keys: [oneKey('OW'), keysFrom('RO', 2)],
  since: '1.0.0',
  summary,
  run: call => store(call, operation, name),
})

export const algebraCommands: readonly Command[] = [
  shown('sinter', sets => intersection(sets), 'What is in all of several sets.'),
  shown('sunion', union, 'What is in any of several sets.'),
  shown('sdiff', difference, 'What is in the first set and in none of the others.'),
  stored('sinterstore', sets => intersection(sets), 'Keeps what is in all of several sets.'),
  stored('sunionstore', union, 'Keeps what is in any of several sets.'),
  stored('sdiffstore', difference, 'Keeps what is in the first set and in none of the others.'),
  {
    name: 'sintercard',
    arity: -3,
    group: 'set',
    flags: ['readonly', 'movablekeys'],
    keys: [countedKeys('RO', 1)],
    since: '7.0.0',
    summary: 'How many members are in all of several sets.',
    run: countIntersection,
  },
]
