import { limits } from '../../../../../limits/limits.ts'
import type { Services } from '../../../services.ts'
import { REDIS_VERSION } from '../../../version.ts'
import { memoryFields } from './memory.ts'

export type InfoFields = readonly (readonly [name: string, value: string | number])[]

/** By the titles that Redis gives them, in its order. */
export const sections: Readonly<Record<string, (services: Services) => InfoFields>> = {
  Server: serverFields,
  Clients: clientFields,
  Memory: memoryFields,
  Persistence: persistenceFields,
  Stats: statisticsFields,
  Replication: replicationFields,
  CPU: cpuFields,
  Modules: () => [],
  Commandstats: commandFields,
  Errorstats: errorFields,
  Cluster: () => [['cluster_enabled', 0]],
  Keyspace: keyspaceFields,
}

/** Those that INFO shows without being asked for. */
export const usualSections: ReadonlySet<string> = new Set(
  Object.keys(sections)
    .map(title => title.toLowerCase())
    .filter(name => name !== 'commandstats'),
)

function serverFields({ run, broker }: Services): InfoFields {
  const { uptimeSeconds } = run
  return [
    ['redis_version', REDIS_VERSION],
    ['redis_git_sha1', '00000000'],
    ['redis_git_dirty', 0],
    ['redis_build_id', '0'],
    ['redis_mode', 'standalone'],
    ['os', process.platform],
    ['arch_bits', 64],
    ['multiplexing_api', 'libuv'],
    ['process_id', process.pid],
    ['process_supervised', 'no'],
    ['run_id', run.id],
    ['tcp_port', run.port],
    ['server_time_usec', broker.runtime.clock.now() * 1000],
    ['uptime_in_seconds', uptimeSeconds],
    ['uptime_in_days', Math.floor(uptimeSeconds / 86_400)],
    ['hz', 10],
    ['configured_hz', 10],
    ['executable', process.execPath],
    ['config_file', ''],
  ]
}

function clientFields({ clients, blocking, tracking }: Services): InfoFields {
  let inputBytes = 0
  let outputBytes = 0
  for (const client of clients.all()) {
    inputBytes = Math.max(inputBytes, client.host.pendingBytes)
    outputBytes = Math.max(outputBytes, client.outputBytes)
  }
  return [
    ['connected_clients', clients.count],
    ['cluster_connections', 0],
    ['maxclients', limits.connectionsMax],
    ['client_recent_max_input_buffer', inputBytes],
    ['client_recent_max_output_buffer', outputBytes],
    ['blocked_clients', blocking.count],
    ['tracking_clients', tracking.clientCount],
    ['clients_in_timeout_table', blocking.timedCount],
    ['total_blocking_keys', blocking.keyCount],
  ]
}

function persistenceFields({ broker, durability, run }: Services): InfoFields {
  const { store } = broker.runtime
  const isWell = store.refusal === null ? 'ok' : 'err'
  return [
    ['loading', 0],
    ['async_loading', 0],
    ['rdb_changes_since_last_save', 0],
    ['rdb_bgsave_in_progress', 0],
    ['rdb_last_save_time', run.savedAt],
    ['rdb_last_bgsave_status', isWell],
    ['rdb_last_bgsave_time_sec', -1],
    ['rdb_current_bgsave_time_sec', -1],
    ['aof_enabled', durability.isKept ? 1 : 0],
    ['aof_rewrite_in_progress', 0],
    ['aof_rewrite_scheduled', 0],
    ['aof_last_rewrite_time_sec', -1],
    ['aof_current_rewrite_time_sec', -1],
    ['aof_last_bgrewrite_status', isWell],
    ['aof_last_write_status', isWell],
    ['aof_buffer_length', store.unconfirmedBytes],
    ['aof_fsync_policy', durability.policy],
  ]
}

function statisticsFields({ statistics, broker, tracking }: Services): InfoFields {
  const { keyspace, channels } = broker
  const space = channels.in('/')
  return [
    ['total_connections_received', statistics.connections],
    ['total_commands_processed', statistics.commands],
    ['instantaneous_ops_per_sec', statistics.commandsPerSecond],
    ['total_net_input_bytes', statistics.inputBytes],
    ['rejected_connections', statistics.rejectedConnections],
    ['expired_keys', keyspace.expiredCount],
    ['evicted_keys', 0],
    ['evicted_clients', 0],
    ['pubsub_channels', space.channelCount],
    ['pubsub_patterns', space.patternCount],
    ['pubsubshard_channels', space.shardedChannelCount],
    ['latest_fork_usec', 0],
    ['total_forks', 0],
    ['tracking_total_keys', tracking.keyCount],
    ['tracking_total_items', tracking.keyCount],
    ['tracking_total_prefixes', tracking.prefixCount],
    ['total_error_replies', statistics.errorReplies],
  ]
}

/** It never replicates, so it never changes. */
function replicationFields({ run }: Services): InfoFields {
  return [
    ['role', 'master'],
    ['connected_slaves', 0],
    ['master_failover_state', 'no-failover'],
    ['master_replid', run.id],
    ['master_replid2', '0'.repeat(40)],
    ['master_repl_offset', 0],
    ['second_repl_offset', -1],
    ['repl_backlog_active', 0],
    ['repl_backlog_size', 0],
    ['repl_backlog_first_byte_offset', 0],
    ['repl_backlog_histlen', 0],
  ]
}

function cpuFields(): InfoFields {
  const { user, system } = process.cpuUsage()
  return [
    ['used_cpu_sys', (system / 1e6).toFixed(6)],
    ['used_cpu_user', (user / 1e6).toFixed(6)],
    ['used_cpu_sys_children', '0.000000'],
    ['used_cpu_user_children', '0.000000'],
  ]
}

function commandFields({ commands }: Services): InfoFields {
  const fields: [string, string][] = []
  for (const { name, calls, microseconds, rejectedCalls, failedCalls } of commands.all()) {
    if (calls === 0 && rejectedCalls === 0) continue
    const each = calls === 0 ? 0 : microseconds / calls
    fields.push([
      `cmdstat_${name}`,
      `calls=${calls},usec=${microseconds},usec_per_call=${each.toFixed(2)},` +
        `rejected_calls=${rejectedCalls},failed_calls=${failedCalls}`,
    ])
  }
  return fields
}

function errorFields({ statistics }: Services): InfoFields {
  return [...statistics.errors].map(([code, count]) => [`errorstat_${code}`, `count=${count}`])
}

function keyspaceFields({ broker }: Services): InfoFields {
  const fields: [string, string][] = []
  for (const database of broker.keyspace.databases) {
    const count = database.count()
    if (count === 0) continue
    const expires = database.expiringCount
    fields.push([`db${database.index}`, `keys=${count},expires=${expires},avg_ttl=0`])
  }
  return fields
}
