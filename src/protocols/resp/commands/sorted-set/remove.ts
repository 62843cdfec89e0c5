import { writeMembersGone } from '../../../../broker/keyspace/sorted-set/index.ts'
import type { Call, Command } from '../../command.ts'
import { oneKey } from '../set/keys.ts'
import { sortedSetOf, takeRanks } from './access.ts'
import { intervalAt } from './intervals.ts'

function remove(call: Call): void {
  const { args, db, reply } = call
  const key = call.key(1)
  const value = sortedSetOf(call, key)
  if (value === undefined) {
    reply.integer(0)
    return
  }
  let removed: string[] = []
  for (let index = 2; index < args.count; index++) {
    const member = args.binary(index)
    if (value.scoreOf(member) !== undefined) removed.push(member)
  }
  if (removed.length > 1) removed = [...new Set(removed)]
  if (removed.length > 0) {
    const isEmptied = removed.length === value.count
    db.change(key, 'zset', writer => writeMembersGone(writer, removed))
    call.notify('z', 'zrem', key)
    if (isEmptied) call.notify('g', 'del', key)
  }
  reply.integer(removed.length)
}

function removeRange(call: Call, by: 'rank' | 'score' | 'lex', event: string): void {
  const { args, reply } = call
  const interval = intervalAt(by, args, 2, 3)
  const key = call.key(1)
  const value = sortedSetOf(call, key)
  if (value === undefined) {
    reply.integer(0)
    return
  }
  const ranks = interval(value)
  if (ranks.from < ranks.to) takeRanks(call, { key, value, event }, ranks)
  reply.integer(ranks.to - ranks.from)
}

const ranged = (by: 'rank' | 'score' | 'lex', since: string, summary: string): Command => ({
  name: `zremrangeby${by}`,
  arity: 4,
  group: 'sorted-set',
  flags: ['write'],
  keys: [oneKey('RW')],
  since,
  summary,
  run: call => removeRange(call, by, `zremrangeby${by}`),
})

export const removeCommands: readonly Command[] = [
  {
    name: 'zrem',
    arity: -3,
    group: 'sorted-set',
    flags: ['write', 'fast'],
    keys: [oneKey('RW')],
    since: '1.2.0',
    summary: 'Takes members out of a sorted set.',
    run: remove,
  },
  ranged('rank', '2.0.0', 'Takes out members by rank.'),
  ranged('score', '1.2.0', 'Takes out members whose scores lie in a range.'),
  ranged('lex', '2.8.9', 'Takes out members of one score, by their bytes.'),
]
