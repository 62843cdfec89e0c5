import { limits } from '../../../limits/limits.ts'
import type { BrokerSettings } from '../../settings.ts'
import type { Setting } from './setting.ts'
import { topicSettings } from './topic-settings.ts'

/** A setting of a broker, under the name that Kafka's tools know. */
export type BrokerSetting = Setting & {
  /** Whether it can be changed while the broker runs. */
  readonly isDynamic: boolean
  /** What the configuration says, or null when it is silent. */
  readonly fixed: (settings: BrokerSettings) => string | null
}

type Row = {
  readonly type: Setting['type']
  readonly default: string | null
  readonly fixed: (settings: BrokerSettings) => string | number | boolean
  readonly doc: string
}

const MINUTE_MS = 60_000

/** What is fixed when the broker starts. Defaults are Kafka's, to tell what differs from it. */
const rows: Readonly<Record<string, Row>> = {
  'auto.create.topics.enable': {
    type: 'boolean',
    default: 'true',
    fixed: settings => settings.autoCreateTopics,
    doc: 'Whether a topic is made when a client first asks for it.',
  },
  'broker.id': {
    type: 'int',
    default: '-1',
    fixed: settings => settings.nodeId,
    doc: 'The number of this broker; the same as node.id.',
  },
  'default.replication.factor': {
    type: 'int',
    default: '1',
    fixed: () => 1,
    doc: 'Replicas of a topic that is made without saying how many. One broker keeps one.',
  },
  'delete.topic.enable': {
    type: 'boolean',
    default: 'true',
    fixed: () => true,
    doc: 'Whether topics can be deleted.',
  },
  'group.initial.rebalance.delay.ms': {
    type: 'int',
    default: '3000',
    fixed: settings => settings.groupInitialRebalanceDelayMs,
    doc: 'How long the first members of a new group wait for others to join.',
  },
  'group.max.session.timeout.ms': {
    type: 'int',
    default: '1800000',
    fixed: settings => settings.groupSessionMsMax,
    doc: 'The longest silence a member of a group may ask to be granted.',
  },
  'group.max.size': {
    type: 'int',
    default: '2147483647',
    fixed: settings => settings.groupMembersMax,
    doc: 'How many members a group may have.',
  },
  'group.min.session.timeout.ms': {
    type: 'int',
    default: '6000',
    fixed: settings => settings.groupSessionMsMin,
    doc: 'The shortest silence a member of a group may ask to be granted.',
  },
  'log.cleaner.enable': {
    type: 'boolean',
    default: 'true',
    fixed: () => true,
    doc: 'Whether compacted topics are compacted.',
  },
  'log.dirs': {
    type: 'list',
    default: null,
    fixed: settings => settings.dataFolder ?? 'memory',
    doc: 'Where the log lies.',
  },
  'node.id': {
    type: 'int',
    default: null,
    fixed: settings => settings.nodeId,
    doc: 'The number of this broker.',
  },
  'num.partitions': {
    type: 'int',
    default: '1',
    fixed: settings => settings.partitionsDefault,
    doc: 'Partitions of a topic that is made without saying how many.',
  },
  'offsets.retention.minutes': {
    type: 'int',
    default: '10080',
    fixed: settings => Math.round(settings.offsetsRetentionMs / MINUTE_MS),
    doc: 'How long committed offsets of an empty group are kept.',
  },
  'process.roles': {
    type: 'list',
    default: null,
    fixed: () => 'broker,controller',
    doc: 'What this process does. One process does everything.',
  },
  'producer.id.expiration.ms': {
    type: 'int',
    default: '86400000',
    fixed: settings => settings.producerExpiryMs,
    doc: 'After how much silence an idempotent producer is forgotten.',
  },
  'socket.request.max.bytes': {
    type: 'int',
    default: '104857600',
    fixed: () => limits.requestBytesMax,
    doc: 'The largest request a client may send.',
  },
}

/** All of them, by name: what is fixed, and what stands in for the settings of topics. */
export const brokerSettings: ReadonlyMap<string, BrokerSetting> = new Map(
  [
    ...Object.entries(rows).map(([name, row]) => fixedSetting(name, row)),
    ...[...topicSettings.values()].flatMap(topicDefaults),
  ]
    .toSorted((one, other) => (one.name < other.name ? -1 : 1))
    .map(setting => [setting.name, setting]),
)

function fixedSetting(name: string, row: Row): BrokerSetting {
  return {
    name,
    type: row.type,
    default: row.default,
    check: null,
    doc: row.doc,
    brokerNames: [],
    isDynamic: false,
    fixed: settings => {
      const value = String(row.fixed(settings))
      return value === row.default ? null : value
    },
  }
}

/** Where one setting has several names, the last has the default and the first can be changed. */
function topicDefaults(setting: Setting): BrokerSetting[] {
  return setting.brokerNames.map(({ name, unitMs }, index, names) => ({
    name,
    type: unitMs === 1 ? setting.type : 'int',
    default: index === names.length - 1 ? inUnit(setting.default, unitMs) : null,
    check: setting.check,
    doc: `For topics that do not set ${setting.name} themselves. ${setting.doc}`,
    brokerNames: names.slice(index + 1),
    isDynamic: index === 0,
    fixed: settings => (index === 0 ? fixedTopicDefault(setting.name, settings) : null),
  }))
}

function fixedTopicDefault(name: string, settings: BrokerSettings): string | null {
  const value = settings.topicDefaults[name]
  if (value !== undefined) return value
  return name === 'sabir.durability' && settings.durability !== 'sync' ? settings.durability : null
}

export function inUnit(value: string | null, unitMs: number): string | null {
  return value === null || unitMs === 1 ? value : String(Number(value) / unitMs)
}
