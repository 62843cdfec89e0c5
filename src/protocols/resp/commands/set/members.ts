import { writeAdded } from '../../../../broker/keyspace/set/index.ts'
import type { Call, Command } from '../../command.ts'
import { demandFits, membersOf, setOf, takeMembers } from './access.ts'
import { oneKey } from './keys.ts'

function add(call: Call): void {
  const { args, db, reply } = call
  const key = call.key(1)
  const set = setOf(call, key)
  let added: string[] = []
  for (let index = 2; index < args.count; index++) {
    const member = args.binary(index)
    if (set === undefined || !set.has(member)) added.push(member)
  }
  if (added.length > 1) added = [...new Set(added)]
  demandFits((set?.count ?? 0) + added.length)
  if (added.length > 0) {
    db.change(key, 'set', writer => writeAdded(writer, added))
    call.notify('s', 'sadd', key)
  }
  reply.integer(added.length)
}

function remove(call: Call): void {
  const { args, reply } = call
  const key = call.key(1)
  const set = setOf(call, key)
  if (set === undefined) {
    reply.integer(0)
    return
  }
  let removed: string[] = []
  for (let index = 2; index < args.count; index++) {
    const member = args.binary(index)
    if (set.has(member)) removed.push(member)
  }
  if (removed.length > 1) removed = [...new Set(removed)]
  if (removed.length > 0) takeMembers(call, { key, set, event: 'srem' }, removed)
  reply.integer(removed.length)
}

function move(call: Call): void {
  const { args, db, reply } = call
  const from = call.key(1)
  const to = args.binary(2)
  const member = args.binary(3)
  const source = setOf(call, from)
  if (source === undefined) {
    reply.integer(0)
    return
  }
  const target = setOf(call, to)
  if (!source.has(member) || from === to) {
    reply.integer(source.has(member) ? 1 : 0)
    return
  }
  const isNew = target === undefined || !target.has(member)
  demandFits((target?.count ?? 0) + 1)
  takeMembers(call, { key: from, set: source, event: 'srem' }, [member])
  if (isNew) {
    db.change(to, 'set', writer => writeAdded(writer, [member]))
    call.notify('s', 'sadd', to)
  }
  reply.integer(1)
}

function isMember(call: Call): void {
  const set = setOf(call, call.key(1))
  call.reply.integer(set?.has(call.args.binary(2)) === true ? 1 : 0)
}

function areMembers(call: Call): void {
  const { args, reply } = call
  const set = setOf(call, call.key(1))
  reply.array(args.count - 2)
  for (let index = 2; index < args.count; index++) {
    reply.integer(set?.has(args.binary(index)) === true ? 1 : 0)
  }
}

function showMembers(call: Call): void {
  const set = setOf(call, call.key(1))
  const members = set === undefined ? [] : membersOf(set)
  call.reply.set(members.length)
  for (const member of members) call.reply.binary(member)
}

export const memberCommands: readonly Command[] = [
  {
    name: 'sadd',
    arity: -3,
    group: 'set',
    flags: ['write', 'denyoom', 'fast'],
    keys: [oneKey('RW')],
    since: '1.0.0',
    summary: 'Puts members into a set.',
    run: add,
  },
  {
    name: 'srem',
    arity: -3,
    group: 'set',
    flags: ['write', 'fast'],
    keys: [oneKey('RW')],
    since: '1.0.0',
    summary: 'Takes members out of a set.',
    run: remove,
  },
  {
    name: 'smove',
    arity: 4,
    group: 'set',
    flags: ['write', 'fast'],
    keys: [oneKey('RW'), oneKey('RW', 2)],
    since: '1.0.0',
    summary: 'Takes a member out of one set and puts it into another.',
    run: move,
  },
  {
    name: 'sismember',
    arity: 3,
    group: 'set',
    flags: ['readonly', 'fast'],
    keys: [oneKey('RO')],
    since: '1.0.0',
    summary: 'Whether something is in a set.',
    run: isMember,
  },
  {
    name: 'smismember',
    arity: -3,
    group: 'set',
    flags: ['readonly', 'fast'],
    keys: [oneKey('RO')],
    since: '6.2.0',
    summary: 'Which of several things are in a set.',
    run: areMembers,
  },
  {
    name: 'smembers',
    arity: 2,
    group: 'set',
    flags: ['readonly'],
    keys: [oneKey('RO')],
    since: '1.0.0',
    summary: 'All members of a set.',
    run: showMembers,
  },
  {
    name: 'scard',
    arity: 2,
    group: 'set',
    flags: ['readonly', 'fast'],
    keys: [oneKey('RO')],
    since: '1.0.0',
    summary: 'How many members a set has.',
    run: call => call.reply.integer(setOf(call, call.key(1))?.count ?? 0),
  },
]
