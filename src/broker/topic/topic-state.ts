import { assert } from '../../lib/assert.ts'
import type { Log, LogId } from '../../log/store.ts'
import type { Partition, Topic, TopicSettings, Uuid } from './topic.ts'

/** A topic as the broker holds it. Only `Topics.evolve` changes it. */
export class TopicState implements Topic {
  readonly name: string
  readonly namespace: string
  readonly id: Uuid
  readonly isInternal: boolean
  readonly isHidden: boolean
  readonly partitions: PartitionState[]
  overrides: ReadonlyMap<string, string>
  settings: TopicSettings
  isDeleted = false

  constructor(parts: {
    name: string
    namespace: string
    id: Uuid
    isInternal: boolean
    isHidden: boolean
    overrides: ReadonlyMap<string, string>
    settings: TopicSettings
    logs: readonly LogId[]
  }) {
    this.name = parts.name
    this.namespace = parts.namespace
    this.isHidden = parts.isHidden
    this.id = parts.id
    this.isInternal = parts.isInternal
    this.overrides = parts.overrides
    this.settings = parts.settings
    this.partitions = parts.logs.map((logId, index) => new PartitionState(this, index, logId))
  }
}

export class PartitionState implements Partition {
  readonly topic: Topic
  readonly index: number
  readonly logId: LogId
  #log: Log | null = null

  constructor(topic: Topic, index: number, logId: LogId) {
    this.topic = topic
    this.index = index
    this.logId = logId
  }

  /** Bound once the store is open: while it replays, there are no logs to read yet. */
  get log(): Log {
    assert(this.#log !== null, 'partitions are used after the store opened')
    return this.#log
  }

  bind(log: Log | undefined): void {
    assert(log !== undefined, `the log of ${this.topic.name}-${this.index} exists`)
    this.#log = log
  }
}
