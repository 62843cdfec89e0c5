import { limits } from '../limits/limits.ts'
import type { Durability } from '../log/store.ts'

/** What an operator may set for the whole broker, as docs/configuration.md explains. */
export type BrokerSettings = {
  readonly nodeId: number
  /** Where the log lies, for people who ask; null when it is in memory only. */
  readonly dataFolder: string | null
  readonly durability: Durability
  readonly autoCreateTopics: boolean
  readonly partitionsDefault: number
  /** How long committed offsets of an empty group are kept, in milliseconds. */
  readonly offsetsRetentionMs: number
  /** How long the first members of a new group wait for others, in milliseconds. */
  readonly groupInitialRebalanceDelayMs: number
  readonly groupSessionMsMin: number
  readonly groupSessionMsMax: number
  readonly groupMembersMax: number
  /** An idempotent producer that was silent for so long is forgotten, in milliseconds. */
  readonly producerExpiryMs: number
  /** The largest body a queue's client may publish, in bytes. */
  readonly messageBytesMax: number
  /** The share of all memory (0..1) above which queues' publishers are told to wait. */
  readonly memoryHighWatermark: number
  /** The room on the disk below which they are, in bytes. */
  readonly diskFreeBytesMin: number
  /** Users who may come from this machine only. */
  readonly loopbackUsers: readonly string[]
  /** Defaults of topic settings, by their name ("retention.ms"), as text. */
  readonly topicDefaults: Readonly<Record<string, string>>
}

/** Apache Kafka's own defaults, but for the rebalance delay: nobody likes to wait three seconds. */
export const brokerSettingsDefault: BrokerSettings = {
  nodeId: 1,
  dataFolder: null,
  durability: 'sync',
  autoCreateTopics: true,
  partitionsDefault: 1,
  offsetsRetentionMs: 7 * 24 * 3600 * 1000,
  groupInitialRebalanceDelayMs: 0,
  groupSessionMsMin: 6_000,
  groupSessionMsMax: 1_800_000,
  groupMembersMax: 2_147_483_647,
  producerExpiryMs: 24 * 3600 * 1000,
  messageBytesMax: limits.messageBytesDefault,
  memoryHighWatermark: 0.6,
  diskFreeBytesMin: 50_000_000,
  loopbackUsers: ['guest'],
  topicDefaults: {},
}
