import type { EntryId, Removal } from '../../../../broker/entries/index.ts'
import { compareIds, isZero } from '../../../../broker/entries/index.ts'
import type { ReplyWriter } from '../../../../lib/resp/index.ts'
import type { Call, Command } from '../../command.ts'
import { ReplyError, syntaxError } from '../../errors.ts'
import { numberAt } from '../../numbers.ts'
import { streamOf } from './access.ts'
import { idListAt } from './id-list.ts'
import { idAt, idsAt } from './ids.ts'

const keys = [{ access: 'RW', first: 1, last: 1, step: 1 }] as const
const codes = { missing: -1, removed: 1, referenced: 2 } as const satisfies Record<Removal, number>

/** What became of each of the ids. */
export function writeRemovals(reply: ReplyWriter, removals: readonly Removal[]): void {
  reply.array(removals.length)
  for (const removal of removals) reply.integer(codes[removal])
}

export const allMissing = (count: number): Removal[] => new Array<Removal>(count).fill('missing')

function remove(call: Call): void {
  const { args, reply } = call
  const key = args.key(1)
  const stream = streamOf(call, key)
  if (stream === undefined) return reply.integer(0)
  const removed = stream.delete(idsAt(args, 2, args.count))
  reply.integer(removed)
  if (removed > 0) call.notify('t', 'xdel', key)
}

function removeListed(call: Call): void {
  const { args, reply } = call
  const key = args.key(1)
  const stream = streamOf(call, key)
  const list = idListAt(args, 2)
  if (stream === undefined) return writeRemovals(reply, allMissing(list.count))
  const removals = stream.remove(list.ids(), list.references)
  writeRemovals(reply, removals)
  if (removals.includes('removed')) call.notify('t', 'xdel', key)
}

function setId(call: Call): void {
  const { args, reply } = call
  const id = idAt(args, 2)
  let entriesAdded: number | null = null
  let maxDeleted: EntryId | null = null
  for (let index = 3; index < args.count; index += 2) {
    const hasMore = index + 1 < args.count
    if (hasMore && args.is(index, 'entriesadded')) {
      entriesAdded = numberAt(args, index + 1)
      if (entriesAdded < 0) throw new ReplyError('ERR entries_added must be positive')
    } else if (hasMore && args.is(index, 'maxdeletedid')) {
      maxDeleted = idAt(args, index + 1)
      if (compareIds(id, maxDeleted) < 0) throw smaller('the provided max_deleted_entry_id')
    } else throw syntaxError()
  }
  const key = args.key(1)
  const stream = streamOf(call, key)
  if (stream === undefined) throw new ReplyError('ERR no such key')
  if (compareIds(id, stream.facts().maxDeletedId) < 0) throw smaller('current max_deleted_entry_id')
  const top = stream.lastEntryId
  if (top !== null && compareIds(id, top) < 0) throw smaller('the target stream top item')
  if (top !== null && entriesAdded !== null && stream.length > entriesAdded)
    throw new ReplyError(
      'ERR The entries_added specified in XSETID is smaller than the target stream length',
    )
  const isGiven = maxDeleted !== null && !isZero(maxDeleted)
  stream.setLast(id, entriesAdded, isGiven ? maxDeleted : null)
  reply.ok()
  call.notify('t', 'xsetid', key)
}

const smaller = (what: string): ReplyError =>
  new ReplyError(`ERR The ID specified in XSETID is smaller than ${what}`)

export const removeCommands: readonly Command[] = [
  {
    name: 'xdel',
    arity: -3,
    group: 'stream',
    flags: ['write', 'fast'],
    keys,
    since: '5.0.0',
    summary: 'Takes entries out of a stream.',
    run: remove,
  },
  {
    name: 'xdelex',
    arity: -5,
    group: 'stream',
    flags: ['write', 'fast'],
    keys,
    since: '8.2.0',
    summary: 'Takes entries out of a stream, with or without what groups hold of them.',
    run: removeListed,
  },
  {
    name: 'xsetid',
    arity: -3,
    group: 'stream',
    flags: ['write', 'denyoom', 'fast'],
    keys,
    since: '5.0.0',
    summary: 'Sets the last id of a stream.',
    run: setId,
  },
]
