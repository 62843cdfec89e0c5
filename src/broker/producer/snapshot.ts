import type { LogId } from '../../log/store.ts'
import { demandVersion } from '../snapshot.ts'
import { type RememberedBatch, SequenceWindow } from './sequence-window.ts'

export type ProducersState = {
  readonly reservedEnd: number
  readonly windows: Map<LogId, Map<number, SequenceWindow>>
}

const VERSION = 1
const HEADER_BYTES = 1 + 8 + 4
const PRODUCER_BYTES = 8 + 8 + 2 + 8 + 1
const BATCH_BYTES = 4 + 4 + 8 + 8

/**
 * Layout (big-endian; f64 where a value may pass 2^32):
 *
 *   u8 version | f64 reserved end of ids | u32 producers | producers…
 *   producer: f64 log | f64 id | i16 epoch | f64 last append | u8 batches | batches…
 *   batch: i32 first sequence | i32 last sequence | f64 base offset | f64 timestamp
 */
export function encodeProducers(state: ProducersState): Buffer {
  let count = 0
  let sizeBytes = HEADER_BYTES
  for (const byId of state.windows.values()) {
    count += byId.size
    for (const window of byId.values())
      sizeBytes += PRODUCER_BYTES + window.batches.length * BATCH_BYTES
  }
  const target = Buffer.allocUnsafe(sizeBytes)
  let at = target.writeUInt8(VERSION, 0)
  at = target.writeDoubleBE(state.reservedEnd, at)
  at = target.writeUInt32BE(count, at)
  for (const [log, byId] of state.windows) {
    for (const [id, window] of byId) at = writeWindow(target, at, log, id, window)
  }
  return target
}

function writeWindow(
  target: Buffer,
  start: number,
  log: LogId,
  id: number,
  window: SequenceWindow,
): number {
  let at = target.writeDoubleBE(log, start)
  at = target.writeDoubleBE(id, at)
  at = target.writeInt16BE(window.epoch, at)
  at = target.writeDoubleBE(window.lastAppendAt, at)
  at = target.writeUInt8(window.batches.length, at)
  for (const batch of window.batches) {
    at = target.writeInt32BE(batch.firstSequence, at)
    at = target.writeInt32BE(batch.lastSequence, at)
    at = target.writeDoubleBE(batch.baseOffset, at)
    at = target.writeDoubleBE(batch.timestamp, at)
  }
  return at
}

export function decodeProducers(source: Buffer): ProducersState {
  demandVersion('producers', source.readUInt8(0), VERSION)
  const windows = new Map<LogId, Map<number, SequenceWindow>>()
  let at = HEADER_BYTES
  for (let left = source.readUInt32BE(9); left > 0; left--) {
    const log = source.readDoubleBE(at) as LogId
    const id = source.readDoubleBE(at + 8)
    const epoch = source.readInt16BE(at + 16)
    const lastAppendAt = source.readDoubleBE(at + 18)
    const batches: RememberedBatch[] = []
    const batchCount = source.readUInt8(at + 26)
    at += PRODUCER_BYTES
    for (let index = 0; index < batchCount; index++, at += BATCH_BYTES) {
      batches.push({
        firstSequence: source.readInt32BE(at),
        lastSequence: source.readInt32BE(at + 4),
        baseOffset: source.readDoubleBE(at + 8),
        timestamp: source.readDoubleBE(at + 16),
      })
    }
    const byId = windows.get(log) ?? new Map<number, SequenceWindow>()
    windows.set(log, byId.set(id, SequenceWindow.restore(epoch, lastAppendAt, batches)))
  }
  return { reservedEnd: source.readDoubleBE(1), windows }
}
