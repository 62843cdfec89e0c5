import {
  type Call,
  checkColumns,
  columnsAsked,
  type Command,
  CtlError,
  ctlExit,
  type Json,
  picked,
} from '../command.ts'
import { atom, type Row, Tuple, valueOf } from '../values.ts'
import { inVhost } from './queues.ts'
import { argumentsOf } from './topology.ts'

const section = 'monitoring'
const connectionColumns = [
  ...['pid', 'name', 'port', 'host', 'peer_port', 'peer_host', 'ssl', 'ssl_protocol'],
  ...['ssl_key_exchange', 'ssl_cipher', 'ssl_hash', 'peer_cert_subject', 'peer_cert_issuer'],
  ...['peer_cert_validity', 'state', 'channels', 'protocol', 'auth_mechanism', 'user', 'vhost'],
  ...['timeout', 'frame_max', 'channel_max', 'client_properties', 'recv_oct', 'recv_cnt'],
  ...['send_oct', 'send_cnt', 'send_pend', 'connected_at', 'user_provided_name'],
]
const channelColumns = [
  ...['pid', 'connection', 'name', 'number', 'user', 'vhost', 'transactional', 'confirm'],
  ...['consumer_count', 'messages_unacknowledged', 'messages_uncommitted', 'acks_uncommitted'],
  ...['messages_unconfirmed', 'prefetch_count', 'global_prefetch_count', 'state'],
]
const consumerColumns = [
  ...['queue_name', 'channel_pid', 'consumer_tag', 'ack_required', 'prefetch_count', 'active'],
  ...['activity_status', 'arguments'],
]

export const commands: readonly Command[] = [
  {
    name: 'list_connections',
    usage: '[--no-table-headers] [<column> ...] [--timeout <timeout>]',
    about: 'Lists connections somebody logged in with',
    section,
    words: [0, Infinity],
    check: ({ args }) => checkColumns(args, connectionColumns),
    banner: () => 'Listing connections ...',
    async run({ args, rows }) {
      const asked = columnsAsked(args, ['user', 'peer_host', 'peer_port', 'state'])
      const found = await rows('list-connections')
      return { rows: found.map(row => picked(connectionRow(row), asked)) }
    },
  },
  {
    name: 'list_channels',
    usage: '[--no-table-headers] [<column> ...]',
    about: 'Lists channels of all connections',
    section,
    words: [0, Infinity],
    check: ({ args }) => checkColumns(args, channelColumns),
    banner: () => 'Listing channels ...',
    async run({ args, rows }) {
      const usual = ['pid', 'user', 'consumer_count', 'messages_unacknowledged']
      const asked = columnsAsked(args, usual)
      return { rows: (await rows('list-channels')).map(row => picked(plainRow(row), asked)) }
    },
  },
  {
    name: 'list_consumers',
    usage: '[--vhost <vhost>] [--no-table-headers] [<column> ...] [--timeout <timeout>]',
    about: 'Lists consumers of a virtual host',
    section,
    words: [0, Infinity],
    check: ({ args }) => checkColumns(args, consumerColumns),
    banner: ({ vhost }) => `Listing consumers in vhost ${vhost} ...`,
    async run(call) {
      const usual = consumerColumns.filter(column => column !== 'activity_status')
      const asked = columnsAsked(call.args, usual)
      const found = await inVhost(call, 'list-consumers')
      return { rows: found.map(row => picked(consumerRow(row), asked)) }
    },
  },
  {
    name: 'close_connection',
    usage: '<connection pid> <explanation>',
    about: 'Ends a connection, by its pid or name in list_connections',
    section: 'operations',
    words: [2, 2],
    banner: ({ args: [pid, reason] }) => `Closing connection ${pid}, reason: ${reason}...`,
    run: closeConnection,
  },
  {
    name: 'close_all_connections',
    usage:
      '[--vhost <vhost> --limit <limit>] [-n <node> --global] [--per-connection-delay <delay>] ' +
      '<explanation>',
    about: 'Ends all connections of a virtual host or, with --global, of all',
    section: 'operations',
    words: [1, 1],
    switches: { global: 'flag', limit: 'integer', per_connection_delay: 'integer' },
    banner: ({ args: [reason], options, vhost }) =>
      options['global'] === true
        ? `Closing all connections, reason: ${reason}...`
        : `Closing all connections in vhost ${vhost}, reason: ${reason}...`,
    async run({ args: [reason], options, vhost, ask }) {
      const limit = Number(options['limit'] ?? 0)
      const answer = await ask('close-connections', {
        reason,
        ...(options['global'] === true ? {} : { namespace: vhost }),
        ...(limit > 0 ? { limit } : {}),
      })
      return { text: `Closed ${(answer as { readonly closed: number }).closed} connections` }
    },
  },
  {
    name: 'close_all_user_connections',
    usage: '<username> <explanation>',
    about: 'Ends all connections of a user',
    section: 'operations',
    words: [2, 2],
    banner: ({ args: [user, reason] }) =>
      `Closing connections of user ${user}, reason: ${reason}...`,
    run: async ({ args: [user, reason], ask }) =>
      void (await ask('close-connections', { user, reason })),
  },
]

/** Closing what is gone already is fine. */
async function closeConnection({ args, broker }: Call): Promise<void> {
  const [pid = '', reason] = args
  try {
    await (await broker()).ask('close-connection', { name: pid, reason })
  } catch (error) {
    if ((error as { readonly kind?: string }).kind !== 'not-found') throw error
    if (/^<.+@.+>$/.test(pid)) return
    const term = `{:invalid_pid_syntax, ${JSON.stringify(pid)}}`
    throw new CtlError(ctlExit.unavailable, `Error:\nError:\n${term}`)
  }
}

const connectionRow = (row: Json): Row => ({
  ...plainRow(row),
  state: atom(String(row['state'])),
  protocol: protocolOf(row['protocol']),
})

function protocolOf(protocol: unknown): Row[string] {
  return Array.isArray(protocol) ? new Tuple(protocol.map(valueOf)) : valueOf(protocol)
}

const consumerRow = (row: Json): Row => ({
  ...plainRow(row),
  activity_status: atom(String(row['activity_status'])),
  arguments: argumentsOf(row['arguments']),
})

const plainRow = (row: Json): Row =>
  Object.fromEntries(Object.entries(row).map(([name, value]) => [name, valueOf(value)]))
