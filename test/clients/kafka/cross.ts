import { deepEqual } from 'node:assert/strict'
import {
  type Compression,
  compressions,
  type DriverKind,
  type Operations,
  type Row,
} from './driver.ts'

/** A client and what it can; every one both writes and reads. */
export type Party = { readonly kind: DriverKind; readonly client: Operations }

type Named = [name: string, run: () => Promise<void>]

/**
 * Every client writes to one partition of its own, in turn with every compression, and every
 * client reads all of them. Snappy and zstd have topics of their own: not every client has them.
 */
export function crossScenarios(parties: readonly Party[], topic: string): Named[] {
  const able = (compression: Compression): readonly Party[] =>
    parties.filter(({ kind }) => (kind.exchanges ?? compressions).includes(compression))
  return [
    ...crossing(parties, topic, ['none', 'gzip', 'lz4']),
    ...crossing(able('snappy'), `${topic}-snappy`, ['snappy']),
    ...crossing(able('zstd'), `${topic}-zstd`, ['zstd']),
  ]
}

function crossing(parties: readonly Party[], topic: string, used: readonly Compression[]): Named[] {
  const what = used.join(', ')
  const write = async (): Promise<void> => {
    await parties
      .find(({ client }) => client.createTopic !== undefined)
      ?.client.createTopic({
        topic,
        partitions: parties.length,
        configs: { 'retention.ms': '-1' }, // The records say that they are years old.
      })
    for (const [partition, { kind, client }] of parties.entries()) {
      for (const compression of used) {
        const records = rowsOf(kind.name, partition, compression)
        await client.produce({ topic, records, compression })
      }
    }
  }
  const pairs = parties.flatMap(reader =>
    parties.map(
      ({ kind }, partition): Named => [
        `${reader.kind.name} reads what ${kind.name} wrote with ${what}`,
        async () => {
          const rows = used.flatMap(one => rowsOf(kind.name, partition, one))
          const count = rows.length
          const read = await reader.client.consume({ topic, partition, from: 'earliest', count })
          const bare = read.map(({ key, value, timestamp }, index) => ({
            partition,
            key,
            value,
            timestamp: kind.setsTime === false ? rows[index]?.timestamp : timestamp,
          }))
          deepEqual(bare, rows)
        },
      ],
    ),
  )
  return [[`every client writes with ${what}`, write], ...pairs]
}

const rowsOf = (writer: string, partition: number, compression: Compression): Row[] =>
  Array.from({ length: 5 }, (_, index) => ({
    partition,
    key: `${writer}-${compression}-${index}`,
    value: `${writer} wrote ${index} with ${compression}, ${'.'.repeat(300)}`,
    timestamp: 1_700_000_000_000 + index,
  }))
