import {
  type Consumer,
  type EntryStream,
  type Group,
  idMax,
  idMin,
  type PendingEntry,
} from '../../../../broker/entries/index.ts'
import type { ReplyWriter } from '../../../../lib/resp/index.ts'
import type { Call, Command } from '../../command.ts'
import { ReplyError } from '../../errors.ts'
import { type HelpForm, helpCommand, unknownSubcommand } from '../../help.ts'
import { numberAt } from '../../numbers.ts'
import { byName, streamOf, writeEntry, writeId } from './access.ts'
import { noGroup } from './group.ts'

const keys = [{ access: 'RO', first: 2, last: 2, step: 1 }] as const
const COUNT_DEFAULT = 10
const FACTS = 13

function existing(call: Call): EntryStream {
  const stream = streamOf(call, call.args.binary(2))
  if (stream === undefined) throw new ReplyError('ERR no such key')
  return stream
}

function describe(call: Call): void {
  const { args, reply } = call
  const stream = existing(call)
  if (args.count === 3) {
    writeFacts(reply, stream, 3)
    reply.text('groups')
    reply.integer(stream.groups.size)
    writeEdge(reply, stream, 'first-entry', false)
    writeEdge(reply, stream, 'last-entry', true)
    return
  }
  const isFull = (args.count === 4 || args.count === 6) && args.is(3, 'full')
  if (!isFull || (args.count === 6 && !args.is(4, 'count'))) throw unknownSubcommand(call)
  const given = args.count === 6 ? numberAt(args, 5) : COUNT_DEFAULT
  const count = given < 0 ? COUNT_DEFAULT : given
  writeFacts(reply, stream, 2)
  reply.text('entries')
  const span = stream.range(idMin, idMax, count)
  reply.array(span.count)
  stream.show(span, entry => writeEntry(reply, entry))
  reply.text('groups')
  reply.array(stream.groups.size)
  for (const group of byName(stream.groups)) writeGroupInFull(reply, group, count)
}

/** `more`: fields that follow. */
function writeFacts(reply: ReplyWriter, stream: EntryStream, more: number): void {
  const facts = stream.facts()
  const { idempotence } = facts
  reply.map(FACTS + more)
  writeNumber(reply, 'length', facts.length)
  writeNumber(reply, 'radix-tree-keys', facts.runCount)
  writeNumber(reply, 'radix-tree-nodes', facts.runCount + 1)
  reply.text('last-generated-id')
  writeId(reply, facts.lastId)
  reply.text('max-deleted-entry-id')
  writeId(reply, facts.maxDeletedId)
  writeNumber(reply, 'entries-added', facts.entriesAdded)
  reply.text('recorded-first-entry-id')
  writeId(reply, facts.firstId)
  writeNumber(reply, 'idmp-duration', idempotence.durationSeconds)
  writeNumber(reply, 'idmp-maxsize', idempotence.entriesMax)
  writeNumber(reply, 'pids-tracked', idempotence.producers)
  writeNumber(reply, 'iids-tracked', idempotence.tracked)
  writeNumber(reply, 'iids-added', idempotence.added)
  writeNumber(reply, 'iids-duplicates', idempotence.duplicates)
}

function writeEdge(
  reply: ReplyWriter,
  stream: EntryStream,
  name: string,
  isReversed: boolean,
): void {
  reply.text(name)
  const span = stream.range(idMin, idMax, 1, isReversed)
  if (span.count === 0) reply.nothing()
  else stream.show(span, entry => writeEntry(reply, entry))
}

function writeGroupInFull(reply: ReplyWriter, group: Group, count: number): void {
  reply.map(8)
  reply.text('name')
  reply.binary(group.name)
  writeProgress(reply, group)
  writeNumber(reply, 'pel-count', group.pendingCount)
  writeNumber(reply, 'nacked-count', group.returnedCount)
  reply.text('pending')
  const pending = firstOf(group.pending(idMin, idMax), count)
  reply.array(pending.length)
  for (const entry of pending) {
    reply.array(4)
    writeId(reply, entry)
    reply.binary(entry.consumer?.name ?? '')
    reply.integer(entry.deliveredAt)
    reply.integer(entry.deliveries)
  }
  reply.text('consumers')
  reply.array(group.consumers.size)
  for (const consumer of byName(group.consumers)) writeConsumerInFull(reply, group, consumer, count)
}

