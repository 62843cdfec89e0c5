import { MessageReader } from '../../../message/message-reader.ts'
import { propertyHeaders } from '../../../message/record-mapping.ts'
import { StoredMessage } from '../../../message/stored-message.ts'
import { MalformedError } from '../../../lib/bytes/reader.ts'
import { CodecMissingError, compressionOf, countOf } from '../../../log/batch/index.ts'
import type { Partition, Topic } from '../../topic/index.ts'
import { isTooMuch } from './overflow.ts'
import { change } from '../queue-host.ts'
import type { QueueState } from '../queue-state.ts'

/**
 * Batches that come by no queue, but lie where one hands them out: what Kafka clients produce. The
 * queue whose topic it is keeps its limits against them, too, for the whole batch or not at all.
 */
export class Admission {
  readonly #queuesOn: (topic: Topic) => readonly QueueState[]
  readonly #reader = new MessageReader()
  readonly #view = new StoredMessage()

  constructor(queuesOn: (topic: Topic) => readonly QueueState[]) {
    this.#queuesOn = queuesOn
  }

  /** Why the batch must not be appended, or null: then it is about to be. */
  refusal(partition: Partition, batch: Buffer): string | null {
    const queues = this.#queuesOn(partition.topic)
    if (queues.length === 0) return null
    const owner = queues.find(({ ownsTopic, isStream }) => ownsTopic && !isStream)
    const isSized = owner !== undefined && owner.settings.lengthBytesMax !== null
    const { bodyBytes, isExpiring } = this.#look(batch, isSized)
    if (owner !== undefined && owner.isRefusing) {
      const bytes = isSized ? owner.readyBytes + bodyBytes : 0
      if (isTooMuch(owner, owner.readyCount + countOf(batch), bytes))
        return `Queue '${owner.spec.name}' is full.`
    }
    if (isSized) owner.lanes.all[partition.index]?.appended(bodyBytes)
    if (isExpiring) this.#expiring(queues)
    for (const queue of queues) queue.host.noteChange(queue, change.more)
    return null
  }

  #expiring(queues: readonly QueueState[]): void {
    for (const queue of queues) {
      queue.mayExpire = true
      if (!queue.isExpiring) queue.host.noteExpiring(queue)
    }
  }

  /** Unpacks it only where somebody has to know. */
  #look(batch: Buffer, isSized: boolean): { bodyBytes: number; isExpiring: boolean } {
    const seen = { bodyBytes: 0, isExpiring: false }
    if (!isSized && compressionOf(batch) === 'none' && !batch.includes(propertyHeaders.ttlMs))
      return seen
    const view = this.#view
    try {
      this.#reader.open(batch)
      for (let offset = 0; this.#reader.find(offset, view); offset = view.offset + 1) {
        seen.bodyBytes += view.bodyBytes
        if (view.ttlMs >= 0) seen.isExpiring = true
      }
    } catch (error) {
      // What cannot be unpacked is passed over when it is handed out.
      if (!(error instanceof MalformedError || error instanceof CodecMissingError)) throw error
    }
    this.#reader.close()
    return seen
  }
}
