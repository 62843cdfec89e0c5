import { InvariantError } from '../../lib/assert.ts'
import { Offset } from '../../lib/brand.ts'
import type { Log } from '../../log/store.ts'
import type { Timer } from '../../platform/platform.ts'
import type { Runtime } from '../runtime.ts'
import type { Topic } from '../topic/index.ts'
import type { QueueState } from './queue-state.ts'

const PERIOD_MS = 1000
/** Less than this is left for later, when the queue comes to rest. */
const WORTHWHILE_BYTES = 1024 * 1024

/** Lets go of what queues have settled, in the background. */
export class Truncation {
  readonly #runtime: Runtime
  readonly #queuesOn: (topic: Topic) => Iterable<QueueState>
  #noted: QueueState[] = []
  /** Not noted again since the run before: those that are at rest are cut to the last record. */
  #resting: QueueState[] = []
  #timer: Timer | null = null

  constructor(runtime: Runtime, queuesOn: (topic: Topic) => Iterable<QueueState>) {
    this.#runtime = runtime
    this.#queuesOn = queuesOn
  }

  start(): void {
    this.#timer = this.#runtime.timers.every(PERIOD_MS, () => this.run())
  }

  stop(): void {
    this.#timer?.cancel()
  }

  note(queue: QueueState): void {
    if (queue.isNoted) return
    queue.isNoted = true
    this.#noted.push(queue)
  }

  run(): void {
    if (this.#runtime.store.reliefRefusal !== null) return
    const resting = this.#resting
    this.#resting = this.#noted
    this.#noted = []
    for (const queue of resting) if (!queue.isNoted) this.#cut(queue, 0)
    for (const queue of this.#resting) {
      queue.isNoted = false
      this.#cut(queue, WORTHWHILE_BYTES)
    }
  }

  #cut(queue: QueueState, bytesMin: number): void {
    const owner = this.#ownerOf(queue)
    if (owner === undefined) return
    for (const [index, { log }] of owner.topic.partitions.entries()) {
      const end = this.#releasable(owner.topic, index)
      if (bytesOf(log, end) <= bytesMin) continue
      if (owner.settings.retentionMs === null) this.#cutAt(log, this.#keptByBytes(owner, log, end))
      else this.#cutByTime(owner, log, end).catch(error => this.#failed(owner, error))
    }
  }

  #cutAt(log: Log, end: number): void {
    if (end > log.startOffset) this.#runtime.store.truncateBefore(log.id, Offset(end))
  }

  /** What is to stay readable though it is settled is let go of when it is old enough. */
  async #cutByTime(owner: QueueState, log: Log, end: number): Promise<void> {
    const { retentionMs } = owner.settings
    const kept = await log.findByTime(this.#runtime.clock.now() - (retentionMs ?? 0))
    if (owner.isDeleted || this.#runtime.store.reliefRefusal !== null) return
    const byTime = Math.min(end, kept?.offset ?? log.confirmedEnd)
    const byBytes = this.#keptByBytes(owner, log, end)
    // With both limits, what one of them lets go goes.
    this.#cutAt(log, owner.settings.retentionBytes === null ? byTime : Math.max(byTime, byBytes))
    if (byTime < end) this.note(owner)
  }

  /** It is tried again when the queue settles something. */
  #failed({ spec: { namespace, name } }: QueueState, error: unknown): void {
    if (error instanceof InvariantError) throw error
    const facts = { namespace, queue: name, error }
    this.#runtime.logger.warn(facts, 'what a queue has settled stays: its log cannot be read')
  }

  /** Who made the topic; topics of others are theirs to shorten. */
  #ownerOf({ topic }: QueueState): QueueState | undefined {
    for (const queue of this.#queuesOn(topic))
      if (queue.ownsTopic && !queue.isDeleted && !queue.isStream) return queue
    return undefined
  }

  /** No queue on the topic asks for anything below. */
  #releasable(topic: Topic, index: number): number {
    let end = Number.POSITIVE_INFINITY
    for (const queue of this.#queuesOn(topic))
      end = Math.min(end, queue.lanes.all[index]!.releasable)
    return end
  }

  /** Where that begins which is to stay readable; `end` when it does not matter. */
  #keptByBytes({ settings: { retentionBytes } }: QueueState, log: Log, end: number): number {
    if (retentionBytes === null) return end
    const { startOffset, endOffset, sizeBytes } = log
    const kept = (retentionBytes / Math.max(1, sizeBytes)) * (endOffset - startOffset)
    return Math.min(end, Math.max(startOffset, endOffset - Math.ceil(kept)))
  }
}

/** About so many bytes lie below an offset. */
function bytesOf({ startOffset, endOffset, sizeBytes }: Log, end: number): number {
  if (end <= startOffset) return -1
  return (sizeBytes * (end - startOffset)) / Math.max(1, endOffset - startOffset)
}
