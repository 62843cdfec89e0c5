import {
  attributesOf,
  batchBytes,
  compressionOf,
  HEADER_BYTES,
  lastOffsetOf,
  prepareZstd,
  readRecords,
  type BatchRecord,
} from '../../log/batch/index.ts'
import { fetch } from '../../protocols/kafka/schema/index.ts'
import { CommandError, messageOf } from '../error.ts'
import type { Client } from './client.ts'
import type { BrokerConnection } from './connection.ts'
import { throwIfRefused } from './refusals.ts'

const FETCH_BYTES_MAX = 16 * 1024 * 1024
const PARTITION_BYTES_MAX = 1024 * 1024
const LENGTH_PREFIX_BYTES = 12
const CONTROL = 0x20

export type Fetched = { readonly partition: number; readonly records: readonly BatchRecord[] }

/** Reads partitions of one topic, from one position each. */
export class Fetcher {
  readonly #client: Client
  readonly #topic: string
  /** The next offset to read, by partition. */
  readonly positions: Map<number, number>

  constructor(client: Client, topic: string, positions: ReadonlyMap<number, number>) {
    this.#client = client
    this.#topic = topic
    this.positions = new Map(positions)
  }

  /** What there is now, or what comes within `waitMs`. Moves the positions behind it. */
  async next(partitions: readonly number[], waitMs: number): Promise<Fetched[]> {
    const byLeader = new Map<BrokerConnection, number[]>()
    for (const partition of partitions) {
      const leader = await this.#client.leader(this.#topic, partition)
      byLeader.set(leader, [...(byLeader.get(leader) ?? []), partition])
    }
    const answers = await Promise.all(
      [...byLeader].map(([leader, own]) => this.#fetch(leader, own, waitMs)),
    )
    return answers.flat()
  }

  async #fetch(leader: BrokerConnection, own: number[], waitMs: number): Promise<Fetched[]> {
    const answer = await leader.send(fetch, {
      maxWaitMs: waitMs,
      minBytes: 1,
      maxBytes: FETCH_BYTES_MAX,
      topics: [
        {
          topic: this.#topic,
          partitions: own.map(partition => ({
            partition,
            fetchOffset: this.positions.get(partition) ?? 0,
            partitionMaxBytes: PARTITION_BYTES_MAX,
          })),
        },
      ],
    })
    throwIfRefused(`reading "${this.#topic}"`, answer.errorCode)
    const fetched: Fetched[] = []
    for (const { partitions } of answer.responses)
      for (const { partitionIndex: partition, errorCode, records } of partitions) {
        const from = this.positions.get(partition) ?? 0
        const what = `partition ${partition} of "${this.#topic}" at offset ${from}`
        throwIfRefused(what, errorCode)
        if (records !== null && records.length > 0)
          fetched.push({ partition, records: await this.#read(partition, records) })
      }
    return fetched
  }

  /** Decodes whole batches; the last one may be cut off, and is fetched again then. */
  async #read(partition: number, bytes: Buffer): Promise<BatchRecord[]> {
    const found: BatchRecord[] = []
    for (let at = 0; bytes.length - at >= LENGTH_PREFIX_BYTES; ) {
      const sizeBytes = batchBytes(bytes, at)
      if (sizeBytes < HEADER_BYTES || bytes.length - at < sizeBytes) break
      const batch = bytes.subarray(at, at + sizeBytes)
      at += sizeBytes
      const from = this.positions.get(partition) ?? 0
      this.positions.set(partition, Math.max(from, lastOffsetOf(batch) + 1))
      if ((attributesOf(batch) & CONTROL) !== 0) continue
      if (compressionOf(batch) === 'zstd') await prepareZstd()
      for (const record of decode(batch)) if (record.offset >= from) found.push(record)
    }
    return found
  }
}

function decode(batch: Buffer): BatchRecord[] {
  try {
    return readRecords(batch)
  } catch (error) {
    throw new CommandError('failed', `a batch cannot be read: ${messageOf(error)}`)
  }
}
