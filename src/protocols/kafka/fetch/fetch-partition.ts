import type { Partition, Topics, Uuid } from '../../../broker/topic/index.ts'

/** What a client wants of one partition: kept in its session, or for one request. */
export class FetchPartition {
  /** Empty when the client names topics by id. */
  readonly topicName: string
  readonly topicId: Uuid
  readonly index: number
  offset = 0
  bytesMax = 0
  leaderEpoch = -1
  lastFetchedEpoch = -1
  /** What the client was told last, for sessions: only changes are told again. */
  toldHighWatermark = -1
  toldStartOffset = -1
  #partition: Partition | undefined

  constructor(topicName: string, topicId: Uuid, index: number) {
    this.topicName = topicName
    this.topicId = topicId
    this.index = index
  }

  /** Undefined when there is no such partition (any more). */
  resolve(topics: Topics, isById: boolean): Partition | undefined {
    if (this.#partition === undefined || this.#partition.topic.isDeleted) {
      const topic = isById ? topics.byId(this.topicId) : topics.byName(this.topicName)
      this.#partition = topic?.partitions[this.index]
    }
    return this.#partition
  }
}
