import { type Command, CtlError, ctlExit, type Section } from '../command.ts'

const ONE_NODE = 'there is one node here, and no cluster to change'
const NO_ERLANG = 'there is no Erlang here: nothing can be evaluated'
const NO_REPLICAS = 'queues have no replicas here'
const NO_SECRETS = 'configuration values are not encrypted here: put secrets into the environment'
const LISTENERS = 'listeners come and go with stop_app and start_app here'

/** Commands of RabbitMQ that mean nothing to this broker, and why. */
export const refusals: Readonly<
  Record<string, readonly [usage: string, section: Section, reason: string, wordsMin: number]>
> = {
  join_cluster: ['[--disc|--ram] <existing_cluster_member>', 'cluster', ONE_NODE, 1],
  forget_cluster_node: [
    '[--offline] <existing_cluster_member_node>',
    'cluster',
    "{:not_a_cluster_node, 'The node selected is not in the cluster.'}",
    1,
  ],
  change_cluster_node_type: ['<disc | ram>', 'cluster', ONE_NODE, 1],
  rename_cluster_node: ['<oldnode1> <newnode1> [oldnode2] [newnode2] ...', 'cluster', ONE_NODE, 2],
  update_cluster_nodes: ['<seed_node>', 'cluster', ONE_NODE, 1],
  force_boot: ['', 'cluster', ONE_NODE, 0],
  sync_queue: ['[--vhost <vhost>] <queue>', 'queues', NO_REPLICAS, 1],
  cancel_sync_queue: ['[--vhost <vhost>] <queue>', 'queues', NO_REPLICAS, 1],
  eval: ['<expression>', 'operations', NO_ERLANG, 0],
  eval_file: ['<file path>', 'operations', NO_ERLANG, 1],
  exec: ['<expression> [--offline]', 'operations', NO_ERLANG, 1],
  encode: ['value passphrase', 'configuration', NO_SECRETS, 0],
  decode: ['value passphrase', 'configuration', NO_SECRETS, 0],
  suspend_listeners: ['', 'operations', LISTENERS, 0],
  resume_listeners: ['', 'operations', LISTENERS, 0],
  set_log_level: [
    '<log_level>',
    'configuration',
    'the level of the log is set at the start: --log-level',
    1,
  ],
  restart_vhost: [
    '[--vhost <vhost>] [--timeout <timeout>]',
    'vhosts',
    'virtual hosts run as long as the broker does',
    0,
  ],
  rotate_logs: ['', 'nodes', 'This command does not rotate logs anymore [deprecated]', 0],
  report: ['', 'monitoring', 'there is no report: see status, environment and the log', 0],
  schema_info: [
    '[--no-table-headers] [<column> ...] [--timeout <timeout>]',
    'monitoring',
    'there is no database here: what is stored is in the log (sabir log)',
    0,
  ],
  list_node_auth_attempt_stats: [
    '[--by-source]',
    'monitoring',
    'attempts to log in are not counted; those that failed are in the log',
    0,
  ],
}

export const commands: readonly Command[] = Object.entries(refusals).map(
  ([name, [usage, section, reason, wordsMin]]): Command => ({
    name,
    usage,
    about: `Refused: ${reason}`,
    section,
    words: [wordsMin, Infinity],
    switches: { offline: 'flag', disc: 'flag', ram: 'flag' },
    needs: 'nothing',
    ...(name === 'forget_cluster_node'
      ? { banner: ({ args }) => `Removing node ${args[0]} from the cluster` }
      : {}),
    run: async () => {
      throw new CtlError(ctlExit.unavailable, `Error:\n${reason}`)
    },
  }),
)
