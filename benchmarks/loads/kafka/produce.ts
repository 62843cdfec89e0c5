import { encodeBatch } from '../../../src/log/batch/index.ts'
import { decodeResponse, encodeRequest } from '../../../src/protocols/kafka/codec.ts'
import { produce } from '../../../src/protocols/kafka/schema/index.ts'
import { Latencies } from '../latencies.ts'
import type { Settings } from './settings.ts'
import { Wire } from './wire.ts'

const VERSION = 9
const CORRELATION_AT = 8

/** A request that was made beforehand: making them anew would measure us, not the broker. */
export type Frame = {
  readonly bytes: Buffer
  readonly partitions: readonly number[]
  readonly records: number
}

/** Requests as clients make them: a batch for each of some partitions, all partitions in turn. */
export function makeFrames(settings: Settings): Frame[] {
  const { recordBytes, batchBytes, partitions, requestPartitions } = settings
  const groups: number[][] = []
  for (let first = 0; first < partitions; first += requestPartitions) {
    const indexes = Array.from({ length: requestPartitions }, (_, index) => first + index)
    groups.push(indexes.filter(index => index < partitions))
  }
  return framesFor(settings, recordsOfBatch(recordBytes, batchBytes), groups)
}

/** As many as a producer's batch takes; at least one, however large. */
export function recordsOfBatch(recordBytes: number, batchBytes: number): number {
  return Math.max(1, Math.floor(batchBytes / (recordBytes + 8)))
}

/** One for each group of partitions, with a batch of so many records for each of the group. */
export function framesFor(
  settings: Settings,
  recordsPerBatch: number,
  groups: readonly (readonly number[])[],
): Frame[] {
  const { recordBytes, compression } = settings
  const value = Buffer.alloc(recordBytes, 'abcdefghijklmnopqrstuvwxyz0123456789')
  const timestamp = Date.now()
  const records = Array.from({ length: recordsPerBatch }, () => ({ timestamp, key: null, value }))
  const batch = encodeBatch(records, { compression })
  return groups.map(partitions => {
    const bytes = makeRequest(settings, partitions, batch)
    return { bytes, partitions, records: recordsPerBatch * partitions.length }
  })
}

/** In one buffer, written by reference again and again. */
function makeRequest({ acks, topic }: Settings, indexes: readonly number[], batch: Buffer): Buffer {
  const partitionData = indexes.map(index => ({ index, records: batch }))
  const topicData = [{ name: topic, partitionData }]
  const header = { apiVersion: VERSION, correlationId: 0, clientId: 'bench' }
  const request = { transactionalId: null, acks, timeoutMs: 30_000, topicData }
  return Buffer.concat(encodeRequest(produce, header, request))
}

/** Sends it once more; `answered` is told when all its batches were taken. */
export function sendFrame(wire: Wire, { bytes }: Frame, answered: () => void): void {
  wire.send([bytes], answer => {
    check(answer)
    answered()
  })
}

export type ProduceResult = {
  records: number
  bytes: number
  seconds: number
  p50Ms: number
  p99Ms: number
  maxMs: number
}

/** Records of all connections, so far. */
export type Progress = { sent: number; answered: number }

type Watch = {
  /** Is kept up to date. */
  readonly progress?: Progress
  /** Ends it before its time. */
  readonly isOver?: (progress: Progress) => boolean
}

/** All connections write to all partitions in turn, so many requests ahead of the answers. */
export async function runProduce(settings: Settings, watch: Watch = {}): Promise<ProduceResult> {
  const { progress = { sent: 0, answered: 0 }, isOver = () => false } = watch
  const frames = makeFrames(settings)
  const latencies = new Latencies()
  const begin = performance.now()
  const end = begin + settings.seconds * 1000
  const connections = Array.from({ length: settings.connections }, async (_, index) => {
    const wire = await Wire.open(settings.host, settings.port)
    await pump(wire, { frames, first: index, end, latencies, progress, isOver, settings })
    wire.close()
  })
  await Promise.all(connections)
  return {
    records: progress.answered,
    bytes: progress.answered * settings.recordBytes,
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
  readonly progress: Progress
  readonly isOver: (progress: Progress) => boolean
  readonly settings: Settings
}

function pump(wire: Wire, given: Pump): Promise<void> {
  const { frames, first, end, latencies, progress, isOver, settings } = given
  const { inFlight, connections, rate, warmupSeconds } = settings
  const warm = performance.now() + warmupSeconds * 1000
  const recordsPerFrame = frames[0]!.records
  const periodMs = rate === 0 ? 0 : (recordsPerFrame * connections * 1000) / rate
  let next = first
  let due = performance.now() + (periodMs * first) / connections
  return new Promise((resolve, reject) => {
    wire.failed = reject
    let timer: NodeJS.Timeout | undefined
    const fill = () => {
      for (let now = performance.now(); wire.inFlight < inFlight; now = performance.now()) {
        if (now >= end || isOver(progress)) return wire.inFlight === 0 ? resolve() : undefined
        if (due > now) {
          timer ??= setTimeout(() => ((timer = undefined), fill()), due - now)
          return
        }
        // With a rate, time is taken from when the request was due, so that a stall counts fully.
        const since = periodMs === 0 ? now : due
        due += periodMs
        const frame = frames[next++ % frames.length]!
        frame.bytes.writeInt32BE(next & 0x7fffffff, CORRELATION_AT)
        const done = (): void => {
          if (since >= warm) latencies.add(performance.now() - since)
          progress.answered += frame.records
          fill()
        }
        progress.sent += frame.records
        if (settings.acks === 0) wire.sendUnanswered([frame.bytes], done)
        else sendFrame(wire, frame, done)
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
