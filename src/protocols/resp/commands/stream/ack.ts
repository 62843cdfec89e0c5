import type { ReturnMode } from '../../../../broker/entries/index.ts'
import type { Call, Command } from '../../command.ts'
import { ReplyError } from '../../errors.ts'
import { atLeastAt, numberAt } from '../../numbers.ts'
import { groupOf, quoted, streamOf } from './access.ts'
import { idListAt } from './id-list.ts'
import { idsAt } from './ids.ts'
import { allMissing, writeRemovals } from './remove.ts'

const keys = [{ access: 'RW', first: 1, last: 1, step: 1 }] as const
const FIRST_OPTION = 4

function ack(call: Call): void {
  const { args, reply } = call
  const stream = streamOf(call, args.key(1))
  const group = stream?.groups.get(args.binary(2))
  if (stream === undefined || group === undefined) return reply.integer(0)
  reply.integer(stream.ack(group, idsAt(args, 3, args.count)))
}

function ackAndRemove(call: Call): void {
  const { args, reply } = call
  const key = args.key(1)
  const stream = streamOf(call, key)
  const list = idListAt(args, 3)
  const group = stream?.groups.get(args.binary(2))
  if (stream === undefined || group === undefined)
    return writeRemovals(reply, allMissing(list.count))
  const lengthBefore = stream.length
  const removals = stream.ackAndRemove(group, list.ids(), list.references)
  writeRemovals(reply, removals)
  if (stream.length < lengthBefore) call.notify('t', 'xdel', key)
}

function giveBack(call: Call): void {
  const { args, reply } = call
  const { stream, group } = groupOf(call, args.key(1), args.binary(2))
  const mode = modes[args.lower(3)]
  if (mode === undefined) throw new ReplyError('ERR mode must be SILENT, FAIL, or FATAL')
  let first = -1
  let count = 0
  let isForced = false
  let deliveries: number | null = null
  for (let index = FIRST_OPTION; index < args.count; index++) {
    const hasMore = index + 1 < args.count
    if (hasMore && args.is(index, 'ids')) {
      count = atLeastAt(args, index + 1, 1, 'numids must be a positive integer')
      first = index + 2
      if (count > args.count - first) throw new ReplyError("ERR number of IDs doesn't match numids")
      index = first + count - 1
    } else if (args.is(index, 'force')) isForced = true
    else if (hasMore && args.is(index, 'retrycount')) {
      deliveries = numberAt(args, ++index)
      if (deliveries < 0) throw new ReplyError('ERR Invalid RETRYCOUNT value, must be >= 0')
    } else throw new ReplyError(`ERR Unrecognized XNACK option ${quoted(args.binary(index))}`)
  }
  if (first < 0) throw new ReplyError('ERR syntax error, expected IDS keyword')
  const ids = idsAt(args, first, first + count)
  reply.integer(stream.giveBack(group, ids, { mode, deliveries, isForced }))
}

const modes: Readonly<Record<string, ReturnMode | undefined>> = {
  silent: 'silent',
  fail: 'failed',
  fatal: 'fatal',
}

export const ackCommands: readonly Command[] = [
  {
    name: 'xack',
    arity: -4,
    group: 'stream',
    flags: ['write', 'fast'],
    keys,
    since: '5.0.0',
    summary: 'Acknowledges entries: a group is done with them.',
    run: ack,
  },
  {
    name: 'xackdel',
    arity: -6,
    group: 'stream',
    flags: ['write', 'fast'],
    keys,
    since: '8.2.0',
    summary: 'Acknowledges entries and takes them out of the stream.',
    run: ackAndRemove,
  },
  {
    name: 'xnack',
    arity: -7,
    group: 'stream',
    flags: ['write', 'fast'],
    keys,
    since: '8.8.0',
    summary: 'Gives entries back, for others of the group to take at once.',
    run: giveBack,
  },
]
