import { featureFlags } from './feature-flags.ts'

/** What the broker says of itself (operation `status`). */
export type Facts = {
  readonly version: string
  readonly rabbitmqVersion: string
  readonly node: string
  readonly nodeName: string
  readonly pid: number
  readonly dataFolder: string | null
  readonly uptimeSeconds: number
  readonly memoryBytes: number
  readonly connections: number
  readonly isSuspended: boolean
  readonly durability: string
  readonly refusal: { readonly message: string } | null
  readonly listeners: readonly Listener[]
  readonly alarms: {
    readonly active: Readonly<Record<string, string>>
    readonly memoryUsedBytes: number | null
    readonly memoryLimitBytes: number | null
    readonly memoryWatermark: { readonly fraction?: number; readonly bytes?: number }
    readonly diskFreeBytes: number | null
    readonly diskFreeBytesMin: number
  }
  readonly totals: Readonly<Record<string, number>>
}

export type Listener = {
  readonly name: string
  readonly protocol: string
  readonly isTls: boolean
  readonly port: number
  readonly hosts: readonly string[]
}

type Report = { readonly text: string; readonly value: unknown }

const bold = (text: string): string => `\x1b[1m${text}\x1b[0m`
const section = (title: string, lines: readonly string[]): string =>
  `${bold(title)}\n\n${lines.join('\n')}\n`

const units: Readonly<Record<string, number>> = {
  bytes: 1,
  mb: 1e6,
  gb: 1e9,
}

export function statusReport(facts: Facts, unit: string): Report {
  const divisor = units[unit] ?? units['gb']!
  const show = (bytes: number | null): string =>
    bytes === null ? 'unknown' : `${Number((bytes / divisor).toFixed(4))} ${unit}`
  const { alarms, totals } = facts
  const mark =
    alarms.memoryWatermark.fraction === undefined
      ? `${alarms.memoryWatermark.bytes} bytes`
      : `${alarms.memoryWatermark.fraction} of available memory`
  const text = [
    section('Runtime', [
      `OS PID: ${facts.pid}`,
      `OS: ${process.platform}`,
      `Uptime (seconds): ${facts.uptimeSeconds}`,
      'Is under maintenance?: false',
      `Takes clients?: ${!facts.isSuspended}`,
      `RabbitMQ version: ${facts.rabbitmqVersion}`,
      `Sabir version: ${facts.version}`,
      `Node name: ${facts.nodeName}`,
      `Node.js version: ${facts.node}`,
      `Durability: ${facts.durability}`,
    ]),
    section('Data directory', [`Node data directory: ${facts.dataFolder ?? '(in memory)'}`]),
    section('Alarms', alarmLines(facts)),
    section('Memory', [
      `Total memory used: ${show(alarms.memoryUsedBytes ?? facts.memoryBytes)}`,
      'Calculation strategy: rss',
      `Memory high watermark setting: ${mark}, computed to: ${show(alarms.memoryLimitBytes)}`,
    ]),
    section('Free Disk Space', [
      `Low free disk space watermark: ${show(alarms.diskFreeBytesMin)}`,
      `Free disk space: ${show(alarms.diskFreeBytes)}`,
    ]),
    section('Totals', [
      `Connection count: ${totals['connections']}`,
      `Queue count: ${totals['queues']}`,
      `Virtual host count: ${totals['namespaces']}`,
      `Topic count: ${totals['topics']}`,
      `Group count: ${totals['groups']}`,
    ]),
    section('Listeners', interfaces(facts.listeners)),
  ].join('\n')
  return { text: text.trimEnd(), value: statusValue(facts) }
}

