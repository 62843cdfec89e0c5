import type { SortedSetValue } from '../../../../broker/keyspace/sorted-set/index.ts'
import type { Arguments } from '../../../../lib/resp/index.ts'
import type { Call, Command, KeyFinder } from '../../command.ts'
import { syntaxError } from '../../errors.ts'
import { oneKey } from '../set/keys.ts'
import { sortedSetOf } from '../sorted-set/access.ts'
import { addOptions, addScores } from '../sorted-set/add.ts'
import { geohashOf, pointOf, scoreOf } from './cells.ts'
import { writePoint } from './reply.ts'
import { search, type SearchForm } from './search.ts'
import { distance } from './shapes.ts'
import { pointAt, unitAt } from './words.ts'

function add(call: Call): void {
  const { args } = call
  const options = addOptions()
  let first = 2
  for (; first < args.count; first++) {
    const option = args.lower(first)
    if (option !== 'nx' && option !== 'xx' && option !== 'ch') break
    options[option] = true
  }
  if ((args.count - first) % 3 !== 0 || (options.nx && options.xx)) throw syntaxError()
  if (first === args.count) throw syntaxError()
  const scores: number[] = []
  for (let index = first; index < args.count; index += 3) scores.push(scoreOf(pointAt(args, index)))
  addScores(call, options, scores, { first: first + 2, step: 3 })
}

function eachMember(
  { args, reply }: Call,
  value: SortedSetValue | undefined,
  write: (score: number | undefined) => void,
): void {
  reply.array(args.count - 2)
  for (let index = 2; index < args.count; index++) write(value?.scoreOf(args.binary(index)))
}

function showHashes(call: Call): void {
  const value = sortedSetOf(call, call.args.binary(1))
  eachMember(call, value, score => {
    if (score === undefined) call.reply.nothing()
    else call.reply.binary(geohashOf(pointOf(score)))
  })
}

function showPoints(call: Call): void {
  const value = sortedSetOf(call, call.args.binary(1))
  eachMember(call, value, score => {
    if (score === undefined) call.reply.noArray()
    else writePoint(call.reply, pointOf(score))
  })
}

function showDistance(call: Call): void {
  const { args, reply } = call
  if (args.count > 5) throw syntaxError()
  const unit = args.count === 5 ? unitAt(args, 4) : 1
  const value = sortedSetOf(call, args.binary(1))
  const one = value?.scoreOf(args.binary(2))
  const other = value?.scoreOf(args.binary(3))
  if (one === undefined || other === undefined) reply.nothing()
  else reply.binary((distance(pointOf(one), pointOf(other)) / unit).toFixed(4))
}

/** STORE and STOREDIST name a key, wherever they stand. */
const storeKey = (first: number): KeyFinder => ({
  access: 'OW',
  find: (args: Arguments) => {
    for (let index = args.count - 2; index >= first; index--) {
      if (args.is(index, 'store') || args.is(index, 'storedist')) return [index + 1]
    }
    return []
  },
})

type Row = Pick<Command, 'name' | 'arity' | 'since' | 'summary'> & {
  readonly run: (call: Call) => void
}

const reading = (row: Row): Command => ({
  ...row,
  group: 'geo',
  flags: ['readonly'],
  keys: [oneKey('RO')],
})

const searching =
  (form: SearchForm): ((call: Call) => void) =>
  call =>
    search(call, form)

const around = (
  from: 'point' | 'member',
  name: string,
  { arity, summary }: Pick<Command, 'arity' | 'summary'>,
): readonly Command[] => [
  {
    ...{ name, arity, summary, group: 'geo', flags: ['write', 'denyoom', 'movablekeys'] },
    since: '3.2.0',
    keys: [oneKey('RO'), storeKey(-arity)],
    run: searching({ from, mayStore: true, isStored: false }),
  },
  reading({
    ...{ name: `${name}_ro`, arity, summary, since: '3.2.10' },
    run: searching({ from, mayStore: false, isStored: false }),
  }),
]

export const geoCommands: readonly Command[] = [
  {
    name: 'geoadd',
    arity: -5,
    group: 'geo',
    flags: ['write', 'denyoom'],
    keys: [oneKey('RW')],
    since: '3.2.0',
    summary: 'Gives members of a sorted set their places on earth.',
    run: add,
  },
  reading({
    ...{ name: 'geohash', arity: -2, since: '3.2.0', run: showHashes },
    summary: 'The geohashes of members.',
  }),
  reading({
    ...{ name: 'geopos', arity: -2, since: '3.2.0', run: showPoints },
    summary: 'Longitude and latitude of members.',
  }),
  reading({
    ...{ name: 'geodist', arity: -4, since: '3.2.0', run: showDistance },
    summary: 'How far two members are from each other.',
  }),
  ...around('point', 'georadius', { arity: -6, summary: 'Members around a point.' }),
  ...around('member', 'georadiusbymember', { arity: -5, summary: 'Members around a member.' }),
  reading({
    ...{ name: 'geosearch', arity: -7, since: '6.2.0' },
    summary: 'Members in a circle or a box.',
    run: searching({ from: 'options', mayStore: false, isStored: false }),
  }),
  {
    name: 'geosearchstore',
    arity: -8,
    group: 'geo',
    flags: ['write', 'denyoom'],
    keys: [oneKey('OW'), oneKey('RO', 2)],
    since: '6.2.0',
    summary: 'Keeps the members in a circle or a box.',
    run: searching({ from: 'options', mayStore: false, isStored: true }),
  },
]
