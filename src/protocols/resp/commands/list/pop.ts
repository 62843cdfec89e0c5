import type { List, Side } from '../../../../broker/list/index.ts'
import type { Arguments } from '../../../../lib/resp/index.ts'
import type { Call, Command, KeyFinder } from '../../command.ts'
import { ReplyError, syntaxError } from '../../errors.ts'
import { atLeastAt, countAt, timeoutMsAt } from '../../numbers.ts'
import { asksForMore, listOf, notifyPopped, popMany, popOne, sideAt } from './access.ts'

const oneKey = [{ access: 'RW', first: 1, last: 1, step: 1 }] as const

function pop(call: Call, side: Side): void {
  const { args, reply } = call
  const hasCount = args.count === 3
  if (args.count > 3) {
    const name = side === 'left' ? 'lpop' : 'rpop'
    throw new ReplyError(`ERR wrong number of arguments for '${name}' command`)
  }
  const count = hasCount ? countAt(args, 2) : 1
  const key = args.key(1)
  asksForMore(call, key)
  const list = listOf(call, key)
  if (list === undefined) {
    if (hasCount) reply.noArray()
    else reply.nothing()
    return
  }
  if (count === 0) {
    reply.array(0)
    return
  }
  if (hasCount) popMany(call, reply, list, { side, count })
  else popOne(call, reply, list, side)
  notifyPopped(call, key, list, side)
}

type KeysPop = {
  readonly keys: readonly string[]
  readonly side: Side
  /** 0: one element, without an array around it. */
  readonly count: number
}

/** From the first of the keys that holds a list; false when none does. */
function popFirst(call: Call, reply: Call['reply'], { keys, side, count }: KeysPop): boolean {
  for (const key of keys) asksForMore(call, key)
  for (const key of keys) {
    const list: List | undefined = listOf(call, key)
    if (list === undefined) continue
    reply.array(2)
    reply.binary(key)
    if (count === 0) popOne(call, reply, list, side)
    else popMany(call, reply, list, { side, count })
    notifyPopped(call, key, list, side)
    return true
  }
  return false
}

function popOrWait(call: Call, wanted: KeysPop, timeoutMs: number): void {
  if (popFirst(call, call.reply, wanted)) return
  if (!call.mayBlock) {
    call.reply.noArray()
    return
  }
  call.block({
    keys: wanted.keys,
    timeoutMs,
    serve: (key, reply) => popFirst(call, reply, { ...wanted, keys: [key] }),
    timedOut: reply => reply.noArray(),
  })
}

function blockingPop(call: Call, side: Side): void {
  const { args } = call
  const timeoutMs = timeoutMsAt(args, args.count - 1)
  const keys: string[] = []
  for (let index = 1; index < args.count - 1; index++) keys.push(args.binary(index))
  popOrWait(call, { keys, side, count: 0 }, timeoutMs)
}

/** `numkeys key … LEFT|RIGHT [COUNT count]` from the word at `start` on. */
function keysPopAt(call: Call, start: number): KeysPop {
  const { args } = call
  const keyCount = atLeastAt(args, start, 1, 'numkeys should be greater than 0')
  const sideIndex = start + keyCount + 1
  if (sideIndex >= args.count) throw syntaxError()
  const side = sideAt(call, sideIndex)
  if (side === undefined) throw syntaxError()
  let count = 0
  for (let index = sideIndex + 1; index < args.count; index++) {
    const isCount = count === 0 && args.lower(index) === 'count' && index + 1 < args.count
    if (!isCount) throw syntaxError()
    index++
    count = atLeastAt(args, index, 1, 'count should be greater than 0')
  }
  const keys: string[] = []
  for (let index = start + 1; index < sideIndex; index++) keys.push(args.binary(index))
  return { keys, side, count: count === 0 ? 1 : count }
}

/** The keys after the word that says how many there are. */
export const countedKeys = (start: number): KeyFinder => ({
  access: 'RW',
  find: (args: Arguments) => {
    const count = Number(args.binary(start))
    if (!Number.isInteger(count) || count < 1 || start + count >= args.count) return []
    return Array.from({ length: count }, (_, index) => start + 1 + index)
  },
})

export const popCommands: readonly Command[] = [
  {
    name: 'lpop',
    arity: -2,
    group: 'list',
    flags: ['write', 'fast'],
    keys: oneKey,
    since: '1.0.0',
    summary: 'Takes elements from the left end of a list.',
    run: call => pop(call, 'left'),
  },
  {
    name: 'rpop',
    arity: -2,
    group: 'list',
    flags: ['write', 'fast'],
    keys: oneKey,
    since: '1.0.0',
    summary: 'Takes elements from the right end of a list.',
    run: call => pop(call, 'right'),
  },
  {
    name: 'blpop',
    arity: -3,
    group: 'list',
    flags: ['write', 'blocking'],
    keys: [{ access: 'RW', first: 1, last: -2, step: 1 }],
    since: '2.0.0',
    summary: 'Takes an element from the left end of the first list that has one, or waits.',
    run: call => blockingPop(call, 'left'),
  },
  {
    name: 'brpop',
    arity: -3,
    group: 'list',
    flags: ['write', 'blocking'],
    keys: [{ access: 'RW', first: 1, last: -2, step: 1 }],
    since: '2.0.0',
    summary: 'Takes an element from the right end of the first list that has one, or waits.',
    run: call => blockingPop(call, 'right'),
  },
  {
    name: 'lmpop',
    arity: -4,
    group: 'list',
    flags: ['write', 'movablekeys'],
    keys: [countedKeys(1)],
    since: '7.0.0',
    summary: 'Takes elements from an end of the first list that has some.',
    run: call => {
      if (!popFirst(call, call.reply, keysPopAt(call, 1))) call.reply.noArray()
    },
  },
  {
    name: 'blmpop',
    arity: -5,
    group: 'list',
    flags: ['write', 'blocking', 'movablekeys'],
    keys: [countedKeys(2)],
    since: '7.0.0',
    summary: 'Takes elements from an end of the first list that has some, or waits.',
    run: call => {
      const wanted = keysPopAt(call, 2)
      popOrWait(call, wanted, timeoutMsAt(call.args, 1))
    },
  },
]
