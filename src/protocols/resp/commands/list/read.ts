import type { Call, Command } from '../../command.ts'
import { ReplyError, syntaxError } from '../../errors.ts'
import { countAt, numberAt } from '../../numbers.ts'
import { clampRange, element, listOf, rangedAt } from './access.ts'
import { indexesOf, type Search } from './search.ts'

const keys = [{ access: 'RO', first: 1, last: 1, step: 1 }] as const

function range(call: Call): void {
  const { args, reply } = call
  const start = numberAt(args, 2)
  const stop = numberAt(args, 3)
  const list = listOf(call, args.key(1))
  const found = list === undefined ? null : clampRange(list.length, start, stop)
  if (list === undefined || found === null) {
    reply.array(0)
    return
  }
  reply.array(found.last - found.first + 1)
  list.each(found.first, found.last, ({ bytes, start: from, end }) => reply.bulk(bytes, from, end))
}

function index(call: Call): void {
  const { args, reply } = call
  const list = listOf(call, args.key(1))
  if (list === undefined) {
    reply.nothing()
    return
  }
  if (list.at(numberAt(args, 2), element)) reply.bulk(element.bytes, element.start, element.end)
  else reply.nothing()
}

const RANK_ZERO =
  "RANK can't be zero: use 1 to start from the first match, 2 from the second ... " +
  'or use negative to start from the end of the list'

function searchAt({ args }: Call): Search {
  const found = { rank: 1, count: -1, lengthMax: 0 }
  for (let word = 3; word < args.count; word += 2) {
    const option = args.lower(word)
    if (word + 1 >= args.count) throw syntaxError()
    if (option === 'rank') {
      found.rank = rangedAt(args, word + 1)
      if (found.rank === 0) throw new ReplyError(`ERR ${RANK_ZERO}`)
    } else if (option === 'count') {
      found.count = countAt(args, word + 1, "COUNT can't be negative")
    } else if (option === 'maxlen') {
      found.lengthMax = countAt(args, word + 1, "MAXLEN can't be negative")
    } else throw syntaxError()
  }
  return found
}

function position(call: Call): void {
  const { reply } = call
  const search = searchAt(call)
  const list = listOf(call, call.args.key(1))
  const found = list === undefined ? [] : indexesOf(list, call.args, 2, search)
  if (search.count >= 0) {
    reply.array(found.length)
    for (const at of found) reply.integer(at)
  } else if (found.length === 0) reply.nothing()
  else reply.integer(found[0]!)
}

export const readCommands: readonly Command[] = [
  {
    name: 'llen',
    arity: 2,
    group: 'list',
    flags: ['readonly', 'fast'],
    keys,
    since: '1.0.0',
    summary: 'How many elements a list has.',
    run: call => call.reply.integer(listOf(call, call.args.key(1))?.length ?? 0),
  },
  {
    name: 'lrange',
    arity: 4,
    group: 'list',
    flags: ['readonly'],
    keys,
    since: '1.0.0',
    summary: 'The elements between two indexes.',
    run: range,
  },
  {
    name: 'lindex',
    arity: 3,
    group: 'list',
    flags: ['readonly'],
    keys,
    since: '1.0.0',
    summary: 'The element at an index.',
    run: index,
  },
  {
    name: 'lpos',
    arity: -3,
    group: 'list',
    flags: ['readonly'],
    keys,
    since: '6.0.6',
    summary: 'Where elements equal to one are.',
    run: position,
  },
]
