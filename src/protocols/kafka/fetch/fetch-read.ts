import { inlineBodies, type SharedBodies } from '../../../broker/bodies/index.ts'
import type { Topics } from '../../../broker/topic/index.ts'
import { InvariantError } from '../../../lib/assert.ts'
import { Offset } from '../../../lib/brand.ts'
import { isEnveloped } from '../../../log/batch/index.ts'
import { type Log, type LogId, OutOfRangeError } from '../../../log/store.ts'
import { errorCode } from '../constants.ts'
import { LEADER_EPOCH, leaderEpochError, missingError } from '../partition-lookup.ts'
import type { AnswerRoom } from './answer-room.ts'
import type { FetchPartition } from './fetch-partition.ts'
import type { ReadableBatches } from './readable-batches.ts'

/** What one partition answers. */
export type FetchResult = {
  readonly wanted: FetchPartition
  errorCode: number
  highWatermark: number
  startOffset: number
  batches: readonly Buffer[]
  sizeBytes: number
}

export type ReadOptions = {
  readonly topics: Topics
  readonly bodies: SharedBodies
  readonly isById: boolean
  readonly bytesMax: number
  /** What is read lies there. */
  readonly room: AnswerRoom
  /** Told of reads that failed, for the log. */
  readonly onDamage: (error: unknown) => void
}

const NO_BATCHES: readonly Buffer[] = []
/**
 * Not counted against limits, which are soft ones (KIP-74): where a record is as long as the limit
 * of a partition, its batch is longer by its header, and all reads but the first were in vain.
 */
const FRAMING_BYTES = 1024

/**
 * Reads partitions in turn, as far as the bytes go. The first one with records gives at least a
 * batch, however large, so that every client gets on. What is in memory is read at once; `pending`
 * holds the reads of the disk.
 */
export class FetchRead {
  readonly results: FetchResult[] = []
  /** The logs that could be read, which are the ones worth waiting for. */
  readonly logs: LogId[] = []
  readonly pending: Promise<void>[] = []
  hasError = false
  /** A read of the disk did; others may still be under way. */
  hasFailed = false
  sizeBytes = 0
  readonly #options: ReadOptions
  /** What is left for further partitions; reads of the disk are counted before they are done. */
  #bytesLeft: number
  #isFirst = true
  /** Their batches lie where the store lends them. */
  readonly #lent: FetchResult[] = []

