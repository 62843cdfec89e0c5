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
    for (const queue of resting) if (!queue.isNoted) void this.#cut(queue, 0)
    for (const queue of this.#resting) {
      queue.isNoted = false
      void this.#cut(queue, WORTHWHILE_BYTES)
    }
  }

  async #cut(queue: QueueState, bytesMin: number): Promise<void> {
    const owner = this.#ownerOf(queue)
    if (owner === undefined) return
    for (const [index, { log }] of owner.topic.partitions.entries()) {
      let end: number = this.#releasable(owner.topic, index)
      if (bytesOf(log, end) <= bytesMin) continue
      end = Math.min(end, await this.#retained(owner, log))
      if (owner.isDeleted || this.#runtime.store.reliefRefusal !== null) return
      if (bytesOf(log, end) > bytesMin) this.#runtime.store.truncateBefore(log.id, Offset(end))
      else if (end < this.#releasable(owner.topic, index)) this.note(queue) // It gets older.
    }
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

  /** Where that begins which is to stay readable though it is settled. */
  async #retained({ settings }: QueueState, log: Log): Promise<number> {
    const { retentionMs, retentionBytes } = settings
    let start = Number.POSITIVE_INFINITY
    if (retentionMs !== null) {
      const kept = await log.findByTime(this.#runtime.clock.now() - retentionMs)
      start = kept?.offset ?? log.confirmedEnd
    }
    if (retentionBytes !== null) {
      const records = log.endOffset - log.startOffset
      const keptRecords = Math.ceil((retentionBytes / Math.max(1, log.sizeBytes)) * records)
      const kept = Math.max(log.startOffset, log.endOffset - keptRecords)
      // With both, what one of them lets go goes.
      start = retentionMs === null ? kept : Math.max(start, kept)
    }
    return start
  }
}

/** About so many bytes lie below an offset. */
function bytesOf({ startOffset, endOffset, sizeBytes }: Log, end: number): number {
  if (end <= startOffset) return -1
  return (sizeBytes * (end - startOffset)) / Math.max(1, endOffset - startOffset)
}
