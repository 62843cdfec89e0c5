import type { Log, LogId } from '../../log/store.ts'
import { MessageReader } from '../../message/message-reader.ts'
import { Publication } from '../../message/publication.ts'
import { StoredMessage } from '../../message/stored-message.ts'
import type { Packers } from '../publish/packers.ts'
import type { Runtime } from '../runtime.ts'
import type { Turn } from '../turn.ts'
import { dueOf, exchangeIdOf } from './entry.ts'
import type { ScheduleEvent } from './events.ts'
import type { Bucket, ScheduleState } from './state.ts'

const READ_BYTES = 1024 * 1024

export type MoverParts = {
  readonly turn: Turn
  readonly packers: Packers
  readonly state: ScheduleState
  readonly journal: (event: ScheduleEvent) => void
  readonly logFor: (due: number, within: Bucket) => LogId
  readonly onMoved: (bucket: Bucket) => void
}

/**
 * Moves messages of buckets that were split to narrower ones, one bucket after the other, a
 * megabyte at a time. Copies and the event that says how far it came are in one slot.
 */
export class Mover {
  readonly #runtime: Runtime
  readonly #parts: MoverParts
  readonly #reader = new MessageReader()
  readonly #view = new StoredMessage()
  readonly #publication = new Publication()
  readonly #waiting = new Set<Bucket>()
  #isMoving = false
  #isStopped = false

  constructor(runtime: Runtime, parts: MoverParts) {
    this.#runtime = runtime
    this.#parts = parts
  }

  stop(): void {
    this.#isStopped = true
  }

  add(bucket: Bucket): void {
    this.#waiting.add(bucket)
    if (this.#isMoving) return
    this.#isMoving = true
    // Never from within a publish, which may have come here.
    this.#parts.turn.add('dispatch', () => void this.#run())
  }

  async #run(): Promise<void> {
    try {
      while (this.#waiting.size > 0) {
        const bucket = this.#next()
        const answer = await this.#moveSome(bucket)
        if (answer === 'refused') break
        if (answer === 'more') continue
        this.#waiting.delete(bucket)
        this.#parts.onMoved(bucket)
      }
    } catch (error) {
      this.#runtime.logger.error({ error: String(error) }, 'delayed messages could not be moved')
    }
    // What is left is added again when buckets are looked after.
    this.#waiting.clear()
    this.#isMoving = false
  }

  /** The narrowest first: what is moved next would overtake what it holds. */
  #next(): Bucket {
    const [first, ...others] = this.#waiting
    let next = first!
    for (const bucket of others)
      if (
        bucket.widthMs < next.widthMs ||
        (bucket.widthMs === next.widthMs && bucket.start < next.start)
      )
        next = bucket
    return next
  }

  /** Takes one step. `refused`: the store takes nothing now. */
  async #moveSome(bucket: Bucket): Promise<'more' | 'done' | 'refused'> {
    const { store } = this.#runtime
    const log = store.log(bucket.log!)!
    if (this.#isStopped || store.refusal !== null) return 'refused'
    if (bucket.done.floor < log.confirmedEnd) {
      const batches = await log.read(bucket.done.floor, READ_BYTES)
      if (this.#isStopped || store.refusal !== null) return 'refused'
      this.#copy(bucket, log, batches)
    }
    if (!(await this.#confirmed())) return 'refused'
    const isDone =
      bucket.done.floor >= log.endOffset && this.#parts.packers.waitingCount(log.id) === 0
    return isDone ? 'done' : 'more'
  }

  #copy(bucket: Bucket, log: Log, batches: readonly Buffer[]): void {
    const view = this.#view
    const { exchanges } = this.#parts.state
    let before: number = bucket.done.floor
    for (const batch of batches) {
      this.#reader.open(batch)
      for (; this.#reader.find(before, view); before = view.offset + 1) {
        if (bucket.done.has(view.offset) || !exchanges.has(exchangeIdOf(view))) continue
        this.#parts.packers.add({ logId: this.#parts.logFor(dueOf(view), bucket) }, this.#copied())
      }
    }
    this.#reader.close()
    if (batches.length === 0) before = log.confirmedEnd
    this.#parts.turn.add('journal', () => {
      this.#parts.journal({ kind: 'moved', bucket: bucket.id, before })
    })
    this.#parts.turn.flush()
  }

  #copied(): Publication {
    const { origin, bytes, body, ttlMs, priority, ...at } = this.#view
    const publication = this.#publication
    publication.origin = origin
    publication.address = bytes
    publication.addressStart = at.addressStart
    publication.addressEnd = at.addressEnd
    publication.properties = bytes
    publication.propertiesStart = at.propertiesStart
    publication.propertiesEnd = at.propertiesEnd
    publication.body = body
    publication.bodyStart = at.bodyStart
    publication.bodyEnd = at.bodyEnd
    publication.key = this.#view.key()
    publication.ttlMs = ttlMs
    publication.priority = priority
    publication.annotations = this.#view.hasAnnotations
      ? bytes.subarray(at.annotationsStart, at.annotationsEnd)
      : null
    publication.timestamp = at.timestamp
    return publication
  }

  #confirmed(): Promise<boolean> {
    return new Promise(resolve => {
      this.#runtime.store.whenConfirmed(this.#runtime.settings.durability, refusal =>
        resolve(refusal === null),
      )
    })
  }
}