  constructor(partitions: Iterable<FetchPartition>, options: ReadOptions) {
    this.#options = options
    this.#bytesLeft = options.bytesMax
    for (const wanted of partitions) this.results.push(this.#read(wanted))
    this.#keepLent()
  }

  get room(): AnswerRoom {
    return this.#options.room
  }

  /** Batches of other protocols become ones that the client can read; together not much more. */
  makeReadable(readable: ReadableBatches): void {
    let bytesLeft = this.#options.bytesMax
    for (const result of this.results) {
      if (result.sizeBytes === 0) continue
      const { offset, bytesMax } = result.wanted
      const left = Math.max(1, Math.min(bytesLeft, bytesMax))
      const batches = readable.encode(result.batches, offset, left)
      if (batches !== result.batches) {
        result.batches = batches
        result.sizeBytes = bytesOf(batches)
      }
      bytesLeft -= result.sizeBytes
    }
  }

  #read(wanted: FetchPartition): FetchResult {
    const result: FetchResult = {
      wanted,
      errorCode: errorCode.NONE,
      highWatermark: -1,
      startOffset: -1,
      batches: NO_BATCHES,
      sizeBytes: 0,
    }
    const { topics, isById } = this.#options
    const partition = wanted.resolve(topics, isById)
    if (partition === undefined) return this.#fail(result, missingError(isById))
    const epochError = leaderEpochError(wanted.leaderEpoch)
    if (epochError !== 0) return this.#fail(result, epochError)
    const { log } = partition
    if (wanted.offset < log.startOffset || wanted.offset > log.endOffset)
      return this.#fail(result, errorCode.OFFSET_OUT_OF_RANGE)
    // Records of an epoch that never was: what the client read is not what lies here.
    if (wanted.lastFetchedEpoch > LEADER_EPOCH)
      return this.#fail(result, errorCode.OFFSET_OUT_OF_RANGE)
    const end = log.confirmedEnd
    result.highWatermark = end
    result.startOffset = log.startOffset
    this.logs.push(log.id)
    if (wanted.offset >= end) return result
    const bytesMax = Math.min(this.#bytesLeft, wanted.bytesMax)
    if (bytesMax <= 0 && !this.#isFirst) return result
    try {
      const lent = log.lend(Offset(wanted.offset), Math.max(bytesMax, 1))
      if (lent !== null && !lent.some(isEnveloped)) {
        this.#take(result, lent, bytesMax)
        if (result.sizeBytes > 0) this.#lent.push(result)
        return result
      }
      const read = log.read(Offset(wanted.offset), Math.max(bytesMax, 1), this.room)
      const from = { from: wanted.offset, bytesMax: Math.max(bytesMax, 1) }
      const batches = inlineBodies(this.#options.bodies, read, from)
      if (batches instanceof Promise) this.#expect(result, batches, { bytesMax, log })
      else this.#take(result, batches, bytesMax)
    } catch (error) {
      this.#failRead(result, error)
    }
    return result
  }

  /** What was lent to this turn is copied for the answer, each partition's side by side. */
  #keepLent(): void {
    for (const result of this.#lent) {
      const kept = this.room.take(result.sizeBytes)
      let at = 0
      for (const batch of result.batches) at += batch.copy(kept, at)
      result.batches = [kept]
    }
  }

  #take(result: FetchResult, batches: readonly Buffer[], bytesMax: number): void {
    const sizeBytes = bytesOf(batches)
    // Otherwise its turn comes: it will be the first.
    if (sizeBytes > bytesMax + FRAMING_BYTES && !this.#isFirst) return
    if (sizeBytes > 0) this.#isFirst = false
    result.batches = batches
    result.sizeBytes = sizeBytes
    this.sizeBytes += sizeBytes
    this.#bytesLeft -= sizeBytes
  }

  /** The room is reserved, so that reads of the disk may run at once. */
  #expect(
    result: FetchResult,
    batches: Promise<readonly Buffer[]>,
    { bytesMax, log }: { readonly bytesMax: number; readonly log: Log },
  ): void {
    const isFirst = this.#isFirst
    this.#isFirst = false
    this.#bytesLeft -= Math.min(bytesMax, log.sizeBytes)
    const taken = batches.then(
      read => {
        const sizeBytes = bytesOf(read)
        if (sizeBytes > bytesMax + FRAMING_BYTES && !isFirst) return
        result.batches = read
        result.sizeBytes = sizeBytes
        this.sizeBytes += sizeBytes
      },
      (error: unknown) => this.#failRead(result, error),
    )
    this.pending.push(taken)
  }

  /** Retention may have overtaken the read. Damage on the disk is told, and concerns one log. */
  #failRead(result: FetchResult, error: unknown): void {
    if (error instanceof InvariantError) throw error
    this.hasFailed = true
    const isGone = error instanceof OutOfRangeError
    this.#fail(result, isGone ? errorCode.OFFSET_OUT_OF_RANGE : errorCode.KAFKA_STORAGE_ERROR)
    if (!isGone) this.#options.onDamage(error)
  }

  #fail(result: FetchResult, code: number): FetchResult {
    result.errorCode = code
    result.highWatermark = -1
    result.startOffset = -1
    this.hasError = true
    return result
  }
}

function bytesOf(batches: readonly Buffer[]): number {
  let sizeBytes = 0
  for (const batch of batches) sizeBytes += batch.length
  return sizeBytes
}
