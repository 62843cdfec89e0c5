import type { ClaimWanted, EntryId } from '../../../../broker/entries/index.ts'
import { isZero } from '../../../../broker/entries/index.ts'
import type { Call, Command } from '../../command.ts'
import { ReplyError, syntaxError } from '../../errors.ts'
import { integerIn } from '../../numbers.ts'
import { groupOf, quoted, writeEntries, writeId, writeIds } from './access.ts'
import { fromAt, idAt, parsedId } from './ids.ts'

const keys = [{ access: 'RW', first: 1, last: 1, step: 1 }] as const
const FIRST_ID = 5
const FIRST_OPTION = 6
const COUNT_DEFAULT = 100
const COUNT_MAX = (2n ** 63n - 1n) / 16n

/** Milliseconds or a number, with an error of its own. */
function valueAt({ args }: Call, index: number, what: string): number {
  const value = integerIn(args, index)
  if (value === undefined) throw new ReplyError(`ERR Invalid ${what}`)
  if (typeof value === 'number') return value
  return value < 0 ? Number.MIN_SAFE_INTEGER : Number.MAX_SAFE_INTEGER
}

type Claim = Omit<ClaimWanted, 'idleMsMin' | 'deliveredAt'> & {
  /** Null: now. */
  deliveredAt: number | null
}

function claim(call: Call): void {
  const { args, reply, now } = call
  const key = args.key(1)
  const consumer = args.binary(3)
  const { stream, group } = groupOf(call, key, args.binary(2))
  const idleMsMin = Math.max(0, valueAt(call, 4, 'min-idle-time argument for XCLAIM'))
  const ids: EntryId[] = []
  let index = FIRST_ID
  for (; index < args.count; index++) {
    const id = parsedId(args, index, 0)
    if (id === undefined) break
    ids.push(id)
  }
  const wanted = claimAt(call, index)
  const given = wanted.deliveredAt ?? now
  const deliveredAt = given < 0 || given > now ? now : given
  if (stream.meet(group, consumer, now)) call.notify('t', 'xgroup-createconsumer', key)
  const taken = stream.claim(group, consumer, ids, { ...wanted, idleMsMin, deliveredAt })
  if (wanted.isIdOnly) writeIds(reply, taken)
  else writeEntries(reply, stream, taken)
}

/** What stands behind the ids. */
function claimAt(call: Call, start: number): Claim {
  const { args, now } = call
  let deliveredAt: number | null = null
  let deliveries: number | null = null
  let isForced = false
  let isIdOnly = false
  let lastId: EntryId | null = null
  for (let index = start; index < args.count; index++) {
    const hasMore = index + 1 < args.count
    if (args.is(index, 'force')) isForced = true
    else if (args.is(index, 'justid')) isIdOnly = true
    else if (hasMore && args.is(index, 'idle'))
      deliveredAt = now - valueAt(call, ++index, 'IDLE option argument for XCLAIM')
    else if (hasMore && args.is(index, 'time'))
      deliveredAt = valueAt(call, ++index, 'TIME option argument for XCLAIM')
    else if (hasMore && args.is(index, 'retrycount')) {
      const count = valueAt(call, ++index, 'RETRYCOUNT option argument for XCLAIM')
      deliveries = count < 0 ? null : count
    } else if (hasMore && args.is(index, 'lastid')) lastId = idAt(args, ++index)
    else throw new ReplyError(`ERR Unrecognized XCLAIM option ${quoted(args.binary(index))}`)
  }
  const last = lastId !== null && isZero(lastId) ? null : lastId
  return { deliveredAt, deliveries, isForced, isIdOnly, lastId: last, now }
}

function autoClaim(call: Call): void {
  const { args, reply, now } = call
  const idleMsMin = Math.max(0, valueAt(call, 4, 'min-idle-time argument for XAUTOCLAIM'))
  const from = fromAt(args, 5)
  let countMax = COUNT_DEFAULT
  let isIdOnly = false
  for (let index = FIRST_OPTION; index < args.count; index++) {
    if (args.is(index, 'justid')) isIdOnly = true
    else if (args.is(index, 'count') && index + 1 < args.count) countMax = countAt(call, ++index)
    else throw syntaxError()
  }
  const key = args.key(1)
  const consumer = args.binary(3)
  const { stream, group } = groupOf(call, key, args.binary(2))
  if (stream.meet(group, consumer, now)) call.notify('t', 'xgroup-createconsumer', key)
  const wanted = { idleMsMin, countMax, isIdOnly, now }
  const { claimed, deleted, next } = stream.autoClaim(group, consumer, from, wanted)
  reply.array(3)
  writeId(reply, next)
  if (isIdOnly) writeIds(reply, claimed)
  else writeEntries(reply, stream, claimed)
  writeIds(reply, deleted)
}

/** At least 1, and not so large that it makes no sense. */
function countAt({ args }: Call, index: number): number {
  const value = integerIn(args, index)
  if (value === undefined || value < 1 || value > COUNT_MAX)
    throw new ReplyError('ERR COUNT must be > 0')
  return Number(value)
}

export const claimCommands: readonly Command[] = [
  {
    name: 'xclaim',
    arity: -6,
    group: 'stream',
    flags: ['write', 'fast'],
    keys,
    since: '5.0.0',
    summary: 'Makes a consumer the owner of entries that others hold.',
    run: claim,
  },
  {
    name: 'xautoclaim',
    arity: -6,
    group: 'stream',
    flags: ['write', 'fast'],
    keys,
    since: '6.2.0',
    summary: 'Makes a consumer the owner of what others left idle for too long.',
    run: autoClaim,
  },
]
