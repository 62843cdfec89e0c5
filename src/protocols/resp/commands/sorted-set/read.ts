import { matchesGlob } from '../../../../lib/glob.ts'
import { formatDouble } from '../../../../lib/float-text.ts'
import type { Call, Command } from '../../command.ts'
import { ReplyError, syntaxError } from '../../errors.ts'
import { oneKey } from '../set/keys.ts'
import { randomBelow, randomOf, sample, wantedAt } from '../set/random.ts'
import { cursorAt, positions, scanOptionsAt } from '../set/scan.ts'
import { type Entry, sortedSetOf, writeEntries, writeMembers } from './access.ts'
import { intervalAt } from './intervals.ts'

function writeScore({ reply }: Call, score: number | undefined): void {
  if (score === undefined) reply.nothing()
  else reply.double(score)
}

function rank(call: Call, name: string, isReverse: boolean): void {
  const { args, reply } = call
  const isScored = args.count === 4 && args.is(3, 'withscore')
  if (args.count > 3 && !isScored) {
    throw new ReplyError(`ERR wrong number of arguments for '${name}' command`)
  }
  const value = sortedSetOf(call, call.key(1))
  const member = args.binary(2)
  const found = value?.rankOf(member) ?? -1
  if (value === undefined || found < 0) {
    if (isScored) reply.noArray()
    else reply.nothing()
    return
  }
  if (isScored) reply.array(2)
  reply.integer(isReverse ? value.count - 1 - found : found)
  if (isScored) writeScore(call, value.scoreOf(member))
}

function count(call: Call, kind: 'score' | 'lex'): void {
  const interval = intervalAt(kind, call.args, 2, 3)
  const value = sortedSetOf(call, call.key(1))
  const { from, to } = value === undefined ? { from: 0, to: 0 } : interval(value)
  call.reply.integer(to - from)
}

function scores(call: Call): void {
  const { args, reply } = call
  const value = sortedSetOf(call, call.key(1))
  reply.array(args.count - 2)
  for (let index = 2; index < args.count; index++) {
    writeScore(call, value?.scoreOf(args.binary(index)))
  }
}

function showRandom(call: Call): void {
  const { args, reply } = call
  const hasCount = args.count >= 3
  const count = hasCount ? wantedAt(call, 2) : 1
  const isScored = args.count === 4
  if (args.count > 4 || (isScored && args.lower(3) !== 'withscores')) throw syntaxError()
  const value = sortedSetOf(call, call.key(1))
  if (value === undefined) {
    if (hasCount) reply.array(0)
    else reply.nothing()
    return
  }
  const random = randomOf(call)
  if (!hasCount) {
    reply.binary(value.memberAtPosition(randomBelow(random, value.count)))
    return
  }
  const entries: Entry[] = []
  const add = (at: number): unknown =>
    entries.push([value.memberAtPosition(at), value.scoreAtPosition(at)])
  if (count < 0) {
    for (let left = -count; left > 0; left--) add(randomBelow(random, value.count))
  } else if (count >= value.count) {
    value.ordered.forEach(0, value.count, (member, score) => entries.push([member, score]))
  } else for (const at of sample(random, value.count, count)) add(at)
  if (isScored) writeEntries(reply, entries)
  else writeMembers(reply, entries)
}

function scan(call: Call): void {
  const { args, reply } = call
  const cursor = cursorAt(args, 2)
  const value = sortedSetOf(call, call.key(1))
  const found: string[] = []
  let next = 0
  if (value !== undefined) {
    const { count: wanted, pattern } = scanOptionsAt(args, 3)
    const add = (member: string, score: number): void => {
      if (pattern === null || matchesGlob(pattern, member)) found.push(member, formatDouble(score))
    }
    if (value.encoding === 'listpack') value.ordered.forEach(0, value.count, add)
    else {
      const place = positions(cursor, { size: value.count, isWhole: false, count: wanted })
      for (let at = place.to - 1; at >= place.from; at--) {
        add(value.memberAtPosition(at), value.scoreAtPosition(at))
      }
      next = place.from
    }
  }
  reply.array(2)
  reply.binary(String(next))
  reply.array(found.length)
  for (const text of found) reply.binary(text)
}

type Row = readonly [
  name: string,
  arity: number,
  since: string,
  summary: string,
  run: (call: Call) => void,
]

const fast = ([name, arity, since, summary, run]: Row): Command => ({
  name,
  arity,
  group: 'sorted-set',
  flags: ['readonly', 'fast'],
  keys: [oneKey('RO')],
  since,
  summary,
  run,
})

const fastRows: readonly Row[] = [
  [
    'zcard',
    2,
    '1.2.0',
    'How many members a sorted set has.',
    call => call.reply.integer(sortedSetOf(call, call.key(1))?.count ?? 0),
  ],
  [
    'zscore',
    3,
    '1.2.0',
    "A member's score.",
    call => writeScore(call, sortedSetOf(call, call.key(1))?.scoreOf(call.args.binary(2))),
  ],
  ['zmscore', -3, '6.2.0', 'The scores of several members.', scores],
  ['zrank', -3, '2.0.0', "A member's rank.", call => rank(call, 'zrank', false)],
  ['zrevrank', -3, '2.0.0', "A member's rank from behind.", call => rank(call, 'zrevrank', true)],
  ['zcount', 4, '2.0.0', 'How many scores lie in a range.', call => count(call, 'score')],
  [
    'zlexcount',
    4,
    '2.8.9',
    'How many members of one score lie in a range.',
    call => count(call, 'lex'),
  ],
]

export const readCommands: readonly Command[] = [
  ...fastRows.map(fast),
  {
    name: 'zrandmember',
    arity: -2,
    group: 'sorted-set',
    flags: ['readonly'],
    keys: [oneKey('RO')],
    since: '6.2.0',
    summary: 'Members at random; they stay.',
    run: showRandom,
  },
  {
    name: 'zscan',
    arity: -3,
    group: 'sorted-set',
    flags: ['readonly'],
    keys: [oneKey('RO')],
    since: '2.8.0',
    summary: 'Members with their scores, some at a time.',
    run: scan,
  },
]
