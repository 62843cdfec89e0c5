import { decodeResponse, encodeRequest } from '../../../src/protocols/kafka/codec.ts'
import { fetch } from '../../../src/protocols/kafka/schema/index.ts'
import type { Settings } from './settings.ts'
import { Wire } from './wire.ts'

const VERSION = 12
const COUNT_AT = 57
const LENGTH_AT = 8
const LAST_DELTA_AT = 23

export type ConsumeResult = { records: number; bytes: number; seconds: number; fetches: number }

/** Reads every partition from its first offset up to so many records; partitions are shared out. */
export async function runConsume(settings: Settings, recordsMax: number): Promise<ConsumeResult> {
  const total = { records: 0, bytes: 0, fetches: 0 }
  const begin = performance.now()
  const end = begin + settings.seconds * 1000
  const connections = Array.from({ length: settings.connections }, async (_, index) => {
    const offsets = new Map<number, number>()
    for (let one = index; one < settings.partitions; one += settings.connections)
      offsets.set(one, 0)
    if (offsets.size === 0) return
    const wire = await Wire.open(settings.host, settings.port)
    while (total.records < recordsMax && performance.now() < end)
      if ((await fetchOnce(wire, settings, offsets, total)) === 0) break
    wire.close()
  })
  await Promise.all(connections)
  return { ...total, seconds: (performance.now() - begin) / 1000 }
}

/** Partitions that gave records go to the end, as consumers do it. */
function fetchOnce(
  wire: Wire,
  settings: Settings,
  offsets: Map<number, number>,
  total: { records: number; bytes: number; fetches: number },
): Promise<number> {
  const partitions = Array.from(offsets, ([partition, fetchOffset]) => {
    return { partition, fetchOffset, partitionMaxBytes: settings.partitionFetchBytes }
  })
  const request = {
    maxWaitMs: 500,
    minBytes: 1,
    maxBytes: 50 * 1024 * 1024,
    topics: [{ topic: settings.topic, partitions }],
  }
  const header = { apiVersion: VERSION, correlationId: 0, clientId: 'bench' }
  return new Promise(resolve => {
    wire.send(encodeRequest(fetch, header, request), frame => {
      let records = 0
      for (const topic of decodeResponse(fetch, VERSION, frame).responses) {
        for (const { partitionIndex, errorCode, records: batches } of topic.partitions) {
          if (errorCode !== 0) throw new Error(`fetch failed: ${errorCode}`)
          if (batches === null || batches.length === 0) continue
          records += countRecords(batches, partitionIndex, offsets)
        }
      }
      total.records += records
      total.bytes += frame.length
      total.fetches++
      resolve(records)
    })
  })
}

function countRecords(batches: Buffer, partition: number, offsets: Map<number, number>): number {
  let count = 0
  let next = offsets.get(partition) ?? 0
  for (let at = 0; at < batches.length; at += 12 + batches.readInt32BE(at + LENGTH_AT)) {
    const base = Number(batches.readBigInt64BE(at))
    if (base > next) throw new Error(`a gap before offset ${base} of partition ${partition}`)
    next = base + batches.readInt32BE(at + LAST_DELTA_AT) + 1
    count += batches.readInt32BE(at + COUNT_AT)
  }
  offsets.delete(partition)
  offsets.set(partition, next)
  return count
}
