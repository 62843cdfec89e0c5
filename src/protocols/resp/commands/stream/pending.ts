import type { Consumer, EntryId, Group, PendingEntry } from '../../../../broker/entries/index.ts'
import type { ReplyWriter } from '../../../../lib/resp/index.ts'
import type { Call, Command } from '../../command.ts'
import { syntaxError } from '../../errors.ts'
import { numberAt } from '../../numbers.ts'
import { byName, groupOf, writeId } from './access.ts'
import { fromAt, toAt } from './ids.ts'

type Wanted = {
  readonly from: EntryId
  readonly to: EntryId
  readonly count: number
  readonly idleMsMin: number
  readonly consumer: string | null
}

function pending(call: Call): void {
  const { args, reply } = call
  if (args.count !== 3 && (args.count < 6 || args.count > 9)) throw syntaxError()
  const wanted = args.count === 3 ? null : wantedAt(call)
  const { group } = groupOf(call, args.key(1), args.binary(2))
  if (wanted === null) writeSummary(reply, group)
  else writeEach(call, group, wanted)
}

/** `[IDLE ms] start end count [consumer]`. */
function wantedAt({ args }: Call): Wanted {
  let start = 3
  let idleMsMin = 0
  if (args.is(3, 'idle')) {
    idleMsMin = numberAt(args, 4)
    if (args.count < 8) throw syntaxError()
    start = 5
  }
  const count = Math.max(0, numberAt(args, start + 2))
  const from = fromAt(args, start)
  const to = toAt(args, start + 1)
  const consumer = start + 3 < args.count ? args.binary(start + 3) : null
  return { from, to, count, idleMsMin, consumer }
}

function writeSummary(reply: ReplyWriter, group: Group): void {
  reply.array(4)
  reply.integer(group.pendingCount)
  const edges = group.pendingEdges
  if (edges === null) {
    reply.nothing()
    reply.nothing()
    reply.noArray()
    return
  }
  writeId(reply, edges.first)
  writeId(reply, edges.last)
  const holders = byName(group.consumers).filter(({ pendingCount }) => pendingCount > 0)
  reply.array(holders.length)
  for (const { name, pendingCount } of holders) {
    reply.array(2)
    reply.binary(name)
    reply.binary(String(pendingCount))
  }
}

function writeEach(call: Call, group: Group, wanted: Wanted): void {
  const { reply, now } = call
  const { from, to, count, idleMsMin } = wanted
  let consumer: Consumer | undefined
  if (wanted.consumer !== null) {
    consumer = group.consumers.get(wanted.consumer)
    if (consumer === undefined) return reply.array(0)
  }
  const found: PendingEntry[] = []
  if (count > 0)
    for (const entry of group.pending(from, to, consumer)) {
      if (entry.consumer !== null && now - entry.deliveredAt < idleMsMin) continue
      if (found.push(entry) === count) break
    }
  reply.array(found.length)
  for (const entry of found) {
    reply.array(4)
    writeId(reply, entry)
    reply.binary(entry.consumer?.name ?? '')
    reply.integer(entry.consumer === null ? -1 : Math.max(0, now - entry.deliveredAt))
    reply.integer(entry.deliveries)
  }
}

export const pendingCommands: readonly Command[] = [
  {
    name: 'xpending',
    arity: -3,
    group: 'stream',
    flags: ['readonly'],
    keys: [{ access: 'RO', first: 1, last: 1, step: 1 }],
    since: '5.0.0',
    summary: 'What a group was given and did not acknowledge.',
    run: pending,
  },
]
