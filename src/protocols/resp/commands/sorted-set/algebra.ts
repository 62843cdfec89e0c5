import type { SetValue } from '../../../../broker/keyspace/set/index.ts'
import { SortedSetValue } from '../../../../broker/keyspace/sorted-set/index.ts'
import { parseDouble } from '../../../../lib/float-text.ts'
import type { Arguments } from '../../../../lib/resp/index.ts'
import type { Call, Command } from '../../command.ts'
import { ReplyError, syntaxError } from '../../errors.ts'
import { countAt, numberAt } from '../../numbers.ts'
import { demandFits, setOf } from '../set/access.ts'
import { countedKeys, oneKey, words } from '../set/keys.ts'
import { type Entry, sortedSetOf, writeEntries, writeMembers } from './access.ts'

/** A set is taken for a sorted one whose scores are all 1. */
type Source = SortedSetValue | SetValue | undefined
type Aggregate = 'sum' | 'min' | 'max'
type Kind = 'zunion' | 'zinter' | 'zdiff' | 'zintercard'

type Wanted = {
  readonly sources: readonly Source[]
  readonly weights: number[]
  aggregate: Aggregate
  isScored: boolean
  /** 0: no limit. */
  limit: number
}

function sourceOf(call: Call, key: string): Source {
  return call.db.typeOf(key) === 'set' ? setOf(call, key) : sortedSetOf(call, key)
}

function scoreIn(source: Source, member: string): number | undefined {
  if (source === undefined) return undefined
  if (source.kind === 'set') return source.has(member) ? 1 : undefined
  return source.scoreOf(member)
}

function forEach(source: Source, visit: (member: string, score: number) => void): void {
  if (source === undefined) return
  if (source.kind === 'set') for (const member of source.members) visit(member, 1)
  else source.ordered.forEach(0, source.count, visit)
}

const numberOr0 = (value: number): number => (Number.isNaN(value) ? 0 : value)

function aggregated(one: number, other: number, aggregate: Aggregate): number {
  if (aggregate === 'sum') return numberOr0(one + other)
  return aggregate === 'min' ? Math.min(one, other) : Math.max(one, other)
}

/** `numkeys key … [options]` from the word at `start` on. */
function wantedAt(call: Call, name: string, kind: Kind, start: number): Wanted {
  const { args } = call
  const keyCount = numberAt(args, start)
  if (keyCount < 1) {
    throw new ReplyError(`ERR at least 1 input key is needed for '${name}' command`)
  }
  const end = start + 1 + keyCount
  if (end > args.count) throw syntaxError()
  const sources = words(args, start + 1, end).map(key => sourceOf(call, key))
  const weights = sources.map(() => 1)
  const wanted: Wanted = { sources, weights, aggregate: 'sum', isScored: false, limit: 0 }
  const isStored = name.endsWith('store')
  for (let index = end; index < args.count; ) {
    index += optionAt(args, index, { wanted, kind, isStored })
  }
  return wanted
}

/** Reads one option; how many words it has. */
function optionAt(
  args: Arguments,
  index: number,
  { wanted, kind, isStored }: { wanted: Wanted; kind: Kind; isStored: boolean },
): number {
  const option = args.lower(index)
  const words = args.count - index
  const isWeighed = kind === 'zunion' || kind === 'zinter'
  const { weights } = wanted
  if (option === 'weights' && isWeighed && words > weights.length) {
    for (let at = 0; at < weights.length; at++) weights[at] = weightAt(args, index + 1 + at)
    return 1 + weights.length
  }
  if (option === 'aggregate' && isWeighed && words >= 2) {
    const aggregate = args.lower(index + 1)
    if (aggregate !== 'sum' && aggregate !== 'min' && aggregate !== 'max') throw syntaxError()
    wanted.aggregate = aggregate
    return 2
  }
  if (option === 'limit' && kind === 'zintercard' && words >= 2) {
    wanted.limit = countAt(args, index + 1, "LIMIT can't be negative")
    return 2
  }
  if (option !== 'withscores' || isStored || kind === 'zintercard') throw syntaxError()
  wanted.isScored = true
  return 1
}

function weightAt(args: Arguments, index: number): number {
  const weight = parseDouble(args.binary(index))
  if (weight === undefined) throw new ReplyError('ERR weight value is not a float')
  return weight
}

