import { BatchPacker, OpenBatch } from '../../log/batch/index.ts'
import { type Log, type LogId, type StoreRefusal, StoreRefusedError } from '../../log/store.ts'
import { limits } from '../../limits/limits.ts'
import { Publication } from '../../message/publication.ts'
import { type BodyReference, RecordWriter } from '../../message/record-writer.ts'
import type { BodyLog, SharedBodies } from '../bodies/index.ts'
import type { Runtime } from '../runtime.ts'
import type { Partition } from '../topic/index.ts'
import type { Turn } from '../turn.ts'

const NO_BODY = Buffer.alloc(0)

/** What waits for one log. Used again in turns to come. */
class WaitingLog {
  readonly logId: LogId
  /** Something of this turn is to be appended. */
  isWaiting = false
  readonly open = new OpenBatch()
  /** Batches that were full before the turn ended. */
  readonly full: Buffer[] = []
  count = 0
  /** Logs of bodies that its records refer to, and the first body of each; null: none. */
  bodies: { readonly log: BodyLog; readonly first: number }[] | null = null
  /** To be called if the store does not take them. */
  refused: (() => void) | null = null

  constructor(logId: LogId) {
    this.logId = logId
  }

  refers(log: BodyLog, body: number): void {
    this.bodies ??= []
    if (!this.bodies.some(known => known.log === log)) this.bodies.push({ log, first: body })
  }
}

const NO_LOG = new WaitingLog(-1 as LogId)

/**
 * Packs what is published in a turn into one batch for each log, and appends all of them at the
 * turn's end, in one go: so a message for many queues lies in one slot, whenever it came.
 */
