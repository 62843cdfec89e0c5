import { specialTimestamp } from '../protocols/kafka/constants.ts'
import type { Client } from './client/client.ts'
import { CommandError } from './error.ts'

export type PositionFlags = {
  readonly fromBeginning?: true
  readonly offset?: number
  readonly fromTime?: number
  readonly last?: number
  readonly partition?: number
}

type Offsets = Map<number, number>
export type Positions = {
  readonly from: Offsets
  /** Where the partitions ended when it began; null: there is no end, wait for more. */
  readonly to: ReadonlyMap<number, number> | null
}

/** Where reading begins and ends, by partition. */
export async function startPositions(
  client: Client,
  topic: string,
  flags: PositionFlags & { readonly only?: readonly number[] },
): Promise<Positions> {
  const given = [flags.fromBeginning, flags.offset, flags.fromTime, flags.last]
  const count = given.filter(value => value !== undefined).length
  if (count > 1)
    throw new CommandError(
      'usage',
      '--from-beginning, --offset, --from-time and --last exclude each other: give one of them',
    )
  const partitions = flags.only ?? (await chosen(client, topic, flags.partition))
  const ends = await client.offsetsAt(topic, partitions, specialTimestamp.LATEST)
  if (count === 0) return { from: ends, to: null }
  return { from: await begin(client, topic, partitions, ends, flags), to: ends }
}

async function chosen(client: Client, topic: string, only: number | undefined): Promise<number[]> {
  const all = await client.partitionsOf(topic)
  if (only === undefined) return all
  if (all.includes(only)) return [only]
  throw new CommandError(
    'notFound',
    `topic "${topic}" has no partition ${only}, but ${all.join(', ')}`,
  )
}

async function begin(
  client: Client,
  topic: string,
  partitions: readonly number[],
  ends: Offsets,
  { offset, fromTime, last }: PositionFlags,
): Promise<Offsets> {
  if (fromTime !== undefined) {
    const found = await client.offsetsAt(topic, partitions, fromTime)
    return mapped(partitions, key => (found.get(key)! < 0 ? ends.get(key)! : found.get(key)!))
  }
  const starts = await client.offsetsAt(topic, partitions, specialTimestamp.EARLIEST)
  if (last !== undefined)
    return mapped(partitions, key => Math.max(starts.get(key)!, ends.get(key)! - last))
  if (offset === undefined) return starts
  for (const key of partitions)
    if (offset < starts.get(key)! || offset > ends.get(key)!)
      throw new CommandError(
        'notFound',
        `partition ${key} of "${topic}" has no offset ${offset}, but ` +
          `${starts.get(key)} to ${ends.get(key)}`,
      )
  return mapped(partitions, () => offset)
}

const mapped = (keys: readonly number[], value: (key: number) => number): Offsets =>
  new Map(keys.map(key => [key, value(key)]))