const statusValue = (facts: Facts): unknown => ({
  alarms: Object.keys(facts.alarms.active),
  data_directory: facts.dataFolder,
  disk_free: facts.alarms.diskFreeBytes,
  disk_free_limit: facts.alarms.diskFreeBytesMin,
  is_under_maintenance: false,
  listeners: facts.listeners.flatMap(listener => listenerRows(listener, facts.nodeName)),
  memory: { total: { rss: facts.alarms.memoryUsedBytes ?? facts.memoryBytes } },
  node_name: facts.nodeName,
  os: process.platform,
  pid: facts.pid,
  processes: {},
  rabbitmq_version: facts.rabbitmqVersion,
  sabir_version: facts.version,
  totals: {
    connection_count: facts.totals['connections'],
    queue_count: facts.totals['queues'],
    virtual_host_count: facts.totals['namespaces'],
  },
  uptime: facts.uptimeSeconds,
  vm_memory_high_watermark_limit: facts.alarms.memoryLimitBytes,
  vm_memory_high_watermark_setting: facts.alarms.memoryWatermark,
})

export function clusterReport(facts: Facts, name: string): Report {
  const { nodeName } = facts
  const lines = interfaces(facts.listeners).map(
    line => `Node: ${nodeName}, ${line.charAt(0).toLowerCase()}${line.slice(1)}`,
  )
  const text = [
    section('Basics', [`Cluster name: ${name}`]),
    section('Disk Nodes', [nodeName]),
    section('Running Nodes', [nodeName]),
    section('Versions', [
      `${nodeName}: RabbitMQ ${facts.rabbitmqVersion} on Sabir ${facts.version}`,
    ]),
    section('Maintenance status', [`Node: ${nodeName}, status: not under maintenance`]),
    section('Alarms', alarmLines(facts)),
    section('Network Partitions', ['(none)']),
    section('Listeners', lines),
    section(
      'Feature flags',
      featureFlags.map(flag => `Flag: ${flag}, state: enabled`),
    ),
  ].join('\n')
  const value = {
    alarms: Object.keys(facts.alarms.active),
    cluster_name: name,
    disk_nodes: [nodeName],
    feature_flags: featureFlags.map(flag => ({ name: flag, state: 'enabled' })),
    listeners: {
      [nodeName]: facts.listeners.flatMap(listener => listenerRows(listener, nodeName)),
    },
    maintenance_status: { [nodeName]: 'not under maintenance' },
    partitions: {},
    ram_nodes: [],
    running_nodes: [nodeName],
    versions: { [nodeName]: { rabbitmq_version: facts.rabbitmqVersion } },
  }
  return { text: text.trimEnd(), value }
}

export function alarmLines({ alarms, refusal }: Facts): readonly string[] {
  const lines = Object.entries(alarms.active).map(([kind, reason]) => `${kind}: ${reason}`)
  if (refusal !== null && alarms.active['disk'] === undefined) lines.push(refusal.message)
  return lines.length === 0 ? ['(none)'] : lines
}

/** By the names RabbitMQ gives its own. */
const protocolNames: Readonly<Record<string, string>> = { amqp091: 'amqp' }
const purposes: Readonly<Record<string, string>> = {
  amqp091: 'AMQP 0-9-1',
  kafka: 'Kafka',
  auto: 'all protocols',
}

export const protocolOf = ({ protocol, isTls }: Listener): string =>
  `${protocolNames[protocol] ?? protocol}${isTls ? '/ssl' : ''}`

const listenerRows = (listener: Listener, node: string): readonly object[] =>
  listener.hosts.map(host => ({
    interface: host,
    node,
    port: listener.port,
    protocol: protocolOf(listener),
    purpose: purposes[listener.protocol] ?? listener.protocol,
  }))

export const interfaces = (listeners: readonly Listener[]): readonly string[] =>
  listeners.flatMap(listener =>
    listener.hosts.map(
      host =>
        `Interface: ${host.includes(':') ? `[${host}]` : host}, port: ${listener.port}, ` +
        `protocol: ${protocolOf(listener)}, ` +
        `purpose: ${purposes[listener.protocol] ?? listener.protocol}`,
    ),
  )
