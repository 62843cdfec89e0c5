import { type SortedSetValue, writeScores } from '../../../../broker/keyspace/sorted-set/index.ts'
import type { Arguments } from '../../../../lib/resp/index.ts'
import type { Call, Command } from '../../command.ts'
import { ReplyError, syntaxError } from '../../errors.ts'
import { doubleAt } from '../../numbers.ts'
import { demandFits } from '../set/access.ts'
import { oneKey } from '../set/keys.ts'
import { sortedSetOf } from './access.ts'

export type AddOptions = {
  nx: boolean
  xx: boolean
  gt: boolean
  lt: boolean
  ch: boolean
  incr: boolean
}
const optionNames: ReadonlySet<string> = new Set(['nx', 'xx', 'gt', 'lt', 'ch', 'incr'])
/** No option is longer: what is need not be looked at. */
const OPTION_CHARS_MAX = 4
const LETTERS_FROM = 0x41

/** Reads options into `options`; where the scores begin. */
function readOptions(args: Arguments, options: AddOptions): number {
  let index = 2
  for (; index < args.count; index++) {
    const isNumber = args.bytes[args.starts[index]!]! < LETTERS_FROM
    if (isNumber || args.sizeBytes(index) > OPTION_CHARS_MAX) break
    const name = args.lower(index)
    if (!optionNames.has(name)) break
    options[name as keyof AddOptions] = true
  }
  const { nx, xx, gt, lt, incr } = options
  const words = args.count - index
  if (words === 0 || words % 2 === 1) throw syntaxError()
  if (nx && xx) {
    throw new ReplyError('ERR XX and NX options at the same time are not compatible')
  }
  if ((gt && nx) || (lt && nx) || (gt && lt)) {
    throw new ReplyError('ERR GT, LT, and/or NX options at the same time are not compatible')
  }
  if (incr && words > 2) {
    throw new ReplyError('ERR INCR option supports a single increment-element pair')
  }
  return index
}

/** The score it gets, which may be the one it has; undefined: an option says to leave it. */
function scoreFor(
  { nx, xx, gt, lt, incr }: AddOptions,
  given: number,
  current: number | undefined,
): number | undefined {
  if (current === undefined) return xx ? undefined : given
  if (nx) return undefined
  const score = incr ? current + given : given
  if (Number.isNaN(score)) throw new ReplyError('ERR resulting score is not a number (NaN)')
  return (lt && score >= current) || (gt && score <= current) ? undefined : score
}

/** What a command is about to change, in the order in which it said so. */
class Changes {
  readonly #value: SortedSetValue | undefined
  readonly members: string[] = []
  readonly scores: number[] = []
  /** Where it is among the changes: kept when a member may come twice. */
  readonly #places: Map<string, number> | null
  addedCount = 0
  updatedCount = 0

  constructor(value: SortedSetValue | undefined, isMany: boolean) {
    this.#value = value
    this.#places = isMany ? new Map() : null
  }

  current(member: string): number | undefined {
    const place = this.#places?.get(member)
    return place === undefined ? this.#value?.scoreOf(member) : this.scores[place]
  }

  set(member: string, score: number, current: number | undefined): void {
    if (score === current) return
    if (current === undefined) this.addedCount++
    else this.updatedCount++
    const place = this.#places?.get(member)
    if (place !== undefined) {
      this.scores[place] = score
      return
    }
    this.#places?.set(member, this.members.length)
    this.members.push(member)
    this.scores.push(score)
  }

  get count(): number {
    return this.addedCount + this.updatedCount
  }
}

function add(call: Call, options: AddOptions, first: number): void {
  const { args } = call
  const given: number[] = []
  for (let index = first; index < args.count; index += 2) given.push(doubleAt(args, index))
  addScores(call, options, given, { first: first + 1, step: 2 })
}

/** What ZADD does with scores that were read; `members` says which words the members are. */
export function addScores(
  call: Call,
  options: AddOptions,
  given: readonly number[],
  members: { readonly first: number; readonly step: number },
): void {
  const { args, db, reply } = call
  const key = call.key(1)
  const value = sortedSetOf(call, key)
  const changes = new Changes(value, given.length > 1)
  let last: number | undefined
  for (let at = 0; at < given.length; at++) {
    const member = args.binary(members.first + members.step * at)
    const current = changes.current(member)
    last = scoreFor(options, given[at]!, current)
    if (last !== undefined) changes.set(member, last, current)
  }
  demandFits((value?.count ?? 0) + changes.addedCount)
  const { scores } = changes
  if (changes.count > 0) {
    db.change(key, 'zset', writer => writeScores(writer, changes.members, scores))
    call.notify('z', options.incr ? 'zincr' : 'zadd', key)
  }
  if (!options.incr) reply.integer(options.ch ? changes.count : changes.addedCount)
  else if (last === undefined) reply.nothing()
  else reply.double(last)
}

/** Without any. */
export const addOptions = (): AddOptions => ({
  nx: false,
  xx: false,
  gt: false,
  lt: false,
  ch: false,
  incr: false,
})

export const addCommands: readonly Command[] = [
  {
    name: 'zadd',
    arity: -4,
    group: 'sorted-set',
    flags: ['write', 'denyoom', 'fast'],
    keys: [oneKey('RW')],
    since: '1.2.0',
    summary: 'Gives members of a sorted set their scores.',
    run: call => {
      const options = addOptions()
      add(call, options, readOptions(call.args, options))
    },
  },
  {
    name: 'zincrby',
    arity: 4,
    group: 'sorted-set',
    flags: ['write', 'denyoom', 'fast'],
    keys: [oneKey('RW')],
    since: '1.2.0',
    summary: "Adds to a member's score.",
    run: call => {
      const options = addOptions()
      options.incr = true
      add(call, options, 2)
    },
  },
]
