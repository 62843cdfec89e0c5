import { BatchPacker, OpenBatch } from '../../log/batch/index.ts'
import { type LogId, type StoreRefusal, StoreRefusedError } from '../../log/store.ts'
import { limits } from '../../limits/limits.ts'
import type { Publication } from '../../message/publication.ts'
import { type BodyReference, RecordWriter } from '../../message/record-writer.ts'
import type { Runtime } from '../runtime.ts'
import type { Partition } from '../topic/index.ts'
import type { Turn } from '../turn.ts'

const NO_LOG = -1 as LogId

/** What waits for one log. Used again for others. */
class WaitingLog {
  logId = NO_LOG
  readonly open = new OpenBatch()
  /** Batches that were full before the turn ended. */
  readonly full: Buffer[] = []
  count = 0
}

/**
 * Packs what is published in a turn into one batch for each log, and appends all of them at the
 * turn's end, in one go: so a message for many queues lies in one slot, whenever it came.
 */
export class Packers {
  readonly #runtime: Runtime
  readonly #turn: Turn
  readonly #packer = new BatchPacker()
  readonly #writer = new RecordWriter()
  readonly #byLog = new Map<LogId, WaitingLog>()
  /** In order of their first record; those behind `#waitingCount` are spare. */
  readonly #waiting: WaitingLog[] = []
  #waitingCount = 0
  /** The log of the record before: most often it is the same. */
  #last = new WaitingLog()
  #bytes = 0
  /** The time of all records of a turn; -1 before the first. */
  #now = -1
  #refusal: StoreRefusal | null = null
  readonly #pack = () => this.#appendAll()
  readonly #forget = () => {
    this.#refusal = null
  }

  constructor(runtime: Runtime, turn: Turn) {
    this.#runtime = runtime
    this.#turn = turn
  }

  /**
   * Why the store did not take records of this turn, or null: they are gone. Whoever waits for
   * them asks in the turn's `confirm` phase; in the next turn it is null again.
   */
  get refusal(): StoreRefusal | null {
    return this.#refusal
  }

  /** Copies the message; it is appended at the end of the turn. */
  add(partition: Partition, publication: Publication): void {
    this.#add(partition.logId, publication, null)
  }

  /** To several logs: all of them get it, or after a crash none. */
  addToAll(partitions: readonly Partition[], publication: Publication): void {
    for (const partition of partitions) this.add(partition, publication)
  }

  /** Records of this turn that will be in the log, but are not yet. */
  waitingCount(logId: LogId): number {
    return this.#byLog.get(logId)?.count ?? 0
  }

  /**
   * To be called before a message is published, never between two of its logs: appends what waits
   * if that is much. A turn that publishes without end would take memory without end.
   */
  relieve(): void {
    if (this.#bytes > limits.packedBytesMax) this.#turn.flush()
  }

  #add(logId: LogId, publication: Publication, reference: BodyReference | null): void {
    const waiting = this.#last.logId === logId ? this.#last : this.#waitingFor(logId)
    const { open } = waiting
    if (this.#now < 0) this.#now = this.#runtime.clock.now()
    const timestamp = publication.timestamp < 0 ? this.#now : publication.timestamp
    let sizeBytes = this.#measure(open, publication, reference, timestamp)
    if (!this.#packer.reserve(open, sizeBytes, timestamp)) {
      waiting.full.push(this.#packer.finish(open))
      sizeBytes = this.#measure(open, publication, reference, timestamp)
      this.#packer.reserve(open, sizeBytes, timestamp)
    }
    open.wrote(this.#writer.write(open.bytes, open.at, publication, reference), timestamp)
    waiting.count++
    this.#bytes += sizeBytes
  }

  #measure(
    open: OpenBatch,
    publication: Publication,
    reference: BodyReference | null,
    timestamp: number,
  ): number {
    const delta = open.count === 0 ? 0 : timestamp - open.baseTimestamp
    return this.#writer.measure(publication, reference, delta, open.count)
  }

  #waitingFor(logId: LogId): WaitingLog {
    let waiting = this.#byLog.get(logId)
    if (waiting === undefined) {
      if (this.#waitingCount === 0) this.#turn.add('pack', this.#pack)
      waiting = this.#waiting[this.#waitingCount]
      if (waiting === undefined) {
        waiting = new WaitingLog()
        this.#waiting.push(waiting)
      }
      this.#waitingCount++
      waiting.logId = logId
      this.#byLog.set(logId, waiting)
    }
    this.#last = waiting
    return waiting
  }

  #appendAll(): void {
    const count = this.#waitingCount
    for (let index = 0; index < count; index++) this.#appendOne(this.#waiting[index]!)
    this.#waitingCount = 0
    if (count > limits.packedLogsKept) this.#waiting.length = limits.packedLogsKept
    this.#byLog.clear()
    this.#bytes = 0
    this.#now = -1
  }

  #appendOne(waiting: WaitingLog): void {
    const { logId, open, full } = waiting
    waiting.logId = NO_LOG
    waiting.count = 0
    if (open.count > 0) full.push(this.#packer.finish(open))
    try {
      // A queue may be deleted in the turn it was published to.
      if (this.#runtime.store.log(logId) !== undefined)
        for (const batch of full) this.#runtime.store.append(logId, batch)
    } catch (error) {
      if (!(error instanceof StoreRefusedError)) throw error
      if (this.#refusal === null) this.#turn.add('dispatch', this.#forget)
      this.#refusal = error.refusal
    }
    full.length = 0
  }
}
