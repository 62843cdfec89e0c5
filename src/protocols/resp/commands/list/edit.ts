import type { Call, Command } from '../../command.ts'
import { ReplyError, syntaxError } from '../../errors.ts'
import { numberAt } from '../../numbers.ts'
import { clampRange, listOf, notifyTaken, rangedAt } from './access.ts'
import { firstMatch, indexesOf } from './search.ts'

const keys = [{ access: 'RW', first: 1, last: 1, step: 1 }] as const

function set(call: Call): void {
  const { args, reply } = call
  const key = args.key(1)
  const list = listOf(call, key)
  if (list === undefined) throw new ReplyError('ERR no such key')
  const given = numberAt(args, 2)
  const index = given < 0 ? list.length + given : given
  if (index < 0 || index >= list.length) throw new ReplyError('ERR index out of range')
  list.set(index, args.bytes, args.starts[3], args.ends[3])
  reply.ok()
  call.notify('l', 'lset', key)
}

function insert(call: Call): void {
  const { args, reply } = call
  const place = args.lower(2)
  if (place !== 'before' && place !== 'after') throw syntaxError()
  const key = args.key(1)
  const list = listOf(call, key)
  if (list === undefined) {
    reply.integer(0)
    return
  }
  const [pivot] = indexesOf(list, args, 3, firstMatch)
  if (pivot === undefined) {
    reply.integer(-1)
    return
  }
  list.insert(place === 'before' ? pivot : pivot + 1, args.bytes, args.starts[4], args.ends[4])
  reply.integer(list.length)
  call.notify('l', 'linsert', key)
}

function remove(call: Call): void {
  const { args, reply } = call
  const count = rangedAt(args, 2)
  const key = args.key(1)
  const list = listOf(call, key)
  const removed = list?.remove(count, args.bytes, args.starts[3], args.ends[3]) ?? 0
  reply.integer(removed)
  if (list !== undefined && removed > 0) notifyTaken(call, key, list, 'lrem')
}

function trim(call: Call): void {
  const { args, reply } = call
  const start = numberAt(args, 2)
  const stop = numberAt(args, 3)
  const key = args.key(1)
  const list = listOf(call, key)
  reply.ok()
  if (list === undefined) return
  const kept = clampRange(list.length, start, stop)
  if (kept === null) list.trim(1, 0)
  else list.trim(kept.first, kept.last)
  notifyTaken(call, key, list, 'ltrim')
}

export const editCommands: readonly Command[] = [
  {
    name: 'lset',
    arity: 4,
    group: 'list',
    flags: ['write', 'denyoom'],
    keys,
    since: '1.0.0',
    summary: 'Puts another element at an index.',
    run: set,
  },
  {
    name: 'linsert',
    arity: 5,
    group: 'list',
    flags: ['write', 'denyoom'],
    keys,
    since: '2.2.0',
    summary: 'Adds an element before or after one that is there.',
    run: insert,
  },
  {
    name: 'lrem',
    arity: 4,
    group: 'list',
    flags: ['write'],
    keys,
    since: '1.0.0',
    summary: 'Takes elements equal to one out of a list.',
    run: remove,
  },
  {
    name: 'ltrim',
    arity: 4,
    group: 'list',
    flags: ['write'],
    keys,
    since: '1.0.0',
    summary: 'Takes out all elements that are not between two indexes.',
    run: trim,
  },
]
