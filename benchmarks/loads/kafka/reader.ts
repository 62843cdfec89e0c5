import { decodeResponse, encodeRequest } from '../../../src/protocols/kafka/codec.ts'
import { fetch } from '../../../src/protocols/kafka/schema/index.ts'
import type { Settings } from './settings.ts'
import { Wire } from './wire.ts'

const VERSION = 12
const COUNT_AT = 57
const LENGTH_AT = 8
const LAST_DELTA_AT = 23
const LENGTH_PREFIX_BYTES = 12
const ANSWER_BYTES_MAX = 50 * 1024 * 1024
const WAIT_MS_MAX = 500

/** A batch that came: from which partition, its first offset, and its records. */
export type BatchSeen = (partition: number, baseOffset: number, records: number) => void

/** One connection that reads some partitions of a topic, each from its first offset on. */
export class Reader {
  /** Bytes of the answers so far. */
  bytes = 0
  fetches = 0
  readonly #wire: Wire
  readonly #settings: Settings
  readonly #seen: BatchSeen
  /** In the order of the next request: what gave records goes to the end, as consumers do it. */
  readonly #offsets: Map<number, number>

  private constructor(wire: Wire, settings: Settings, own: readonly number[], seen: BatchSeen) {
    this.#wire = wire
    this.#settings = settings
    this.#seen = seen
    this.#offsets = new Map(own.map(partition => [partition, 0]))
  }

  static async open(settings: Settings, own: readonly number[], seen: BatchSeen): Promise<Reader> {
    const wire = await Wire.open(settings.host, settings.port)
    return new Reader(wire, settings, own, seen)
  }

  /** Waits for records at most half a second; tells how many came. */
  fetch(): Promise<number> {
    const { topic, partitionFetchBytes } = this.#settings
    const partitions = Array.from(this.#offsets, ([partition, fetchOffset]) => {
      return { partition, fetchOffset, partitionMaxBytes: partitionFetchBytes }
    })
    const request = {
      maxWaitMs: WAIT_MS_MAX,
      minBytes: 1,
      maxBytes: ANSWER_BYTES_MAX,
      topics: [{ topic, partitions }],
    }
    const header = { apiVersion: VERSION, correlationId: 0, clientId: 'bench' }
    return new Promise((resolve, reject) => {
      this.#wire.failed = reject
      this.#wire.send(encodeRequest(fetch, header, request), frame => resolve(this.#take(frame)))
    })
  }

  close(): void {
    this.#wire.close()
  }

  #take(frame: Buffer): number {
    this.bytes += frame.length
    this.fetches++
    let records = 0
    for (const topic of decodeResponse(fetch, VERSION, frame).responses) {
      for (const { partitionIndex, errorCode, records: batches } of topic.partitions) {
        if (errorCode !== 0) throw new Error(`fetch failed: ${errorCode}`)
        if (batches !== null && batches.length > 0) records += this.#walk(partitionIndex, batches)
      }
    }
    return records
  }

  /** An answer may end within a batch, which is then asked for again. */
  #walk(partition: number, batches: Buffer): number {
    let count = 0
    let next = this.#offsets.get(partition) ?? 0
    let at = 0
    while (at + LENGTH_PREFIX_BYTES <= batches.length) {
      const end = at + LENGTH_PREFIX_BYTES + batches.readInt32BE(at + LENGTH_AT)
      if (end > batches.length) break
      const base = Number(batches.readBigInt64BE(at))
      if (base > next) throw new Error(`a gap before offset ${base} of partition ${partition}`)
      const records = batches.readInt32BE(at + COUNT_AT)
      next = base + batches.readInt32BE(at + LAST_DELTA_AT) + 1
      count += records
      this.#seen(partition, base, records)
      at = end
    }
    this.#offsets.delete(partition)
    this.#offsets.set(partition, next)
    return count
  }
}

/** What one of so many connections has to do of all partitions. */
export function shareOf(partitions: number, connections: number, index: number): number[] {
  const own: number[] = []
  for (let one = index; one < partitions; one += connections) own.push(one)
  return own
}
