import type { Side } from '../../../../broker/list/index.ts'
import type { Call, Command } from '../../command.ts'
import { demandRoom, listOf, openList, pushed } from './access.ts'

const keys = [{ access: 'RW', first: 1, last: 1, step: 1 }] as const
const flags = ['write', 'denyoom', 'fast'] as const
const FIRST_ELEMENT = 2

function push(call: Call, side: Side, isMade: boolean): void {
  const { args, reply } = call
  const key = args.key(1)
  const list = isMade ? openList(call, key) : listOf(call, key)
  if (list === undefined) {
    reply.integer(0)
    return
  }
  const { starts, ends, count } = args
  let bytes = 0
  for (let index = FIRST_ELEMENT; index < count; index++) bytes += ends[index]! - starts[index]!
  demandRoom(list, key, count - FIRST_ELEMENT, bytes)
  for (let index = FIRST_ELEMENT; index < count; index++)
    list.push(side, args.bytes, starts[index], ends[index])
  reply.integer(list.length)
  call.notify('l', pushed[side], key)
}

export const pushCommands: readonly Command[] = [
  {
    name: 'lpush',
    arity: -3,
    group: 'list',
    flags,
    keys,
    since: '1.0.0',
    summary: 'Adds elements at the left end of a list.',
    run: call => push(call, 'left', true),
  },
  {
    name: 'rpush',
    arity: -3,
    group: 'list',
    flags,
    keys,
    since: '1.0.0',
    summary: 'Adds elements at the right end of a list.',
    run: call => push(call, 'right', true),
  },
  {
    name: 'lpushx',
    arity: -3,
    group: 'list',
    flags,
    keys,
    since: '2.2.0',
    summary: 'Adds elements at the left end of a list that is there.',
    run: call => push(call, 'left', false),
  },
  {
    name: 'rpushx',
    arity: -3,
    group: 'list',
    flags,
    keys,
    since: '2.2.0',
    summary: 'Adds elements at the right end of a list that is there.',
    run: call => push(call, 'right', false),
  },
]
