import { specialTimestamp } from '../../protocols/kafka/constants.ts'
import { offsetCommit } from '../../protocols/kafka/schema/index.ts'
import type { Client } from '../client/client.ts'
import { committedOffsets } from '../client/member.ts'
import { throwIfRefused } from '../client/refusals.ts'
import { CommandError } from '../error.ts'
import { groupFacts } from './describe.ts'
import type { Output } from '../output.ts'

export type ResetFlags = {
  readonly topic?: readonly string[]
  readonly allTopics?: true
  readonly toEarliest?: true
  readonly toLatest?: true
  readonly toCurrent?: true
  readonly toOffset?: number
  readonly toTime?: number
  readonly shiftBy?: number
  readonly dryRun?: true
  readonly execute?: true
}

type Move = {
  readonly topic: string
  readonly partition: number
  readonly from: number | null
  readonly to: number
}

/** Moves a group's offsets, or shows where they would go. Members would undo it: refused then. */
export async function resetGroup(
  client: Client,
  output: Output,
  group: string,
  flags: ResetFlags,
): Promise<void> {
  checkFlags(flags)
  const { state } = await groupFacts(client, group)
  if (state !== 'Empty' && state !== 'Dead')
    throw new CommandError(
      'failed',
      `offsets of group "${group}" were not moved: it is ${state}, and its members would go on ` +
        'from where they are. Stop them first.',
    )
  const committed = await committedOffsets(client, group, null)
  const moves: Move[] = []
  for (const [topic, partitions] of await scope(client, committed, flags, group))
    moves.push(...(await plan(client, topic, partitions, committed.get(topic), flags)))
  if (flags.execute === true) await commit(client, group, moves)
  await output.table({ topic: 'TOPIC', partition: 'PARTITION', from: 'FROM', to: 'TO' }, moves)
  if (flags.execute !== true)
    process.stderr.write('Nothing was changed; give --execute to do it.\n')
}

function checkFlags(flags: ResetFlags): void {
  const { toEarliest, toLatest, toCurrent, toOffset, toTime, shiftBy } = flags
  const targets = [toEarliest, toLatest, toCurrent, toOffset, toTime, shiftBy]
  if (targets.filter(target => target !== undefined).length !== 1)
    throw new CommandError(
      'usage',
      'say where to, once: --to-earliest, --to-latest, --to-current, --to-offset, --to-time or ' +
        '--shift-by',
    )
  if (Number.isNaN(shiftBy)) throw new CommandError('usage', '--shift-by is a whole number')
  if ((flags.topic === undefined) === (flags.allTopics === undefined))
    throw new CommandError('usage', 'say which topics: --topic name (repeatable) or --all-topics')
  if (flags.dryRun === true && flags.execute === true)
    throw new CommandError('usage', '--dry-run and --execute exclude each other')
}

/** Topics and partitions to move: "orders", "orders:0,1", or all that were committed. */
async function scope(
  client: Client,
  committed: ReadonlyMap<string, ReadonlyMap<number, number>>,
  flags: ResetFlags,
  group: string,
): Promise<[topic: string, partitions: number[]][]> {
  if (flags.topic === undefined) {
    if (committed.size === 0)
      throw new CommandError(
        'notFound',
        `group "${group}" has no committed offsets: name topics with --topic`,
      )
    return [...committed].map(([topic, own]) => [topic, [...own.keys()]])
  }
  const scoped: [string, number[]][] = []
  for (const word of flags.topic) {
    const [, topic = word, list] = /^(.+):(\d+(?:,\d+)*)$/.exec(word) ?? []
    const all = await client.partitionsOf(topic)
    const wanted = list === undefined ? all : list.split(',').map(Number)
    const missing = wanted.find(partition => !all.includes(partition))
    if (missing !== undefined)
      throw new CommandError('notFound', `topic "${topic}" has no partition ${missing}`)
    scoped.push([topic, wanted])
  }
  return scoped
}

async function plan(
  client: Client,
  topic: string,
  partitions: readonly number[],
  committed: ReadonlyMap<number, number> | undefined,
  flags: ResetFlags,
): Promise<Move[]> {
  const starts = await client.offsetsAt(topic, partitions, specialTimestamp.EARLIEST)
  const ends = await client.offsetsAt(topic, partitions, specialTimestamp.LATEST)
  const times =
    flags.toTime === undefined ? ends : await client.offsetsAt(topic, partitions, flags.toTime)
  const moves: Move[] = []
  for (const partition of partitions) {
    const [start, end] = [starts.get(partition)!, ends.get(partition)!]
    const from = committed?.get(partition) ?? null
    const byTime = times.get(partition)!
    let to = end
    if (flags.toEarliest === true) to = start
    else if (flags.toOffset !== undefined) to = flags.toOffset
    else if (flags.toTime !== undefined) to = byTime < 0 ? end : byTime
    else if (flags.toCurrent === true) to = from ?? end
    else if (flags.shiftBy !== undefined) {
      if (from === null) continue // What was never committed cannot be shifted.
      to = from + flags.shiftBy
    }
    moves.push({ topic, partition, from, to: Math.min(Math.max(to, start), end) })
  }
  return moves
}

async function commit(client: Client, group: string, moves: readonly Move[]): Promise<void> {
  const byTopic = new Map<string, Move[]>()
  for (const move of moves) byTopic.set(move.topic, [...(byTopic.get(move.topic) ?? []), move])
  const answer = await client.askCoordinator(group, offsetCommit, {
    groupId: group,
    topics: [...byTopic].map(([name, own]) => ({
      name,
      partitions: own.map(({ partition, to }) => ({
        partitionIndex: partition,
        committedOffset: to,
        committedMetadata: null,
      })),
    })),
  })
  for (const { name, partitions } of answer.topics)
    for (const { partitionIndex, errorCode } of partitions)
      throwIfRefused(
        `partition ${partitionIndex} of "${name}" in group "${group}" was not moved`,
        errorCode,
      )
}
