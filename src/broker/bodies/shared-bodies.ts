import { Offset } from '../../lib/brand.ts'
import { limits } from '../../limits/limits.ts'
import type { Log, LogId, StateMachine } from '../../log/store.ts'
import { MessageReader } from '../../message/message-reader.ts'
import { StoredMessage } from '../../message/stored-message.ts'
import type { Timer } from '../../platform/platform.ts'
import type { Runtime } from '../runtime.ts'
import type { Topics } from '../topic/index.ts'
import type { BodyLog, Holder } from './body-log.ts'
import { type BodyReaderParts, BodyReader } from './body-reader.ts'
import { BodyState } from './body-state.ts'
import { type BodyPlace, placeOf, showBody } from './place.ts'

const PERIOD_MS = 2000
/** No client can name it, so nobody else writes there. */
const NAMESPACE = '\u0001bodies'
const SEGMENT_BYTES = 64 * 1024 * 1024
/** A holder gets an entry for so many bytes of bodies: so much may be kept longer than needed. */
const ENTRY_BYTES = 1024 * 1024

/**
 * Bodies that are stored once for several logs. There is a hidden log of bodies for each set of
 * logs that are published to together, so that a queue nobody reads keeps no more than if it had
 * its own copies. It is truncated behind the last log that still refers to it.
 */
export class SharedBodies implements StateMachine {
  readonly name = 'shared-bodies'
  readonly #runtime: Runtime
  readonly #topics: Topics
  readonly #state = new BodyState()
  /** Of this process, by the logs that it is for. */
  #bySet = new Map<string, BodyLog>()
  readonly #waiting = new Map<LogId, (() => void)[]>()
  #timer: Timer | null = null

  constructor(runtime: Runtime, topics: Topics) {
    this.#runtime = runtime
    this.#topics = topics
  }

