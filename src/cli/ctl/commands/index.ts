import type { Command } from '../command.ts'

type Module = { readonly commands: readonly Command[] }

/** Which module has which commands: only that one is loaded. */
const modules: readonly (readonly [names: string, load: () => Promise<Module>])[] = [
  ['help autocomplete version', () => import('./help.ts')],
  [
    'add_user delete_user change_password clear_password authenticate_user list_users ' +
      'set_user_tags set_user_limits clear_user_limits list_user_limits',
    () => import('./users.ts'),
  ],
  [
    'set_permissions clear_permissions list_permissions list_user_permissions ' +
      'set_topic_permissions clear_topic_permissions list_topic_permissions ' +
      'list_user_topic_permissions',
    () => import('./permissions.ts'),
  ],
  [
    'add_vhost delete_vhost list_vhosts set_vhost_tags set_vhost_limits clear_vhost_limits ' +
      'list_vhost_limits trace_on trace_off',
    () => import('./vhosts.ts'),
  ],
  [
    'set_policy clear_policy list_policies set_operator_policy clear_operator_policy ' +
      'list_operator_policies',
    () => import('./policies.ts'),
  ],
  [
    'set_parameter clear_parameter list_parameters set_global_parameter ' +
      'clear_global_parameter list_global_parameters set_cluster_name',
    () => import('./parameters.ts'),
  ],
  ['list_queues list_unresponsive_queues purge_queue delete_queue', () => import('./queues.ts')],
  ['list_exchanges list_bindings', () => import('./topology.ts')],
  [
    'list_connections list_channels list_consumers close_connection close_all_connections ' +
      'close_all_user_connections',
    () => import('./connections.ts'),
  ],
  ['await_startup wait', () => import('./wait.ts')],
  ['set_vm_memory_high_watermark set_disk_free_limit', () => import('./limits.ts')],
  ['export_definitions import_definitions', () => import('./definitions.ts')],
  [
    'list_feature_flags enable_feature_flag list_hashes list_ciphers force_gc',
    () => import('./features.ts'),
  ],
  [
    'check_running check_alarms check_local_alarms listeners check_port_connectivity ' +
      'check_port_listener check_protocol_listener check_virtual_hosts',
    () => import('./checks.ts'),
  ],
  [
    'ping status cluster_status environment await_online_nodes ' +
      'node_health_check stop_app start_app reset force_reset stop shutdown',
    () => import('./node.ts'),
  ],
  [
    'join_cluster forget_cluster_node change_cluster_node_type rename_cluster_node ' +
      'update_cluster_nodes force_boot sync_queue cancel_sync_queue eval eval_file exec encode ' +
      'decode suspend_listeners resume_listeners set_log_level restart_vhost rotate_logs report ' +
      'schema_info list_node_auth_attempt_stats',
    () => import('./refused.ts'),
  ],
]

export const commandNames: readonly string[] = modules.flatMap(([names]) => names.split(' '))

export async function commandOf(name: string): Promise<Command | undefined> {
  const found = modules.find(([names]) => names.split(' ').includes(name))
  return (await found?.[1]())?.commands.find(command => command.name === name)
}

export const allCommands = async (): Promise<readonly Command[]> =>
  (await Promise.all(modules.map(([, load]) => load()))).flatMap(({ commands }) => commands)
