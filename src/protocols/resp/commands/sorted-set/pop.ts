import type { SortedSetValue } from '../../../../broker/keyspace/sorted-set/index.ts'
import type { ReplyWriter } from '../../../../lib/resp/index.ts'
import type { Call, Command } from '../../command.ts'
import { syntaxError } from '../../errors.ts'
import { atLeastAt, countAt, timeoutMsAt } from '../../numbers.ts'
import { countedKeys, keysFrom, oneKey, words } from '../set/keys.ts'
import { type Entry, sortedSetOf, takeRanks } from './access.ts'

type End = 'min' | 'max'

/** Takes so many from an end, or all there are; in the order in which they go. */
function take(
  call: Call,
  { key, value, end }: { key: string; value: SortedSetValue; end: End },
  count: number,
): Entry[] {
  const taken: Entry[] = []
  const visit = (member: string, score: number): unknown => taken.push([member, score])
  const size = Math.min(count, value.count)
  const from = end === 'min' ? 0 : value.count - size
  if (end === 'min') value.ordered.forEach(from, from + size, visit)
  else value.ordered.forEachDown(from, from + size, visit)
  takeRanks(call, { key, value, event: `zpop${end}` }, { from, to: from + size })
  return taken
}

function writeEach(reply: ReplyWriter, entries: readonly Entry[], isPaired: boolean): void {
  for (const [member, score] of entries) {
    if (isPaired) reply.array(2)
    reply.binary(member)
    reply.double(score)
  }
}

function pop(call: Call, end: End): void {
  const { args, reply } = call
  if (args.count > 3) throw syntaxError()
  const hasCount = args.count === 3
  const count = hasCount ? countAt(args, 2) : 1
  const key = call.key(1)
  const value = sortedSetOf(call, key)
  if (value === undefined || count === 0) {
    reply.array(0)
    return
  }
  const taken = take(call, { key, value, end }, count)
  const isPaired = hasCount && reply.version === 3
  reply.array(isPaired ? taken.length : taken.length * 2)
  writeEach(reply, taken, isPaired)
}

type KeysPop = {
  readonly keys: readonly string[]
  readonly end: End
  readonly count: number
  /** BZPOPMIN has key, member and score in one array; ZMPOP has pairs beside the key. */
  readonly isFlat: boolean
}

/** From the first of the keys that has members; false when none does. */
function popFirst(call: Call, reply: ReplyWriter, wanted: KeysPop): boolean {
  for (const key of wanted.keys) {
    const value = sortedSetOf(call, key)
    if (value === undefined) continue
    const taken = take(call, { key, value, end: wanted.end }, wanted.count)
    reply.array(wanted.isFlat ? 3 : 2)
    reply.binary(key)
    if (!wanted.isFlat) reply.array(taken.length)
    writeEach(reply, taken, !wanted.isFlat)
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
    // A key of another type is not what is waited for.
    serve: (key, reply) =>
      call.db.typeOf(key) === 'zset' && popFirst(call, reply, { ...wanted, keys: [key] }),
    timedOut: reply => reply.noArray(),
  })
}

function blockingPop(call: Call, end: End): void {
  const { args } = call
  const timeoutMs = timeoutMsAt(args, args.count - 1)
  const keys = words(args, 1, args.count - 1)
  popOrWait(call, { keys, end, count: 1, isFlat: true }, timeoutMs)
}

/** `numkeys key … MIN|MAX [COUNT count]` from the word at `start` on. */
function keysPopAt({ args }: Call, start: number): KeysPop {
  const keyCount = atLeastAt(args, start, 1, 'numkeys should be greater than 0')
  const endIndex = start + keyCount + 1
  if (endIndex >= args.count) throw syntaxError()
  const end = args.lower(endIndex)
  if (end !== 'min' && end !== 'max') throw syntaxError()
  let count = 0
  for (let index = endIndex + 1; index < args.count; index += 2) {
    const isCount = count === 0 && args.lower(index) === 'count' && index + 1 < args.count
    if (!isCount) throw syntaxError()
    count = atLeastAt(args, index + 1, 1, 'count should be greater than 0')
  }
  const keys = words(args, start + 1, endIndex)
  return { keys, end, count: Math.max(1, count), isFlat: false }
}

const popping = (end: End, which: string): readonly Command[] => [
  {
    name: `zpop${end}`,
    arity: -2,
    group: 'sorted-set',
    flags: ['write', 'fast'],
    keys: [oneKey('RW')],
    since: '5.0.0',
    summary: `Takes out members with the ${which} scores.`,
    run: call => pop(call, end),
  },
  {
    name: `bzpop${end}`,
    arity: -3,
    group: 'sorted-set',
    flags: ['write', 'fast', 'blocking'],
    keys: [keysFrom('RW', 1, 1)],
    since: '5.0.0',
    summary: `Takes the member with the ${which} score from the first that has one, or waits.`,
    run: call => blockingPop(call, end),
  },
]

export const popCommands: readonly Command[] = [
  ...popping('min', 'lowest'),
  ...popping('max', 'highest'),
  {
    name: 'zmpop',
    arity: -4,
    group: 'sorted-set',
    flags: ['write', 'movablekeys'],
    keys: [countedKeys('RW', 1)],
    since: '7.0.0',
    summary: 'Takes members from an end of the first sorted set that has some.',
    run: call => {
      if (!popFirst(call, call.reply, keysPopAt(call, 1))) call.reply.noArray()
    },
  },
  {
    name: 'bzmpop',
    arity: -5,
    group: 'sorted-set',
    flags: ['write', 'blocking', 'movablekeys'],
    keys: [countedKeys('RW', 2)],
    since: '7.0.0',
    summary: 'Takes members from an end of the first sorted set that has some, or waits.',
    run: call => {
      const wanted = keysPopAt(call, 2)
      popOrWait(call, wanted, timeoutMsAt(call.args, 1))
    },
  },
]