  start(): void {
    const { store, timers } = this.#runtime
    // Those that nothing refers to go with the first sweep.
    for (const { namespace, partitions } of this.#topics.all())
      if (namespace === NAMESPACE) this.#state.logOf(partitions[0]!.logId)
    store.onAdvanced(logs => {
      if (this.#waiting.size > 0) for (const log of logs) this.#advanced(log)
    })
    this.#timer = timers.every(PERIOD_MS, () => this.sweep())
  }

  stop(): void {
    this.#timer?.cancel()
  }

  evolve(event: Buffer): void {
    this.#state.evolve(event)
  }

  snapshot(): Buffer {
    return this.#state.snapshot()
  }

  restore(snapshot: Buffer): void {
    this.#state.evolve(snapshot)
  }

  /** The log of bodies for a set of logs, named by any text; null: there are too many sets. */
  logFor(set: string): BodyLog | null {
    let log = this.#bySet.get(set)
    if (log === undefined) {
      if (this.#state.logs.size >= limits.bodyLogsMax) return null
      log = this.#state.logOf(this.#createLog())
      this.#bySet.set(set, log)
    }
    log.isTouched = true
    return log
  }

  /**
   * References were appended to a log, from `first` up to `end`, and the first one is to `body`.
   * To be called in the run in which they were appended.
   */
  held(bodyLog: BodyLog, logId: LogId, range: { first: number; end: number }, body: number): void {
    const holder = bodyLog.holder(logId)
    holder.end = range.end
    if (holder.bytes >= 0 && bodyLog.bytes - holder.bytes < ENTRY_BYTES) return
    holder.bytes = bodyLog.bytes
    const event = { bodyLog: bodyLog.logId, holder: logId, reference: range.first, body }
    this.#runtime.store.journal(this.name, this.#state.encode(event))
  }

  /** For whoever reads one log, mostly in order. */
  reader(parts: Omit<BodyReaderParts, 'source'>): BodyReader {
    return new BodyReader({ ...parts, source: this })
  }

  logOf(place: BodyPlace): Log | undefined {
    const log = this.#runtime.store.log(place.log)
    return log === undefined || place.offset < log.startOffset ? undefined : log
  }

  /** Runs `run` once, when there is more to be read in a log. */
  whenAdvanced(logId: LogId, run: () => void): void {
    const waiting = this.#waiting.get(logId)
    if (waiting === undefined) this.#waiting.set(logId, [run])
    else waiting.push(run)
  }

  /** Shows the body of one message, for those who read here and there. False: it is gone. */
  fill(view: StoredMessage): boolean | Promise<boolean> {
    const place = placeOf(view)
    const log = this.logOf(place)
    if (log === undefined || place.offset >= log.confirmedEnd) return false
    const read = log.read(Offset(place.offset), 1)
    return read instanceof Promise
      ? read.then(batches => shown(batches, place.offset, view))
      : shown(read, place.offset, view)
  }

  /** The same at once, though it may not be confirmed. */
  fillNow(view: StoredMessage): boolean {
    const place = placeOf(view)
    const log = this.logOf(place)
    if (log === undefined || place.offset >= log.endOffset) return false
    return shown(log.readNow(Offset(place.offset), 1), place.offset, view)
  }

  /** Lets go of bodies that nothing refers to any more. Runs now and then by itself. */
  sweep(): void {
    const { store } = this.#runtime
    if (store.reliefRefusal !== null) return
    for (const bodyLog of [...this.#state.logs.values()]) {
      const log = store.log(bodyLog.logId)
      if (log === undefined) {
        this.#forget(bodyLog)
        continue
      }
      const needed = this.#needed(bodyLog)
      if (needed !== null) {
        const before = Math.min(needed, log.confirmedEnd)
        if (before > log.startOffset) store.truncateBefore(log.id, Offset(before))
      } else if (!bodyLog.isTouched) this.#delete(bodyLog)
      bodyLog.isTouched = false
    }
  }

  /** The first body that is needed; null when none is. Forgets who holds none. */
  #needed(bodyLog: BodyLog): number | null {
    let needed: number | null = null
    for (const [logId, holder] of bodyLog.holders) {
      const start = this.#startOf(logId, holder)
      if (start === null) {
        bodyLog.holders.delete(logId)
        continue
      }
      const first = holder.needed(start)
      if (needed === null || first < needed) needed = first
    }
    return needed
  }

  /** Where the log begins, or null when no reference is left in it. */
  #startOf(logId: LogId, holder: Holder): number | null {
    const log = this.#runtime.store.log(logId)
    if (log === undefined) return null
    if (holder.end < 0) holder.end = log.endOffset
    return log.startOffset >= holder.end ? null : log.startOffset
  }

  #createLog(): LogId {
    const isSynced = this.#runtime.settings.durability === 'sync'
    let number = this.#state.logs.size
    while (this.#topics.find(NAMESPACE, `${number}`) !== undefined) number++
    const topic = this.#topics.createNow({
      namespace: NAMESPACE,
      name: `${number}`,
      naming: 'free',
      isHidden: true,
      isInternal: true,
      partitionCount: 1,
      overrides: {
        'retention.ms': '-1',
        'retention.bytes': '-1',
        'segment.bytes': String(SEGMENT_BYTES),
        // Never later to be read than what refers to it, which is in the same slot.
        ...(isSynced ? { 'sabir.durability': 'async' } : {}),
      },
    })
    return topic.partitions[0]!.logId
  }

  #delete(bodyLog: BodyLog): void {
    const topic = this.#topics.partitionOfLog(bodyLog.logId)?.topic
    if (topic !== undefined) this.#topics.deleteNow(topic.id)
    this.#forget(bodyLog)
  }

  #forget(bodyLog: BodyLog): void {
    bodyLog.isGone = true
    this.#state.logs.delete(bodyLog.logId)
    for (const [set, log] of this.#bySet) if (log === bodyLog) this.#bySet.delete(set)
  }

  #advanced(log: Log): void {
    const waiting = this.#waiting.get(log.id)
    if (waiting === undefined) return
    this.#waiting.delete(log.id)
    for (const run of waiting) run()
  }
}

/** Whether the body was in the first batch; then the view shows it. */
function shown(batches: readonly Buffer[], offset: number, view: StoredMessage): boolean {
  const reader = new MessageReader()
  const found = new StoredMessage()
  if (batches.length === 0) return false
  reader.open(batches[0]!)
  if (!reader.find(offset, found) || found.offset !== offset) return false
  showBody(view, found)
  return true
}
