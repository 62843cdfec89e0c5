import {
  attributesOf,
  type BatchProblem,
  checkBatch,
  type CompressionName,
  compressionOf,
  recompress,
  setAppendTime,
  summaryOf,
} from '../../log/batch/index.ts'
import type { BatchSummary, StoreRefusal } from '../../log/store.ts'
import type { Runtime } from '../runtime.ts'
import type { Partition, TopicSettings } from '../topic/index.ts'
import {
  type AppendFlaw,
  type AppendFlawKind,
  appendFlaw,
  type AppendOutcome,
  flawOfError,
  refused,
} from './append-flaw.ts'
import type { Producers } from './producers.ts'
import { checkRecords } from './record-checks.ts'

const TRANSACTIONAL = 0x10

const flawKinds = {
  corrupt: 'corrupt',
  legacy: 'invalid-record',
  magic: 'invalid-record',
  compression: 'unsupported-compression',
  invalid: 'invalid-record',
} as const satisfies Record<BatchProblem['kind'], AppendFlawKind>

/**
 * Appends batches that producers sent, after checking whatever a producer may get wrong. All of it
 * is synchronous: batches of one request, and requests of one connection, keep their order.
 */
export class Appender {
  /** Assigned by whoever knows queues: why one on the topic does not take the batch, or null. */
  admission: { refusal(partition: Partition, batch: Buffer): string | null } | null = null
  /** Assigned by whoever has records for a log that are to lie before what is appended next. */
  precedence: { yieldTo(partition: Partition): void } | null = null
  readonly #runtime: Runtime
  readonly #producers: Producers

  constructor(runtime: Runtime, producers: Producers) {
    this.#runtime = runtime
    this.#producers = producers
  }

  /** The buffer holds exactly one batch. It is written to, but stays the caller's. */
  append(partition: Partition, batch: Buffer): AppendOutcome {
    const { store } = this.#runtime
    const { refusal } = store
    if (refusal !== null && concerns(refusal, partition))
      return refused(appendFlaw('storage', refusal.message))
    const { settings } = partition.topic
    const flaw = checkSent(batch, settings)
    if (flaw !== null) return refused(flaw)

    const now = this.#runtime.clock.now()
    const recordsFlaw = checkRecords(batch, settings, now)
    if (recordsFlaw !== null) return refused(recordsFlaw)

    const header = summaryOf(batch)
    if (header.producerId >= 0) {
      const known = this.#judge(partition, header)
      if (known !== null) return known
    }

    const packed = repack(batch, settings)
    if (!Buffer.isBuffer(packed)) return refused(packed)
    const full = this.admission?.refusal(partition, packed) ?? null
    if (full !== null) return refused(appendFlaw('full', full))
    const appendTime = settings.timestampType === 'append' ? now : -1
    if (appendTime >= 0) setAppendTime(packed, appendTime)
    this.precedence?.yieldTo(partition)
    const baseOffset = store.append(partition.logId, packed)
    return { flaw: null, baseOffset, appendTime }
  }

  /** Null when the batch is the next one of its producer. */
  #judge(partition: Partition, batch: BatchSummary): AppendOutcome | null {
    const verdict = this.#producers.judge(partition.logId, batch.producerId, batch)
    switch (verdict.kind) {
      case 'next':
        return null
      case 'duplicate':
        // It may not be confirmed yet. The caller waits for everything appended so far, so for it.
        return {
          flaw: null,
          baseOffset: verdict.baseOffset,
          appendTime: partition.topic.settings.timestampType === 'append' ? verdict.timestamp : -1,
        }
      case 'out-of-order':
      case 'stale-epoch':
        return refused(appendFlaw(verdict.kind, `producer ${batch.producerId}: ${verdict.message}`))
    }
  }
}

/** A disk that fails is no matter of logs that live in memory. */
function concerns(refusal: StoreRefusal, { log }: Partition): boolean {
  return refusal.reason === 'closing' || log.policy.durability !== 'memory'
}

function checkSent(batch: Buffer, settings: TopicSettings): AppendFlaw | null {
  if (batch.length > settings.batchBytesMax) return tooLarge(batch, settings)
  const problem = checkBatch(batch)
  if (problem !== null) return appendFlaw(flawKinds[problem.kind], problem.message)
  // The first field is read in halves: whatever a client wrote there must not be an offset yet.
  if (batch.readInt32BE(0) !== 0 || batch.readInt32BE(4) !== 0)
    return appendFlaw('invalid-record', 'the base offset of a batch that is sent must be 0')
  if ((attributesOf(batch) & TRANSACTIONAL) !== 0)
    return appendFlaw('no-transactions', 'transactions are not offered by this broker')
  return null
}

function tooLarge(batch: Buffer, settings: TopicSettings): AppendFlaw {
  const { batchBytesMax } = settings
  const sizes = `${batch.length} bytes, where max.message.bytes is ${batchBytesMax}`
  return appendFlaw('too-large', `The record batch has ${sizes}.`)
}

/** Packs the records the way the topic wants them, if it cares. */
function repack(batch: Buffer, settings: TopicSettings): Buffer | AppendFlaw {
  const wanted = wantedCompression(settings)
  if (wanted === null || wanted === compressionOf(batch)) return batch
  try {
    const packed = recompress(batch, wanted)
    return packed.length > settings.batchBytesMax ? tooLarge(packed, settings) : packed
  } catch (error) {
    return flawOfError(error, 'corrupt')
  }
}

function wantedCompression({ compression }: TopicSettings): CompressionName | null {
  if (compression === 'producer') return null
  return compression === 'uncompressed' ? 'none' : compression
}
