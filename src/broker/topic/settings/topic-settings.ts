import { limits } from '../../../limits/limits.ts'
import { atLeast, between, gzipLevel, listOfAny, oneOf, throttledReplicas } from './checks.ts'
import type { BrokerName, Check, Setting, SettingType } from './setting.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const LONG_MAX = '9223372036854775807'
/** Said of what is accepted and shown, so that scripts made for Kafka run, but changes nothing. */
const IDLE = 'Kept for compatibility; it has no effect here.'

type Row = {
  readonly type: SettingType
  readonly default: string
  readonly check?: Check
  readonly broker?: readonly (string | BrokerName)[]
  readonly doc: string
}

/** Every setting of a topic in Kafka 4.2, and ours. Facts from `LogConfig`, words our own. */
const rows = {
  'cleanup.policy': {
    type: 'list',
    default: 'delete',
    check: listOfAny('compact', 'delete'),
    broker: ['log.cleanup.policy'],
    doc: `What becomes of old records: "delete" drops them by age and size, "compact" keeps the \
last record of each key, "compact,delete" does both, and an empty value keeps everything.`,
  },
  'compression.gzip.level': {
    type: 'int',
    default: '-1',
    check: gzipLevel,
    broker: ['compression.gzip.level'],
    doc: 'The gzip level, 1 to 9 or -1 for the usual one, when the topic compresses with gzip.',
  },
  'compression.lz4.level': {
    type: 'int',
    default: '9',
    check: between(1, 17),
    broker: ['compression.lz4.level'],
    doc: `The lz4 level. ${IDLE}`,
  },
  'compression.type': {
    type: 'string',
    default: 'producer',
    check: oneOf('uncompressed', 'zstd', 'lz4', 'snappy', 'gzip', 'producer'),
    broker: ['compression.type'],
    doc: 'How batches are stored: as the "producer" compressed them, or always in the given way.',
  },
  'compression.zstd.level': {
    type: 'int',
    default: '3',
    check: between(-131_072, 22),
    broker: ['compression.zstd.level'],
    doc: 'The zstd level when the topic compresses with zstd.',
  },
  'delete.retention.ms': {
    type: 'long',
    default: String(DAY_MS),
    check: atLeast(0),
    broker: ['log.cleaner.delete.retention.ms'],
    doc: 'How long a compacted topic still shows that a key was deleted (a record without value).',
  },
  'file.delete.delay.ms': {
    type: 'long',
    default: '60000',
    check: atLeast(0),
    broker: ['log.segment.delete.delay.ms'],
    doc: `The wait before a dropped file is removed. ${IDLE}`,
  },
  'flush.messages': {
    type: 'long',
    default: LONG_MAX,
    check: atLeast(1),
    broker: ['log.flush.interval.messages'],
    doc: `Records between two forced writes to disk. ${IDLE} See sabir.durability.`,
  },
  'flush.ms': {
    type: 'long',
    default: LONG_MAX,
    check: atLeast(0),
    broker: ['log.flush.interval.ms', 'log.flush.scheduler.interval.ms'],
    doc: `Time between two forced writes to disk. ${IDLE} See sabir.durability.`,
  },
  'follower.replication.throttled.replicas': {
    type: 'list',
    default: '',
    check: throttledReplicas('follower.replication.throttled.replicas'),
    doc: `Replicas whose copying is slowed on the receiving side. ${IDLE}`,
  },
  'index.interval.bytes': {
    type: 'int',
    default: '4096',
    check: atLeast(0),
    broker: ['log.index.interval.bytes'],
    doc: `Bytes between two entries of an offset index. ${IDLE}`,
  },
  'leader.replication.throttled.replicas': {
    type: 'list',
    default: '',
    check: throttledReplicas('leader.replication.throttled.replicas'),
    doc: `Replicas whose copying is slowed on the sending side. ${IDLE}`,
  },
  'local.retention.bytes': {
    type: 'long',
    default: '-2',
    check: atLeast(-2),
    broker: ['log.local.retention.bytes'],
    doc: `Bytes kept on the local disk when older ones lie in remote storage. ${IDLE}`,
  },
  'local.retention.ms': {
    type: 'long',
    default: '-2',
    check: atLeast(-2),
    broker: ['log.local.retention.ms'],
    doc: `Time kept on the local disk when older records lie in remote storage. ${IDLE}`,
  },
  'max.compaction.lag.ms': {
    type: 'long',
    default: LONG_MAX,
    check: atLeast(1),
    broker: ['log.cleaner.max.compaction.lag.ms'],
    doc: 'A compacted topic is due once a record has waited this long, however little it gains.',
  },
  'max.message.bytes': {
    type: 'int',
    default: String(limits.batchBytesDefault),
    check: atLeast(0),
    broker: ['message.max.bytes'],
    doc: 'The largest batch of records a producer may send, after compression.',
  },
  'message.timestamp.after.max.ms': {
    type: 'long',
    default: String(HOUR_MS),
    check: atLeast(0),
    broker: ['log.message.timestamp.after.max.ms'],
    doc: 'How far in the future a record may claim to be made. Only with CreateTime.',
  },
  'message.timestamp.before.max.ms': {
    type: 'long',
    default: LONG_MAX,
    check: atLeast(0),
    broker: ['log.message.timestamp.before.max.ms'],
    doc: 'How far in the past a record may claim to be made. Only with CreateTime.',
  },
  'message.timestamp.type': {
    type: 'string',
    default: 'CreateTime',
    check: oneOf('CreateTime', 'LogAppendTime'),
    broker: ['log.message.timestamp.type'],
    doc: "Whether a record's time is the producer's (CreateTime) or the broker's (LogAppendTime).",
  },
  'min.cleanable.dirty.ratio': {
    type: 'double',
    default: '0.5',
    check: between(0, 1),
    broker: ['log.cleaner.min.cleanable.ratio'],
    doc: 'The share of not yet compacted bytes from which on a compacted topic is compacted.',
  },
  'min.compaction.lag.ms': {
    type: 'long',
    default: '0',
    check: atLeast(0),
    broker: ['log.cleaner.min.compaction.lag.ms'],
    doc: 'A record younger than this is never compacted away.',
  },
  'min.insync.replicas': {
    type: 'int',
    default: '1',
    check: atLeast(1),
    broker: ['min.insync.replicas'],
    doc: `Replicas that must have a record before acks=all is answered. ${IDLE} One broker keeps \
one replica, and answers once it is as durable as sabir.durability says.`,
  },
  preallocate: {
    type: 'boolean',
    default: 'false',
    broker: ['log.preallocate'],
    doc: `Whether files are given their full size at once. ${IDLE} The log always does.`,
  },
  'remote.log.copy.disable': {
    type: 'boolean',
    default: 'false',
    doc: `Whether nothing more is copied to remote storage. ${IDLE}`,
  },
  'remote.log.delete.on.disable': {
    type: 'boolean',
    default: 'false',
    doc: `Whether remote copies go when remote storage is switched off. ${IDLE}`,
  },
  'remote.storage.enable': {
    type: 'boolean',
    default: 'false',
    doc: `Whether old records move to remote storage. ${IDLE}`,
  },
  'retention.bytes': {
    type: 'long',
    default: '-1',
    broker: ['log.retention.bytes'],
    doc: 'The size a partition may reach before its oldest records go; -1 is no limit.',
  },
  'retention.ms': {
    type: 'long',
    default: String(7 * DAY_MS),
    check: atLeast(-1),
    broker: [
      'log.retention.ms',
      { name: 'log.retention.minutes', unitMs: 60_000 },
      { name: 'log.retention.hours', unitMs: HOUR_MS },
    ],
    doc: 'How long records are kept; -1 is for ever.',
  },
  'sabir.durability': {
    type: 'string',
    default: 'sync',
    check: oneOf('sync', 'async', 'memory'),
    broker: ['sabir.durability'],
    doc: `When a producer is told that its records are safe: "sync" after they are on the disk, \
"async" after the operating system has them, "memory" at once, and they are gone after a restart. \
Can be chosen when the topic is created.`,
  },
  'segment.bytes': {
    type: 'int',
    default: String(1024 * 1024 * 1024),
    // Kafka 4 wants a mebibyte at least; up to 3.9 it took this, and so do we.
    check: atLeast(14),
    broker: ['log.segment.bytes'],
    doc: 'The size of a segment. Retention and compaction work on whole segments.',
  },
  'segment.index.bytes': {
    type: 'int',
    default: String(10 * 1024 * 1024),
    check: atLeast(4),
    broker: ['log.index.size.max.bytes'],
    doc: `The size of an offset index. ${IDLE}`,
  },
  'segment.jitter.ms': {
    type: 'long',
    default: '0',
    check: atLeast(0),
    broker: ['log.roll.jitter.ms', { name: 'log.roll.jitter.hours', unitMs: HOUR_MS }],
    doc: `Randomness in segment.ms, so that not all segments close at once. ${IDLE}`,
  },
  'segment.ms': {
    type: 'long',
    default: String(7 * DAY_MS),
    check: atLeast(1),
    broker: ['log.roll.ms', { name: 'log.roll.hours', unitMs: HOUR_MS }],
    doc: 'The age at which a segment is closed even if it is small.',
  },
  'unclean.leader.election.enable': {
    type: 'boolean',
    default: 'false',
    broker: ['unclean.leader.election.enable'],
    doc: `Whether a replica that misses records may lead. ${IDLE}`,
  },
} as const satisfies Record<string, Row>

export type TopicSettingName = keyof typeof rows

export type TopicSetting = Setting & { readonly name: TopicSettingName }

export const topicSettings: ReadonlyMap<string, TopicSetting> = new Map(
  Object.entries<Row>(rows).map(([name, row]) => [name, settingOf(name, row)]),
)

function settingOf(name: string, row: Row): TopicSetting {
  return {
    // The name is a key of the rows.
    name: name as TopicSettingName,
    type: row.type,
    default: row.default,
    check: row.check ?? null,
    doc: row.doc,
    brokerNames: (row.broker ?? []).map(entry =>
      typeof entry === 'string' ? { name: entry, unitMs: 1 } : entry,
    ),
  }
}