function union({ sources, weights, aggregate }: Wanted): Map<string, number> {
  demandFits(sources.reduce((sum, source) => sum + (source?.count ?? 0), 0))
  const found = new Map<string, number>()
  for (const [at, source] of bySize(sources)) {
    forEach(source, (member, score) => {
      const weighed = numberOr0(score * weights[at]!)
      const other = found.get(member)
      found.set(member, other === undefined ? weighed : aggregated(other, weighed, aggregate))
    })
  }
  return found
}

function bySize(sources: readonly Source[]): [index: number, source: Source][] {
  return [...sources.entries()].sort(
    ([, one], [, other]) => (one?.count ?? 0) - (other?.count ?? 0),
  )
}

function intersection({ sources, weights, aggregate, limit }: Wanted): Map<string, number> {
  const found = new Map<string, number>()
  const [[firstAt, first], ...others] = bySize(sources) as [[number, Source], ...[number, Source][]]
  const visit = (member: string, score: number): void => {
    if (limit > 0 && found.size === limit) return
    let total = numberOr0(score * weights[firstAt]!)
    for (const [at, source] of others) {
      const other = scoreIn(source, member)
      if (other === undefined) return
      total = aggregated(total, other * weights[at]!, aggregate)
    }
    found.set(member, total)
  }
  forEach(first, visit)
  return found
}

function difference({ sources: [first, ...others] }: Wanted): Map<string, number> {
  const found = new Map<string, number>()
  const visit = (member: string, score: number): void => {
    if (others.every(source => scoreIn(source, member) === undefined)) found.set(member, score)
  }
  forEach(first, visit)
  return found
}

const operations = { zunion: union, zinter: intersection, zdiff: difference }
type Operation = keyof typeof operations

function show(call: Call, kind: Operation): void {
  const wanted = wantedAt(call, kind, kind, 1)
  const entries = [...operations[kind](wanted)].sort(byScore)
  if (wanted.isScored) writeEntries(call.reply, entries)
  else writeMembers(call.reply, entries)
}

const byScore = ([one, low]: Entry, [other, high]: Entry): number => {
  if (low !== high) return low < high ? -1 : 1
  return one < other ? -1 : 1
}

function store(call: Call, kind: Operation): void {
  const { args, db, reply } = call
  const event = `${kind}store`
  const target = args.binary(1)
  const found = operations[kind](wantedAt(call, event, kind, 2))
  if (found.size > 0) {
    db.put(target, SortedSetValue.of(found))
    call.notify('z', event, target)
  } else if (db.delete(target)) call.notify('g', 'del', target)
  reply.integer(found.size)
}

const shown = (kind: Operation, summary: string): Command => ({
  name: kind,
  arity: -3,
  group: 'sorted-set',
  flags: ['readonly', 'movablekeys'],
  keys: [countedKeys('RO', 1)],
  since: '6.2.0',
  summary,
  run: call => show(call, kind),
})

const stored = (kind: Operation, since: string, summary: string): Command => ({
  name: `${kind}store`,
  arity: -4,
  group: 'sorted-set',
  flags: ['write', 'denyoom', 'movablekeys'],
  keys: [oneKey('OW'), countedKeys('RO', 2)],
  since,
  summary,
  run: call => store(call, kind),
})

export const algebraCommands: readonly Command[] = [
  shown('zunion', 'What is in any of several sorted sets, its scores put together.'),
  shown('zinter', 'What is in all of several sorted sets, its scores put together.'),
  shown('zdiff', 'What is in the first sorted set and in none of the others.'),
  stored('zunion', '2.0.0', 'Keeps what is in any of several sorted sets.'),
  stored('zinter', '2.0.0', 'Keeps what is in all of several sorted sets.'),
  stored('zdiff', '6.2.0', 'Keeps what is in the first sorted set and in none of the others.'),
  {
    name: 'zintercard',
    arity: -3,
    group: 'sorted-set',
    flags: ['readonly', 'movablekeys'],
    keys: [countedKeys('RO', 1)],
    since: '7.0.0',
    summary: 'How many members are in all of several sorted sets.',
    run: call => {
      call.reply.integer(intersection(wantedAt(call, 'zintercard', 'zintercard', 1)).size)
    },
  },
]
