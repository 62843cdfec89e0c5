import { readFileSync, writeFileSync } from 'node:fs'
import { argv } from 'node:process'
import { fileURLToPath } from 'node:url'
import { policyKeys, queueSettingKeys } from '../src/broker/policy/index.ts'
import { exchangeTypes } from '../src/broker/routing/index.ts'
import { methods } from '../src/protocols/amqp091/schema/index.ts'
import { commandNames } from '../src/cli/ctl/commands/index.ts'
import { refusals } from '../src/cli/ctl/commands/refused.ts'
import { commands as disqueCommands } from '../src/protocols/disque/commands/index.ts'
import { handlerOf } from '../src/protocols/kafka/handlers/index.ts'
import { type Api, apis } from '../src/protocols/kafka/schema/index.ts'
import type { Command } from '../src/protocols/resp/command.ts'
import { commands as redisCommands } from '../src/protocols/resp/commands/index.ts'

/**
 * Writes COMPAT.md from what the protocols have registered, so that it cannot claim more.
 * With --check it only compares, and fails when the file is stale.
 */
const PATH = fileURLToPath(new URL('../COMPAT.md', import.meta.url))

/** Why an API is not served, by the first key of a run that shares the reason. */
const reasons: Readonly<Record<string, string>> = {
  transactions: 'transactions are a later step; the API is not advertised',
  security: 'Kafka clients do not log in yet; their listener is on loopback unless told otherwise',
  groups: 'only the classic group protocol is served yet',
  cluster: 'there is one node, and nothing to move',
  quotas: 'there are no quotas yet',
  telemetry: 'left out so that clients do not push metrics nobody reads',
}

const reasonOf: Readonly<Record<string, keyof typeof reasons>> = {
  AddPartitionsToTxn: 'transactions',
  AddOffsetsToTxn: 'transactions',
  EndTxn: 'transactions',
  TxnOffsetCommit: 'transactions',
  DescribeTransactions: 'transactions',
  ListTransactions: 'transactions',
  SaslHandshake: 'security',
  SaslAuthenticate: 'security',
  DescribeAcls: 'security',
  CreateAcls: 'security',
  DeleteAcls: 'security',
  CreateDelegationToken: 'security',
  RenewDelegationToken: 'security',
  ExpireDelegationToken: 'security',
  DescribeDelegationToken: 'security',
  DescribeUserScramCredentials: 'security',
  AlterUserScramCredentials: 'security',
  ConsumerGroupHeartbeat: 'groups',
  ConsumerGroupDescribe: 'groups',
  ShareGroupHeartbeat: 'groups',
  ShareGroupDescribe: 'groups',
  ShareFetch: 'groups',
  ShareAcknowledge: 'groups',
  StreamsGroupHeartbeat: 'groups',
  StreamsGroupDescribe: 'groups',
  DescribeShareGroupOffsets: 'groups',
  AlterShareGroupOffsets: 'groups',
  DeleteShareGroupOffsets: 'groups',
  AlterReplicaLogDirs: 'cluster',
  ElectLeaders: 'cluster',
  AlterPartitionReassignments: 'cluster',
  ListPartitionReassignments: 'cluster',
  DescribeQuorum: 'cluster',
  UpdateFeatures: 'cluster',
  UnregisterBroker: 'cluster',
  DescribeClientQuotas: 'quotas',
  AlterClientQuotas: 'quotas',
  GetTelemetrySubscriptions: 'telemetry',
  PushTelemetry: 'telemetry',
}

export function compatText(): string {
  return [
    '# What works',
    '',
    '<!-- Made by `npm run compat` from the registries of the protocols. Do not edit. -->',
    '',
    '## Kafka',
    '',
    'Versions are what ApiVersions advertises. "Known" is what Apache Kafka 3.9 to 4.2 has.',
    '',
    '| Key | API | Served | Known | Why not, or not all |',
    '|---:|---|---|---|---|',
    ...apis.map(row),
    '',
    ...amqpText(),
    ...rabbitmqctlText(),
    ...redisText(),
    ...disqueText(),
  ].join('\n')
}

/** What of RabbitMQ is another protocol, or a later step. */
const amqpLater: readonly (readonly [what: string, why: string])[] = [
  ['AMQP 1.0, MQTT, STOMP, the stream protocol of port 5552', 'protocols of their own, later'],
  ['Management HTTP API and Prometheus', 'later; `sabir rabbitmqctl` does what scripts need'],
  ['Federation, shovel', 'their parameters are kept and do nothing'],
  ['Replicas', 'one node: quorum queues and streams have one member'],
  ['LDAP, HTTP, OAuth 2 authentication', 'users are the broker’s own, or certificates'],
]

