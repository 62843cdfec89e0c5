import {
  encodeBatch,
  prepareZstd,
  type CompressionName,
  type NewRecord,
} from '../../log/batch/index.ts'
import { produce } from '../../protocols/kafka/schema/index.ts'
import type { Client } from './client.ts'
import { partitionOf } from '../../lib/partitioner.ts'
import { refused } from './refusals.ts'

/** A batch is sent when it holds so much; well below what topics allow by default. */
const BATCH_BYTES_MAX = 512 * 1024
const REQUESTS_IN_FLIGHT_MAX = 5
const TIMEOUT_MS = 30_000

export type ProducerOptions = {
  readonly topic: string
  readonly partitions: readonly number[]
  readonly acks: 0 | 1 | -1
  readonly compression: CompressionName
}

type Waiting = { readonly records: NewRecord[]; sizeBytes: number }

/** Packs records into batches by partition and sends them, a few at a time. */
export class Producer {
  readonly #client: Client
  readonly #options: ProducerOptions
  readonly #waiting = new Map<number, Waiting>()
  readonly #inFlight = new Set<Promise<void>>()
  #failure: unknown = null
  /** Where records without a key go until the next batch: one full batch beats many small ones. */
  #sticky = 0
  recordCount = 0

  constructor(client: Client, options: ProducerOptions) {
    this.#client = client
    this.#options = options
  }

  /** Resolves at once, or when there is room again. Throws what went wrong with earlier batches. */
  async add(record: NewRecord, partition: number | null): Promise<void> {
    const target = partition ?? this.#choose(record.key)
    let waiting = this.#waiting.get(target)
    if (waiting === undefined) {
      waiting = { records: [], sizeBytes: 0 }
      this.#waiting.set(target, waiting)
    }
    waiting.records.push(record)
    waiting.sizeBytes += 16 + (record.key?.length ?? 0) + (record.value?.length ?? 0)
    this.recordCount++
    if (waiting.sizeBytes >= BATCH_BYTES_MAX) await this.#send(target, waiting)
  }

  /** Sends what waits. Resolves when it is on its way, not when it is acknowledged. */
  async flush(): Promise<void> {
    for (const [partition, waiting] of [...this.#waiting]) await this.#send(partition, waiting)
  }

  /** Resolves when everything is acknowledged. */
  async finish(): Promise<void> {
    await this.flush()
    while (this.#inFlight.size > 0) await Promise.race(this.#inFlight)
    if (this.#failure !== null) throw this.#failure
  }

  #choose(key: Uint8Array | null): number {
    const { partitions } = this.#options
    if (key !== null) return partitions[partitionOf(key, partitions.length)]!
    return partitions[this.#sticky % partitions.length]!
  }

  async #send(partition: number, { records }: Waiting): Promise<void> {
    this.#waiting.delete(partition)
    this.#sticky++
    const { compression } = this.#options
    if (compression === 'zstd') await prepareZstd()
    while (this.#inFlight.size >= REQUESTS_IN_FLIGHT_MAX) await Promise.race(this.#inFlight)
    if (this.#failure !== null) throw this.#failure
    const sent: Promise<void> = this.#request(partition, encodeBatch(records, { compression }))
      .catch((error: unknown) => {
        this.#failure ??= error
      })
      .finally(() => this.#inFlight.delete(sent))
    this.#inFlight.add(sent)
  }

  async #request(partition: number, batch: Buffer): Promise<void> {
    const { topic, acks } = this.#options
    const request = {
      acks,
      timeoutMs: TIMEOUT_MS,
      topicData: [{ name: topic, partitionData: [{ index: partition, records: batch }] }],
    }
    const leader = await this.#client.leader(topic, partition)
    if (acks === 0) return leader.post(produce, request)
    const answer = await leader.send(produce, request)
    const result = answer.responses[0]?.partitionResponses[0]
    if (result === undefined || result.errorCode === 0) return
    const asked = `partition ${partition} of "${topic}" did not take the records`
    throw refused(asked, result.errorCode, result.errorMessage)
  }
}
