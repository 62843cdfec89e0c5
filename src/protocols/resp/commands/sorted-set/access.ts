import {
  type SortedSetValue,
  writeRanksGone,
} from '../../../../broker/keyspace/sorted-set/index.ts'
import type { ReplyWriter } from '../../../../lib/resp/index.ts'
import type { Call } from '../../command.ts'

/** The sorted set of a key; undefined when there is none. Throws WRONGTYPE. */
export function sortedSetOf(call: Call, key: string): SortedSetValue | undefined {
  return call.db.find<SortedSetValue>(key, 'zset')
}

/** Ranks, the last one exclusive. */
export type Ranks = { readonly from: number; readonly to: number }

/** Takes some ranks away, at least one, and says so. */
export function takeRanks(
  call: Call,
  target: { readonly key: string; readonly value: SortedSetValue; readonly event: string },
  { from, to }: Ranks,
): void {
  const isEmptied = to - from === target.value.count
  call.db.change(target.key, 'zset', writer => writeRanksGone(writer, from, to))
  call.notify('z', target.event, target.key)
  if (isEmptied) call.notify('g', 'del', target.key)
}

export type Entry = readonly [member: string, score: number]

/** One of `WITHSCORES`: RESP3 has pairs, RESP2 one array of twice as many. */
export function writeEntries(reply: ReplyWriter, entries: readonly Entry[]): void {
  const isPaired = reply.version === 3
  reply.array(isPaired ? entries.length : entries.length * 2)
  for (const [member, score] of entries) {
    if (isPaired) reply.array(2)
    reply.binary(member)
    reply.double(score)
  }
}

export function writeMembers(reply: ReplyWriter, entries: readonly Entry[]): void {
  reply.array(entries.length)
  for (const [member] of entries) reply.binary(member)
}
