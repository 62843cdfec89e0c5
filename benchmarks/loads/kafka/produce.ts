import { encodeBatch } from '../../../src/log/batch/index.ts'
import { decodeResponse, encodeRequest } from '../../../src/protocols/kafka/codec.ts'
import { produce } from '../../../src/protocols/kafka/schema/index.ts'
import { Latencies } from '../latencies.ts'
import type { Settings } from './settings.ts'
import { Wire } from './wire.ts'

const VERSION = 9
const CORRELATION_AT = 8

/** A request that was made beforehand: making them anew would measure us, not the broker. */
export type Frame = { readonly chunks: Buffer[]; readonly records: number; readonly bytes: number }

/** Requests as clients make them: a batch for each of some partitions, all partitions in turn. */
export function makeFrames(settings: Settings): Frame[] {
  const { recordBytes, batchBytes, compression, partitions, requestPartitions } = settings
  const count = Math.max(1, Math.floor(batchBytes / (recordBytes + 8)))
  const value = Buffer.alloc(recordBytes, 'abcdefghijklmnopqrstuvwxyz0123456789')
  const timestamp = Date.now()
  const records = Array.from({ length: count }, () => ({ timestamp, key: null, value }))
  const batch = encodeBatch(records, { compression })
  const frames: Frame[] = []
  for (let first = 0; first < partitions; first += requestPartitions) {
    const indexes = Array.from({ length: requestPartitions }, (_, index) => first + index)
    const own = indexes.filter(index => index < partitions)
    frames.push({
      chunks: [makeRequest(settings, own, batch)],
      records: count * own.length,
      bytes: count * own.length * recordBytes,
    })
  }
  return frames
}

/** In one buffer, written by reference again and again. */
function makeRequest({ acks, topic }: Settings, indexes: number[], batch: Buffer): Buffer {
  const partitionData = indexes.map(index => ({ index, records: batch }))
  const topicData = [{ name: topic, partitionData }]
  const header = { apiVersion: VERSION, correlationId: 0, clientId: 'bench' }
  const request = { transactionalId: null, acks, timeoutMs: 30_000, topicData }
  return Buffer.concat(encodeRequest(produce, header, request))
}

export type ProduceResult = {
  records: number
  bytes: number
  seconds: number
  p50Ms: number
  p99Ms: number
  maxMs: number
}

/** All connections write to all partitions in turn, so many requests ahead of the answers. */
export async function runProduce(settings: Settings): Promise<ProduceResult> {
  const frames = makeFrames(settings)
  const latencies = new Latencies()
  const total = { records: 0, bytes: 0 }
  const begin = performance.now()
  const end = begin + settings.seconds * 1000
  const connections = Array.from({ length: settings.connections }, async (_, index) => {
    const wire = await Wire.open(settings.host, settings.port)
    await pump(wire, { frames, first: index, end, latencies, total, settings })
    wire.close()
  })
  await Promise.all(connections)
  return {
    ...total,
    seconds: (performance.now() - begin) / 1000,
    p50Ms: latencies.quantile(0.5),
    p99Ms: latencies.quantile(0.99),
    maxMs: latencies.quantile(1),
  }
}

type Pump = {
  readonly frames: Frame[]
  readonly first: number
  readonly end: number
  readonly latencies: Latencies
  readonly total: { records: number; bytes: number }
  readonly settings: Settings
}

function pump(wire: Wire, { frames, first, end, latencies, total, settings }: Pump): Promise<void> {
  const { inFlight, connections, rate, warmupSeconds } = settings
  const warm = performance.now() + warmupSeconds * 1000
  const recordsPerFrame = frames[0]!.records
  const periodMs = rate === 0 ? 0 : (recordsPerFrame * connections * 1000) / rate
  let next = first
  let due = performance.now() + (periodMs * first) / connections
  return new Promise(resolve => {
    let timer: NodeJS.Timeout | undefined
    const fill = () => {
      for (let now = performance.now(); wire.inFlight < inFlight; now = performance.now()) {
        if (now >= end) return wire.inFlight === 0 ? resolve() : undefined
        if (due > now) {
          timer ??= setTimeout(() => ((timer = undefined), fill()), due - now)
          return
        }
        // With a rate, time is taken from when the request was due, so that a stall counts fully.
        const since = periodMs === 0 ? now : due
        due += periodMs
        const frame = frames[next++ % frames.length]!
        frame.chunks[0]!.writeInt32BE(next & 0x7fffffff, CORRELATION_AT)
        const done = (answer: Buffer | null): void => {
          if (since >= warm) latencies.add(performance.now() - since)
          if (answer !== null) check(answer)
          total.records += frame.records
          total.bytes += frame.bytes
          fill()
        }
        if (settings.acks === 0) wire.sendUnanswered(frame.chunks, () => done(null))
        else wire.send(frame.chunks, done)
      }
    }
    fill()
  })
}

function check(answer: Buffer): void {
  const { responses } = decodeResponse(produce, VERSION, answer)
  for (const { partitionResponses } of responses) {
    for (const { index, errorCode, errorMessage } of partitionResponses) {
      if (errorCode === 0) continue
      throw new Error(`produce to partition ${index} failed: ${errorCode} ${errorMessage}`)
    }
  }
}
