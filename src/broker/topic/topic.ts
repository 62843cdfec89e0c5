import type { Log, LogId } from '../../log/store.ts'

/** Sixteen bytes, written the way Kafka prints them: base64url without padding, 22 characters. */
export type Uuid = string

/** A named set of logs. The name is unique among topics and queues of a namespace. */
export interface Topic {
  readonly name: string
  readonly namespace: string
  /** Stable for the life of the topic, over restarts; never used again after it is deleted. */
  readonly id: Uuid
  readonly partitions: readonly Partition[]
  /** True for the broker's own topics, which clients may read but not delete. */
  readonly isInternal: boolean
  /** True for what nobody lists. */
  readonly isHidden: boolean
  /** What differs from the defaults, by name ("retention.ms"), as text. */
  readonly overrides: ReadonlyMap<string, string>
  readonly settings: TopicSettings
  /** True once it is gone, for those who still hold it. */
  readonly isDeleted: boolean
}

/** One log of a topic. */
export interface Partition {
  readonly topic: Topic
  readonly index: number
  readonly logId: LogId
  /** Not to be used before the store is open. */
  readonly log: Log
}

/** The settings the broker acts on, parsed; overrides first, then the broker's defaults. */
export type TopicSettings = {
  readonly batchBytesMax: number
  readonly timestampType: 'create' | 'append'
  /** How far a record's own time may be before or after the broker's, in milliseconds. */
  readonly timestampBeforeMsMax: number
  readonly timestampAfterMsMax: number
  readonly compression: 'producer' | 'uncompressed' | 'gzip' | 'snappy' | 'lz4' | 'zstd'
  readonly isCompacted: boolean
}