export class Packers {
  readonly #runtime: Runtime
  readonly #turn: Turn
  readonly #packer = new BatchPacker()
  readonly #writer = new RecordWriter()
  /** Those that got records lately, in this turn or before it: most get some again. */
  readonly #byLog = new Map<LogId, WaitingLog>()
  /** In order of their first record; those behind `#waitingCount` are of turns before. */
  readonly #waiting: WaitingLog[] = []
  #waitingCount = 0
  /** The log of the record before: most often it is the same. */
  #last = NO_LOG
  #bytes = 0
  /** The time of all records of a turn; -1 before the first. */
  #now = -1
  #refusal: StoreRefusal | null = null
  /** Of the newest run that appended something. */
  #refusedLast: StoreRefusal | null = null
  readonly #bodies: SharedBodies | null
  /** What is going to several logs just now, with its body in the log of bodies. */
  #sharing: Publication | null = null
  #sharedLog: BodyLog | null = null
  #reference: BodyReference | null = null
  readonly #bodyRecord = new Publication()
  readonly #pack = () => this.#appendAll()
  readonly #forget = () => {
    this.#refusal = null
  }

  /** Without bodies to share, each log gets its own copy. */
  constructor(runtime: Runtime, turn: Turn, bodies: SharedBodies | null = null) {
    this.#runtime = runtime
    this.#turn = turn
    this.#bodies = bodies
  }

  /**
   * Why the store did not take records of this turn, or null: they are gone. Whoever waits for
   * them asks in the turn's `confirm` phase; in the next turn it is null again.
   */
  get refusal(): StoreRefusal | null {
    return this.#refusal
  }

  /** Where bodies lie that are stored once for several logs, for those who read the logs. */
  get bodies(): SharedBodies | null {
    return this.#bodies
  }

  /** Copies the message; it is appended at the end of the turn. */
  add(partition: Pick<Partition, 'logId'>, publication: Publication): void {
    const isShared = this.#sharing === publication && this.#mayRefer(partition.logId)
    this.#add(partition.logId, publication, isShared ? this.#reference : null)
  }

  /**
   * Until `unshare`, this publication is added to several logs: its body is stored once if it is
   * large; then the answer is true. `set` is any text that is the same for the same logs.
   */
  share(set: string, publication: Publication): boolean {
    const { bodyBytes } = publication
    if (this.#bodies === null || bodyBytes < limits.sharedBodyBytesMin) return false
    const bodyLog = this.#bodies.logFor(set)
    const log = bodyLog === null ? undefined : this.#runtime.store.log(bodyLog.logId)
    if (bodyLog === null || log === undefined) return false
    const offset = log.endOffset + this.waitingCount(log.id)
    const record = this.#bodyRecord
    record.origin = publication.origin
    record.body = publication.body
    record.bodyStart = publication.bodyStart
    record.bodyEnd = publication.bodyEnd
    this.#add(log.id, record, null)
    bodyLog.bytes += bodyBytes
    this.#sharing = publication
    this.#sharedLog = bodyLog
    this.#reference = { log: log.id, offset, sizeBytes: bodyBytes }
    return true
  }

  unshare(): void {
    this.#sharing = null
    this.#sharedLog = null
    this.#reference = null
    this.#bodyRecord.body = NO_BODY
  }

  /**
   * Calls `done` in the run that appends what waits now: with null, or with why it was refused and
   * is gone. What is journaled in it lies in the same slot.
   */
  whenAppended(done: (refusal: StoreRefusal | null) => void): void {
    this.#turn.add('pack', () => done(this.#refusedLast))
  }

  /** Calls `refused` if what waits for the log is not taken; once for each log and turn. */
  whenRefused(logId: LogId, refused: () => void): void {
    const waiting = this.#last.logId === logId ? this.#last : this.#waitingFor(logId)
    waiting.refused = refused
  }

  /** Records of this turn that will be in the log, but are not yet. */
  waitingCount(logId: LogId): number {
    if (this.#waitingCount === 0) return 0
    return this.#last.logId === logId ? this.#last.count : (this.#byLog.get(logId)?.count ?? 0)
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
    if (reference !== null) {
      waiting.refers(this.#sharedLog!, reference.offset)
      open.isReferring = true
    }
    open.wrote(this.#writer.write(open.bytes, open.at, publication, reference), timestamp)
    waiting.count++
    this.#bytes += sizeBytes
  }

  #held(log: Log, first: number, bodies: NonNullable<WaitingLog['bodies']>): void {
    for (const { log: bodyLog, first: body } of bodies)
      this.#bodies!.held(bodyLog, log.id, { first, end: log.endOffset }, body)
  }

  /** What is never written must not wait for, or outlive, what is. */
  #mayRefer(logId: LogId): boolean {
    const { store } = this.#runtime
    const isInMemory = store.log(logId)?.policy.durability === 'memory'
    return isInMemory === (store.log(this.#sharedLog!.logId)?.policy.durability === 'memory')
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
      waiting = new WaitingLog(logId)
      this.#byLog.set(logId, waiting)
    }
    if (!waiting.isWaiting) {
      if (this.#waitingCount === 0) this.#turn.add('pack', this.#pack)
      waiting.isWaiting = true
      this.#waiting[this.#waitingCount++] = waiting
    }
    this.#last = waiting
    return waiting
  }

  #appendAll(): void {
    const count = this.#waitingCount
    this.#refusedLast = null
    for (let index = 0; index < count; index++) this.#appendOne(this.#waiting[index]!)
    this.#waitingCount = 0
    this.#last = NO_LOG
    if (this.#byLog.size > limits.packedLogsKept) {
      this.#byLog.clear()
      this.#waiting.length = 0
    }
    this.#packer.rewind()
    this.#bytes = 0
    this.#now = -1
  }

  #appendOne(waiting: WaitingLog): void {
    const { logId, open, full, bodies, refused } = waiting
    waiting.refused = null
    waiting.isWaiting = false
    waiting.count = 0
    waiting.bodies = null
    if (open.count > 0) this.#packer.seal(open)
    const { store } = this.#runtime
    try {
      // A queue may be deleted in the turn it was published to.
      const log = store.log(logId)
      if (log !== undefined) {
        const first = log.endOffset
        if (full.length > 0) for (const batch of full) store.append(logId, batch)
        if (open.count > 0) store.append(logId, open.bytes, open.start, open.at)
        if (bodies !== null) this.#held(log, first, bodies)
      }
    } catch (error) {
      if (!(error instanceof StoreRefusedError)) throw error
      if (this.#refusal === null) this.#turn.add('dispatch', this.#forget)
      this.#refusal = this.#refusedLast = error.refusal
      refused?.()
    }
    open.clear()
    if (full.length > 0) full.length = 0
  }
}
