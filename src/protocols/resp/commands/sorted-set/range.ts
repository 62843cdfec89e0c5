import { SortedSetValue } from '../../../../broker/keyspace/sorted-set/index.ts'
import type { Arguments } from '../../../../lib/resp/index.ts'
import type { Call, Command } from '../../command.ts'
import { ReplyError, syntaxError } from '../../errors.ts'
import { numberAt } from '../../numbers.ts'
import { oneKey } from '../set/keys.ts'
import { type Entry, type Ranks, sortedSetOf, writeEntries, writeMembers } from './access.ts'
import { type Interval, intervalAt, ranksDown } from './intervals.ts'

type By = 'rank' | 'score' | 'lex'

/** What a command's name says already; null: its options may. */
type Form = { readonly by: By | null; readonly isReverse: boolean | null; readonly first: number }

type Range = {
  readonly interval: Interval
  readonly isReverse: boolean
  readonly isScored: boolean
  readonly offset: number
  /** Negative: no limit. */
  readonly limit: number
}

type Options = {
  by: By | null
  isReverse: boolean | null
  isScored: boolean
  offset: number
  limit: number
}

function optionsAt(args: Arguments, form: Form, isStored: boolean): Options {
  const { by, isReverse } = form
  const options: Options = { by, isReverse, isScored: false, offset: 0, limit: -1 }
  for (let index = form.first + 3; index < args.count; index++) {
    const option = args.lower(index)
    if (option === 'withscores' && !isStored) options.isScored = true
    else if (option === 'limit' && index + 2 < args.count) {
      options.offset = numberAt(args, index + 1)
      options.limit = numberAt(args, index + 2)
      index += 2
    } else if (option === 'rev' && options.isReverse === null) options.isReverse = true
    else if ((option === 'bylex' || option === 'byscore') && options.by === null)
      options.by = option === 'bylex' ? 'lex' : 'score'
    else throw syntaxError()
  }
  return options
}

function rangeOf(args: Arguments, form: Form, isStored: boolean): Range {
  const {
    by: given,
    isReverse: reversed,
    isScored,
    offset,
    limit,
  } = optionsAt(args, form, isStored)
  const by = given ?? 'rank'
  const isReverse = reversed ?? false
  if (limit !== -1 && by === 'rank') {
    throw new ReplyError(
      'ERR syntax error, LIMIT is only supported in combination with either BYSCORE or BYLEX',
    )
  }
  if (isScored && by === 'lex') {
    throw new ReplyError('ERR syntax error, WITHSCORES not supported in combination with BYLEX')
  }
  const [low, high] = [form.first + 1, form.first + 2]
  const isTurned = isReverse && by !== 'rank'
  const interval =
    by === 'rank' && isReverse
      ? rankIntervalDown(args, low, high)
      : intervalAt(by, args, isTurned ? high : low, isTurned ? low : high)
  // A range of ranks takes `LIMIT 1 -1`, and pays no heed to it.
  return { interval, isReverse, isScored, offset: by === 'rank' ? 0 : offset, limit }
}

function rankIntervalDown(args: Arguments, first: number, last: number): Interval {
  const start = numberAt(args, first)
  const stop = numberAt(args, last)
  return ({ count }) => ranksDown(start, stop, count)
}

/** What LIMIT leaves of it, in the direction of the range. */
function limited({ from, to }: Ranks, { isReverse, offset, limit }: Range): Ranks {
  const size = to - from
  if (offset < 0 || offset >= size || limit === 0) return { from, to: from }
  const count = limit < 0 ? size - offset : Math.min(limit, size - offset)
  const start = isReverse ? to - offset - count : from + offset
  return { from: start, to: start + count }
}

function entriesIn(value: SortedSetValue, range: Range): Entry[] {
  const { from, to } = limited(range.interval(value), range)
  const found: Entry[] = []
  const visit = (member: string, score: number): unknown => found.push([member, score])
  if (range.isReverse) value.ordered.forEachDown(from, to, visit)
  else value.ordered.forEach(from, to, visit)
  return found
}

function show(call: Call, form: Form): void {
  const { args, reply } = call
  const range = rangeOf(args, form, false)
  const value = sortedSetOf(call, args.binary(form.first))
  if (value === undefined) reply.array(0)
  else if (range.isScored) writeEntries(reply, entriesIn(value, range))
  else writeMembers(reply, entriesIn(value, range))
}

function store(call: Call): void {
  const { args, db, reply } = call
  const range = rangeOf(args, { by: null, isReverse: null, first: 2 }, true)
  const target = args.binary(1)
  const value = sortedSetOf(call, args.binary(2))
  const entries = value === undefined ? [] : entriesIn(value, range)
  if (entries.length > 0) {
    db.put(target, SortedSetValue.of(entries))
    call.notify('z', 'zrangestore', target)
  } else if (db.delete(target)) call.notify('g', 'del', target)
  reply.integer(entries.length)
}

const shown = (name: string, since: string, summary: string, form: Form): Command => ({
  name,
  arity: -4,
  group: 'sorted-set',
  flags: ['readonly'],
  keys: [oneKey('RO')],
  since,
  summary,
  run: call => show(call, form),
})

const upwards = (by: By | null): Form => ({ by, isReverse: by === null ? null : false, first: 1 })
const downwards = (by: By): Form => ({ by, isReverse: true, first: 1 })

export const rangeCommands: readonly Command[] = [
  shown('zrange', '1.2.0', 'Members by rank, score or bytes, upwards or downwards.', upwards(null)),
  shown('zrangebyscore', '1.0.5', 'Members whose scores lie in a range.', upwards('score')),
  shown('zrangebylex', '2.8.9', 'Members of one score, by their bytes.', upwards('lex')),
  shown('zrevrange', '1.2.0', 'Members by rank, from the highest one down.', downwards('rank')),
  shown(
    'zrevrangebyscore',
    '2.2.0',
    'Members whose scores lie in a range, from the highest one down.',
    downwards('score'),
  ),
  shown('zrevrangebylex', '2.8.9', 'Members of one score, by bytes, downwards.', downwards('lex')),
  {
    name: 'zrangestore',
    arity: -5,
    group: 'sorted-set',
    flags: ['write', 'denyoom'],
    keys: [oneKey('OW'), oneKey('RO', 2)],
    since: '6.2.0',
    summary: 'Keeps a range of a sorted set as another one.',
    run: store,
  },
]
