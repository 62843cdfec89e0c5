import { limits } from '../../../limits/limits.ts'
import { appendFsyncPolicies } from '../durability.ts'
import type { RespOptions } from '../options.ts'
import type { Services } from '../services.ts'
import * as kinds from './kinds.ts'
import type { Parameter } from './parameters.ts'

const INT32_MAX = 2 ** 31 - 1
const MiB = 1024 * 1024

/** What the server does, and what it is. */
export function serverParameters(services: Services, options: RespOptions): Parameter[] {
  return [...liveParameters(services), ...factsOf(services, options)]
}

/** Those with an effect. */
function liveParameters(services: Services): Parameter[] {
  const { broker, durability, parameters, slowlog, latency } = services
  const { parserLimits } = parameters
  return [
    kinds.choice(
      'appendfsync',
      appendFsyncPolicies,
      () => durability.policy,
      policy => (durability.policy = policy),
    ),
    kinds.memory(
      'maxmemory',
      { min: 0, max: Number.MAX_SAFE_INTEGER },
      () => broker.keyspace.bytesMax,
      bytes => (broker.keyspace.bytesMax = bytes),
    ),
    kinds.memory(
      'proto-max-bulk-len',
      { min: MiB, max: limits.respBulkBytesDefault },
      () => parserLimits.bulkBytesMax,
      bytes => (parserLimits.bulkBytesMax = bytes),
    ),
    kinds.memory(
      'client-query-buffer-limit',
      { min: MiB, max: limits.respCommandBytesMax },
      () => parserLimits.commandBytesMax,
      bytes => (parserLimits.commandBytesMax = bytes),
    ),
    kinds.integer(
      'timeout',
      { min: 0, max: INT32_MAX },
      () => parameters.idleSecondsMax,
      seconds => (parameters.idleSecondsMax = seconds),
    ),
    kinds.integer(
      'slowlog-log-slower-than',
      { min: -1, max: Number.MAX_SAFE_INTEGER },
      () => slowlog.threshold,
      microseconds => (slowlog.threshold = microseconds),
    ),
    kinds.integer(
      'slowlog-max-len',
      { min: 0, max: limits.respSlowlogMax },
      () => slowlog.lengthMax,
      length => (slowlog.lengthMax = length),
    ),
    kinds.integer(
      'latency-monitor-threshold',
      { min: 0, max: Number.MAX_SAFE_INTEGER },
      () => latency.thresholdMs,
      milliseconds => (latency.thresholdMs = milliseconds),
    ),
  ]
}

/** Those that say how it is, as Redis would. */
function factsOf(services: Services, options: RespOptions): Parameter[] {
  const { settings } = services.broker.runtime
  return [
    kinds.only('appendonly', () => (services.durability.isKept ? 'yes' : 'no')),
    kinds.only('maxmemory-policy', () => 'noeviction'),
    kinds.only('cluster-enabled', () => 'no'),
    kinds.only('min-replicas-to-write', () => '0'),
    kinds.only('min-slaves-to-write', () => '0'),
    kinds.only('replicaof', () => ''),
    kinds.only('slaveof', () => ''),
    kinds.only('io-threads', () => '1'),
    kinds.only('loglevel', () => 'notice'),
    kinds.fixed('databases', String(options.databases)),
    kinds.fixed('maxclients', String(limits.connectionsMax)),
    kinds.fixed('port', () => String(services.run.port)),
    kinds.fixed('tls-port', '0'),
    kinds.fixed('bind', ''),
    kinds.fixed('unixsocket', ''),
    kinds.fixed('dir', settings.dataFolder ?? ''),
    kinds.fixed('logfile', ''),
    kinds.fixed('pidfile', ''),
    kinds.fixed('daemonize', 'no'),
    kinds.fixed('supervised', 'no'),
    kinds.fixed('aclfile', ''),
    kinds.fixed('appendfilename', 'chain'),
    kinds.fixed('appenddirname', 'chain'),
    kinds.fixed('enable-debug-command', 'local'),
    kinds.fixed('enable-module-command', 'no'),
    kinds.fixed('enable-protected-configs', 'no'),
    kinds.fixed('always-show-logo', 'no'),
    kinds.fixed('tcp-backlog', '511'),
  ]
}
