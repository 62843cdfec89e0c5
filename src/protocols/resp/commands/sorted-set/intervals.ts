import type { SortedSetValue } from '../../../../broker/keyspace/sorted-set/index.ts'
import { parseDouble } from '../../../../lib/float-text.ts'
import type { Arguments } from '../../../../lib/resp/index.ts'
import { ReplyError } from '../../errors.ts'
import { numberAt } from '../../numbers.ts'
import type { Ranks } from './access.ts'

/** Which part of a sorted set is meant: the lower bound is the word at `min`. */
export type Interval = (value: SortedSetValue) => Ranks

type Kind = 'rank' | 'score' | 'lex'

type ScoreBound = { readonly score: number; readonly isExclusive: boolean }

/** `end` is one of the ends of all: before the first member, or behind the last. */
type LexBound = {
  readonly member: string
  readonly isExclusive: boolean
  readonly end: 'first' | 'last' | null
}

const nothing: Ranks = { from: 0, to: 0 }

export const intervalAt = (kind: Kind, args: Arguments, min: number, max: number): Interval => {
  if (kind === 'score') return scoreInterval(args, min, max)
  return kind === 'lex' ? lexInterval(args, min, max) : rankInterval(args, min, max)
}

function rankInterval(args: Arguments, min: number, max: number): Interval {
  const start = numberAt(args, min)
  const stop = numberAt(args, max)
  return ({ count }) => ranks(start, stop, count)
}

/** Negative ones count from the end. */
export function ranks(start: number, stop: number, count: number): Ranks {
  const from = Math.max(0, start < 0 ? count + start : start)
  const to = Math.min(count, (stop < 0 ? count + stop : stop) + 1)
  return from >= to ? nothing : { from, to }
}

/** The same counted from behind. */
export function ranksDown(start: number, stop: number, count: number): Ranks {
  const { from, to } = ranks(start, stop, count)
  return from === to ? nothing : { from: count - to, to: count - from }
}

function scoreInterval(args: Arguments, min: number, max: number): Interval {
  const low = scoreBoundAt(args, min)
  const high = scoreBoundAt(args, max)
  if (low === undefined || high === undefined) {
    throw new ReplyError('ERR min or max is not a float')
  }
  return ({ ordered }) => {
    const [least, most] = [low.score, high.score]
    const from = ordered.countWhile(score => (low.isExclusive ? score <= least : score < least))
    const to = ordered.countWhile(score => (high.isExclusive ? score < most : score <= most))
    return from >= to ? nothing : { from, to }
  }
}

function scoreBoundAt(args: Arguments, index: number): ScoreBound | undefined {
  const text = args.binary(index)
  const isExclusive = text.startsWith('(')
  const score = boundOf(isExclusive ? text.slice(1) : text)
  return score === undefined ? undefined : { score, isExclusive }
}

/** What a double cannot hold is an end of all, and an empty word is 0: `strtod`, unchecked. */
function boundOf(text: string): number | undefined {
  if (text === '') return 0
  const value = parseDouble(text)
  if (value !== undefined) return value
  const plain = /^\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)$/i.exec(text)
  return plain === null ? undefined : Number(plain[1])
}

function lexInterval(args: Arguments, min: number, max: number): Interval {
  const low = lexBoundAt(args, min)
  const high = lexBoundAt(args, max)
  if (low === undefined || high === undefined) {
    throw new ReplyError('ERR min or max not valid string range item')
  }
  return value => {
    const from = membersBefore(value, low, low.isExclusive)
    const to = membersBefore(value, high, !high.isExclusive)
    return from >= to ? nothing : { from, to }
  }
}

/** How many are less than the bound, or with it. */
function membersBefore(
  { ordered, count }: SortedSetValue,
  { member: bound, end }: LexBound,
  isWithIt: boolean,
): number {
  if (end !== null) return end === 'first' ? 0 : count
  return ordered.countWhile((_, member) => (isWithIt ? member <= bound : member < bound))
}

function lexBoundAt(args: Arguments, index: number): LexBound | undefined {
  const text = args.binary(index)
  const member = text.slice(1)
  if (text === '-') return { member, isExclusive: true, end: 'first' }
  if (text === '+') return { member, isExclusive: true, end: 'last' }
  if (text.startsWith('(')) return { member, isExclusive: true, end: null }
  return text.startsWith('[') ? { member, isExclusive: false, end: null } : undefined
}
