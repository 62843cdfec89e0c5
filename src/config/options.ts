/**
 * Everything that can be configured, once: the file, the environment, the flags, their checks and
 * docs/configuration.md are all made from this table.
 */
export type Kind =
  | { readonly kind: 'text'; readonly form: string }
  | { readonly kind: 'boolean' }
  | { readonly kind: 'choice'; readonly values: readonly string[] }
  | { readonly kind: 'integer'; readonly min: number; readonly max: number }
  | { readonly kind: 'duration'; readonly minMs: number }
  | { readonly kind: 'bytes'; readonly min: number; readonly max?: number }
  | { readonly kind: 'address' }
  | { readonly kind: 'settings' }
  | { readonly kind: 'listeners' }

export type Option = Kind & {
  /** As in the file; the flag is --kafka-port, the environment variable SABIR_KAFKA_PORT. */
  readonly key: string
  /** The way people write it; null when it is not set. */
  readonly default: string | null
  readonly about: string
}

const INT32_MAX = 2 ** 31 - 1
const MiB = 1024 * 1024
const port = { kind: 'integer', min: 0, max: 65_535 } as const
const path = { kind: 'text', form: 'a path' } as const

export const options = [
  {
    key: 'data',
    ...path,
    default: './sabir-data',
    about: 'The folder of everything that is stored. It is made when it is missing.',
  },
  {
    key: 'storage',
    kind: 'choice',
    values: ['file', 'memory'],
    default: 'file',
    about: 'Where records are kept: in the data folder, or in memory until the broker stops.',
  },
  {
    key: 'durability',
    kind: 'choice',
    values: ['sync', 'async', 'memory'],
    default: 'sync',
    about:
      'When an acknowledgement is given: after the disk confirmed (sync), after the operating ' +
      'system took the bytes (async), or at once, and nothing is written (memory).',
  },
  {
    key: 'flush.interval',
    kind: 'duration',
    minMs: 1,
    default: '1s',
    about: 'With async durability: how often what was written is synced to the disk.',
  },
  {
    key: 'messages.bytes-max',
    kind: 'bytes',
    min: 1,
    max: 512 * MiB,
    default: '16MiB',
    about:
      'The largest body a client of queues may publish. A topic of Kafka clients has its own ' +
      'bound, max.message.bytes.',
  },
  {
    key: 'memory.tail',
    kind: 'bytes',
    min: MiB,
    default: '8MiB',
    about: 'How much of the newest records is kept in memory for readers that keep up.',
  },
  {
    key: 'memory.logs',
    kind: 'bytes',
    min: MiB,
    default: '512MiB',
    about:
      'How much all topics with memory durability (with memory storage: all topics) may hold ' +
      'together. Above it the oldest records go first.',
  },
  {
    key: 'memory.high-watermark',
    kind: 'integer',
    min: 0,
    max: 100,
    default: '60',
    about:
      'The share of all memory, in percent, above which clients of queues that publish are told ' +
      'to wait; 0 tells them at once.',
  },
  {
    key: 'disk.free-min',
    kind: 'bytes',
    min: 0,
    default: '50MB',
    about:
      'With less room than this where the data lies, clients of queues that publish are told to ' +
      'wait. Whatever is set, nothing that was acknowledged is lost on a full disk.',
  },
  {
    key: 'users.loopback',
    kind: 'text',
    form: 'names with commas between them, or none',
    default: 'guest',
    about: 'Who may log in from this machine only.',
  },
  {
    key: 'host',
    kind: 'text',
    form: 'an address or a host name',
    default: 'localhost',
    about: 'Where the default listeners listen. "localhost" is 127.0.0.1 and ::1.',
  },
  {
    key: 'insecure',
    kind: 'boolean',
    default: 'false',
    about:
      'Allows listeners that other machines can reach although nobody has to prove who they are.',
  },
  {
    key: 'kafka.port',
    ...port,
    default: '9092',
    about:
      'The port for Kafka clients; 0 takes any free one. When it is taken, the start fails, but ' +
      'the default is then skipped with a warning.',
  },
  {
    key: 'kafka.tls-port',
    ...port,
    default: '9093',
    about: 'The port for Kafka clients over TLS. It is listened on when tls.cert is set.',
  },
  {
    key: 'kafka.advertised',
    kind: 'address',
    default: null,
    about: 'Where Kafka clients are told to find the broker. Not set: where they connected.',
  },
  {
    key: 'amqp091.port',
    ...port,
    default: '5672',
    about:
      'The port for RabbitMQ clients (AMQP 0-9-1); 0 takes any free one. When it is taken, the ' +
      'start fails, but the default is then skipped with a warning.',
  },
  {
    key: 'amqp091.tls-port',
    ...port,
    default: '5671',
    about: 'The port for RabbitMQ clients over TLS. It is listened on when tls.cert is set.',
  },
  {
    key: 'resp.port',
    ...port,
    default: '6379',
    about:
      'The port for Redis clients; 0 takes any free one. When it is taken, the start fails, but ' +
      'the default is then skipped with a warning.',
  },
  {
    key: 'resp.tls-port',
    ...port,
    default: null,
    about: 'The port for Redis clients over TLS, for which there is no usual one.',
  },
  {
    key: 'disque.port',
    ...port,
    default: '7711',
    about:
      'The port for Disque clients; 0 takes any free one. When it is taken, the start fails, but ' +
      'the default is then skipped with a warning.',
  },
  {
    key: 'disque.tls-port',
    ...port,
    default: null,
    about: 'The port for Disque clients over TLS, for which there is no usual one.',
  },
  {
    key: 'resp.databases',
    kind: 'integer',
    min: 1,
    max: 256,
    default: '16',
    about: 'How many numbered databases Redis clients can select.',
  },
  {
    key: 'resp.appendfsync',
    kind: 'choice',
    values: ['always', 'everysec', 'no'],
    default: 'everysec',
    about:
      'When Redis clients are answered: after the disk has what they changed (always), after the ' +
      'operating system has it (everysec), or at once (no); the log is synced all the time.',
  },
  {
    key: 'resp.bulk-max',
    kind: 'bytes',
    min: MiB,
    max: 512 * MiB,
    default: '512MiB',
    about: 'The largest key, value or other word of a Redis client.',
  },
  {
    key: 'resp.requirepass',
    kind: 'text',
    form: 'a password',
    default: null,
    about:
      'What Redis clients have to know that give no user name. Not set: from this machine ' +
      'everybody may come in, from others only who logs in as a user.',
  },
  { key: 'tls.key', ...path, default: null, about: 'The private key for TLS (PEM).' },
  {
    key: 'tls.cert',
    ...path,
    default: null,
    about: 'The certificate for TLS (PEM), with those between it and the authority.',
  },
  {
    key: 'tls.ca',
    ...path,
    default: null,
    about: 'The certificates of the authorities that may sign client certificates (PEM).',
  },
  {
    key: 'tls.client-certificates',
    kind: 'choice',
    values: ['none', 'optional', 'required'],
    default: 'none',
    about: 'Whether TLS clients must show a certificate signed by tls.ca.',
  },
  {
    key: 'tls.version-min',
    kind: 'choice',
    values: ['TLSv1.2', 'TLSv1.3'],
    default: 'TLSv1.2',
    about: 'The oldest TLS version a client may speak.',
  },
  {
    key: 'listeners',
    kind: 'listeners',
    default: null,
    about:
      'The listeners, in place of the default ones. In the file a list of objects with name, ' +
      'protocol ("kafka", "amqp091", "resp", or "auto" to recognise it by the first bytes), ' +
      'host, port, advertised and tls; in a flag or the environment URLs with commas between: ' +
      'kafka://0.0.0.0:9092?advertised=broker.example:9092,kafka+tls://0.0.0.0:9093',
  },
  {
    key: 'connections.max',
    kind: 'integer',
    min: 1,
    max: 1_000_000,
    default: '20000',
    about: 'How many connections there may be at once; further ones are turned away.',
  },
  {
    key: 'stop.grace',
    kind: 'duration',
    minMs: 0,
    default: '5s',
    about: 'How long connections may finish what they began when the broker stops.',
  },
  {
    key: 'log.level',
    kind: 'choice',
    values: ['debug', 'info', 'warn', 'error', 'silent'],
    default: 'info',
    about: 'The least important log lines that are written.',
  },
  {
    key: 'log.format',
    kind: 'choice',
    values: ['auto', 'pretty', 'json'],
    default: 'auto',
    about: 'How log lines look. "auto" is pretty on a terminal and JSON elsewhere.',
  },
  {
    key: 'node.id',
    kind: 'integer',
    min: 0,
    max: INT32_MAX,
    default: '1',
    about: "The broker's number, as Kafka clients see it.",
  },
  {
    key: 'topics.auto-create',
    kind: 'boolean',
    default: 'true',
    about: 'Makes a topic when a client asks for one that is not there.',
  },
  {
    key: 'topics.partitions',
    kind: 'integer',
    min: 1,
    max: 100_000,
    default: '1',
    about: 'How many partitions a topic gets when its creator does not say.',
  },
  {
    key: 'topics.defaults',
    kind: 'settings',
    default: null,
    about:
      "Defaults of topic settings by Kafka's names, such as retention.ms. In the file an object; " +
      'in a flag or the environment retention.ms=3600000,cleanup.policy=compact',
  },
  {
    key: 'groups.offsets-retention',
    kind: 'duration',
    minMs: 0,
    default: '7d',
    about: 'How long committed offsets of a group without members are kept.',
  },
  {
    key: 'groups.initial-rebalance-delay',
    kind: 'duration',
    minMs: 0,
    default: '0ms',
    about: 'How long the first members of a new group wait for others.',
  },
  {
    key: 'groups.session-min',
    kind: 'duration',
    minMs: 1,
    default: '6s',
    about: 'The shortest session timeout a group member may ask for.',
  },
  {
    key: 'groups.session-max',
    kind: 'duration',
    minMs: 1,
    default: '30m',
    about: 'The longest session timeout a group member may ask for.',
  },
  {
    key: 'groups.members-max',
    kind: 'integer',
    min: 1,
    max: INT32_MAX,
    default: String(INT32_MAX),
    about: 'How many members a group may have.',
  },
  {
    key: 'producers.expiry',
    kind: 'duration',
    minMs: 1000,
    default: '1d',
    about: 'An idempotent producer that was silent for so long is forgotten.',
  },
] as const satisfies readonly Option[]

export type OptionKey = (typeof options)[number]['key']

export const optionOf = (key: string): Option | undefined =>
  options.find(option => option.key === key)

export const flagOf = (key: string): string => `--${key.replaceAll('.', '-')}`
export const variableOf = (key: string): string =>
  `SABIR_${key.replaceAll(/[.-]/g, '_').toUpperCase()}`