function amqpText(): string[] {
  const sorted = methods.toSorted((one, other) => one.key - other.key)
  const classes = new Set(sorted.map(({ name }) => name.split('.')[0]!))
  const inClass = (one: string): string[] =>
    sorted.filter(({ name }) => name.startsWith(`${one}.`)).map(({ name }) => name)
  const list = (names: Iterable<string>): string =>
    Array.from(names, name => `\`${name}\``).join(', ')
  return [
    '## AMQP 0-9-1, as RabbitMQ speaks it',
    '',
    'Every method of the specification and of RabbitMQ’s extensions, in both directions:',
    '',
    '| Class | Methods |',
    '|---|---|',
    ...Array.from(
      classes,
      one =>
        `| ${one} | ${inClass(one)
          .map(name => name.slice(one.length + 1))
          .join(', ')} |`,
    ),
    '',
    `Exchange types: ${list(exchangeTypes)}.`,
    '',
    `Queue arguments (each with \`x-\` before it): ${list(Object.keys(queueSettingKeys))},`,
    '`queue-type`, `single-active-consumer`, `max-priority`, `source`, `source-from`.',
    '',
    `Policy keys, some of them taken without effect (docs/queues.md): ${list(policyKeys.keys())}.`,
    '',
    '| Not here | Why |',
    '|---|---|',
    ...amqpLater.map(([what, why]) => `| ${what} | ${why} |`),
    '',
    'What differs in detail: `src/protocols/amqp091/README.md`.',
    '',
  ]
}

function rabbitmqctlText(): string[] {
  const served = commandNames.filter(name => !Object.hasOwn(refusals, name))
  return [
    '## rabbitmqctl',
    '',
    'Commands of `sabir rabbitmqctl`, those of rabbitmq-diagnostics among them. Answers are',
    'compared, line by line, with those of RabbitMQ 3.10 (`test/cli/rabbitmqctl/`).',
    '',
    served
      .toSorted()
      .map(name => `\`${name}\``)
      .join(', '),
    '',
    '| Refused | Why |',
    '|---|---|',
    ...Object.entries(refusals).map(([name, [, , reason]]) => `| \`${name}\` | ${reason} |`),
    '',
  ]
}

/** What of Redis 8 is missing, and why. */
const redisLater: readonly (readonly [what: string, why: string])[] = [
  ['FUNCTION, FCALL, FCALL_RO', 'later; EVAL, EVALSHA and their libraries are here'],
  ['MIGRATE, SYNC, PSYNC, REPLCONF, RESTORE-ASKING', 'there are no replicas of Redis’ kind'],
  ['CLUSTER commands that change or need slots', 'one broker has all keys: CLUSTER is disabled'],
  ['SENTINEL', 'the same'],
  ['LATENCY GRAPH, PFDEBUG, PFSELFTEST', 'they look into Redis itself'],
  ['Modules: JSON, Search, TimeSeries, Bloom filters, vector sets', 'later, if at all'],
]

function redisText(): string[] {
  const groups = [...new Set(redisCommands.map(({ group }) => group))].toSorted()
  return [
    '## Redis',
    '',
    'RESP2 and RESP3. Replies, errors included, are compared with those of redis-server 7.0.15,',
    'and for what is newer with what Redis’ sources say (`test/resp/compare/`).',
    '',
    '| Group | Commands |',
    '|---|---|',
    ...groups.map(group => {
      const names = redisCommands.filter(one => one.group === group).map(withSubcommands)
      return `| ${group} | ${names.toSorted().join(', ')} |`
    }),
    '',
    '| Not here | Why |',
    '|---|---|',
    ...redisLater.map(([what, why]) => `| ${what} | ${why} |`),
    '',
    'What differs in detail: `src/protocols/resp/README.md`.',
    '',
  ]
}

function withSubcommands({ name, subcommands }: Command): string {
  if (subcommands === undefined) return name.toUpperCase()
  const names = subcommands.map(one => one.name.split('|')[1]!.toUpperCase())
  return `${name.toUpperCase()} (${names.toSorted().join(' ')})`
}

const disqueText = (): string[] => [
  '## Disque',
  '',
  `Commands, on a port of their own: ${disqueCommands
    .map(({ name }) => name.toUpperCase())
    .toSorted()
    .join(', ')}.`,
  '',
  'What differs in detail: `src/protocols/disque/README.md`.',
  '',
]

function row(api: Api): string {
  const handler = handlerOf(api.key)
  const known = range(api.versions)
  const served = handler === undefined ? 'no' : range(handler.versions)
  const reason = reasonOf[api.name]
  const why =
    handler === undefined && reason !== undefined ? reasons[reason] : partly(served, known)
  return `| ${api.key} | ${api.name} | ${served} | ${known} | ${why ?? ''} |`
}

function partly(served: string, known: string): string {
  if (served === 'no') return 'later'
  return served === known ? '' : 'the versions left out are previews'
}

function range([first, last]: readonly [number, number]): string {
  return first === last ? `${first}` : `${first}–${last}`
}

if (argv[1] === fileURLToPath(import.meta.url)) {
  const text = compatText()
  if (!argv.includes('--check')) writeFileSync(PATH, text)
  else if (readFileSync(PATH, 'utf8') !== text) {
    process.stderr.write('COMPAT.md is stale: run npm run compat\n')
    process.exitCode = 1
  }
}