function writeConsumerInFull(
  reply: ReplyWriter,
  group: Group,
  consumer: Consumer,
  count: number,
): void {
  reply.map(5)
  reply.text('name')
  reply.binary(consumer.name)
  writeNumber(reply, 'seen-time', consumer.seenAt)
  writeNumber(reply, 'active-time', consumer.activeAt)
  writeNumber(reply, 'pel-count', consumer.pendingCount)
  reply.text('pending')
  const pending = firstOf(group.pending(idMin, idMax, consumer), count)
  reply.array(pending.length)
  for (const entry of pending) {
    reply.array(3)
    writeId(reply, entry)
    reply.integer(entry.deliveredAt)
    reply.integer(entry.deliveries)
  }
}

function groups(call: Call): void {
  const { reply } = call
  const stream = existing(call)
  reply.array(stream.groups.size)
  for (const group of byName(stream.groups)) {
    reply.map(6)
    reply.text('name')
    reply.binary(group.name)
    writeNumber(reply, 'consumers', group.consumers.size)
    writeNumber(reply, 'pending', group.pendingCount)
    writeProgress(reply, group)
  }
}

function writeProgress(reply: ReplyWriter, group: Group): void {
  reply.text('last-delivered-id')
  writeId(reply, group.lastId)
  writeNumber(reply, 'entries-read', group.entriesRead)
  writeNumber(reply, 'lag', group.lag)
}

function consumers(call: Call): void {
  const { args, reply, now } = call
  const name = args.binary(3)
  const group = existing(call).groups.get(name)
  if (group === undefined) throw noGroup(name, args.binary(2))
  reply.array(group.consumers.size)
  for (const consumer of byName(group.consumers)) {
    reply.map(4)
    reply.text('name')
    reply.binary(consumer.name)
    writeNumber(reply, 'pending', consumer.pendingCount)
    writeNumber(reply, 'idle', Math.max(0, now - consumer.seenAt))
    writeNumber(reply, 'inactive', consumer.activeAt < 0 ? -1 : now - consumer.activeAt)
  }
}

function writeNumber(reply: ReplyWriter, name: string, value: number | null): void {
  reply.text(name)
  if (value === null) reply.nothing()
  else reply.integer(value)
}

/** 0: all. */
function firstOf(entries: Iterable<PendingEntry>, count: number): PendingEntry[] {
  const found: PendingEntry[] = []
  for (const entry of entries) if (found.push(entry) === count) break
  return found
}

const forms: readonly HelpForm[] = [
  ['CONSUMERS <key> <groupname>', 'The consumers of a group.'],
  ['GROUPS <key>', 'The groups of a stream.'],
  ['STREAM <key> [FULL [COUNT <count>]]', 'Facts about a stream, in full with what is in it.'],
]

const subcommand = (
  name: string,
  arity: number,
  summary: string,
  run: (call: Call) => void,
): Command => ({
  name: `xinfo|${name}`,
  arity,
  group: 'stream',
  flags: ['readonly'],
  keys,
  since: '5.0.0',
  summary,
  run,
})

export const infoCommands: readonly Command[] = [
  {
    name: 'xinfo',
    arity: -2,
    group: 'stream',
    flags: [],
    since: '5.0.0',
    summary: 'Commands that say something about streams.',
    subcommands: [
      subcommand('stream', -3, 'Facts about a stream.', describe),
      subcommand('groups', 3, 'The groups of a stream.', groups),
      subcommand('consumers', 4, 'The consumers of a group.', consumers),
      helpCommand('xinfo', forms, {
        group: 'stream',
        flags: ['loading', 'stale'],
        since: '5.0.0',
      }),
    ],
  },
]
