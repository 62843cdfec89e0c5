import { brokerSettingsDefault, type BrokerSettings } from '../broker/settings.ts'
import type { ProtocolOptions } from '../protocols/index.ts'
import type { ListenerOptions } from '../server/index.ts'
import { listenersOf } from './listeners.ts'
import { options, type OptionKey } from './options.ts'
import { parseBytes, parseDuration } from './units.ts'

/** Everything the start needs to know, checked. */
export type Config = {
  readonly dataFolder: string
  readonly storage: 'file' | 'memory'
  readonly flushIntervalMs: number
  readonly tailBytesMax: number
  readonly memoryBytesMax: number
  readonly listeners: readonly ListenerOptions[]
  readonly connectionsMax: number
  readonly stopGraceMs: number
  readonly log: {
    readonly level: 'debug' | 'info' | 'warn' | 'error' | 'silent'
    readonly format: 'auto' | 'pretty' | 'json'
  }
  readonly broker: BrokerSettings
  readonly protocols: ProtocolOptions
}

/** The values of all options: those given, and the defaults of the rest. */
export type Values = Partial<Record<OptionKey, unknown>>

/** Builds the configuration from checked values. Throws a ConfigError when they contradict. */
export function configOf(given: Values): Config {
  const values: Values = { ...defaults(), ...given }
  // The casts repeat the kinds of the table, by which the values were checked.
  const text = (key: OptionKey): string => values[key] as string
  const number = (key: OptionKey): number => values[key] as number
  const storage = text('storage') as Config['storage']
  const broker: BrokerSettings = {
    ...brokerSettingsDefault,
    nodeId: number('node.id'),
    durability: text('durability') as BrokerSettings['durability'],
    autoCreateTopics: values['topics.auto-create'] as boolean,
    partitionsDefault: number('topics.partitions'),
    offsetsRetentionMs: number('groups.offsets-retention'),
    groupInitialRebalanceDelayMs: number('groups.initial-rebalance-delay'),
    groupSessionMsMin: number('groups.session-min'),
    groupSessionMsMax: number('groups.session-max'),
    groupMembersMax: number('groups.members-max'),
    producerExpiryMs: number('producers.expiry'),
    messageBytesMax: number('messages.bytes-max'),
    memoryHighWatermark: number('memory.high-watermark') / 100,
    diskFreeBytesMin: number('disk.free-min'),
    loopbackUsers: namesOf(text('users.loopback')),
    topicDefaults: (values['topics.defaults'] ?? {}) as Record<string, string>,
  }
  return {
    dataFolder: text('data'),
    storage,
    flushIntervalMs: number('flush.interval'),
    tailBytesMax: number('memory.tail'),
    memoryBytesMax: number('memory.logs'),
    listeners: listenersOf(values, new Set(Object.keys(given))),
    connectionsMax: number('connections.max'),
    stopGraceMs: number('stop.grace'),
    log: {
      level: text('log.level') as Config['log']['level'],
      format: text('log.format') as Config['log']['format'],
    },
    broker,
    protocols: {
      resp: {
        databases: number('resp.databases'),
        appendFsync: text('resp.appendfsync') as ProtocolOptions['resp']['appendFsync'],
        bulkBytesMax: number('resp.bulk-max'),
        requirePass: (values['resp.requirepass'] as string | undefined) ?? null,
      },
    },
  }
}

const namesOf = (text: string): readonly string[] =>
  text === 'none' ? [] : text.split(',').map(name => name.trim())

/** The table's defaults, parsed without the schema, which is slow to load: a test compares them. */
export function defaults(): Values {
  const values: Values = {}
  for (const option of options) {
    if (option.default === null) continue
    values[option.key] = parseDefault(option.kind, option.default)
  }
  return values
}

function parseDefault(kind: string, text: string): unknown {
  switch (kind) {
    case 'boolean':
      return text === 'true'
    case 'integer':
      return Number(text)
    case 'duration':
      return parseDuration(text)
    case 'bytes':
      return parseBytes(text)
    default:
      return text
  }
}
