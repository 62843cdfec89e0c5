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
import { atom, type Row, valueOf } from '../values.ts'

const columns = [
  ...['name', 'durable', 'auto_delete', 'arguments', 'policy', 'operator_policy'],
  ...['effective_policy_definition', 'pid', 'owner_pid', 'exclusive', 'exclusive_consumer_pid'],
  ...['exclusive_consumer_tag', 'single_active_consumer_pid', 'single_active_consumer_tag'],
  ...['messages_ready', 'messages_unacknowledged', 'messages', 'messages_ready_ram'],
  ...['messages_unacknowledged_ram', 'messages_ram', 'messages_persistent', 'message_bytes'],
  ...['message_bytes_ready', 'message_bytes_unacknowledged', 'message_bytes_ram'],
  ...['message_bytes_persistent', 'head_message_timestamp', 'disk_reads', 'disk_writes'],
  ...['consumers', 'consumer_utilisation', 'consumer_capacity', 'memory', 'slave_pids'],
  ...['synchronised_slave_pids', 'state', 'type', 'leader', 'members', 'online'],
]
const TIMEOUT_S = 60

export const commands: readonly Command[] = [
  {
    name: 'list_queues',
    usage:
      '[--vhost <vhost>] [--online] [--offline] [--local] [--no-table-headers] [<column>, ...] ' +
      '[--timeout <timeout>]',
    about: 'Lists queues of a virtual host',
    section: 'monitoring',
    words: [0, Infinity],
    switches: { online: 'flag', offline: 'flag', local: 'flag' },
    check: ({ args }) => checkColumns(args, columns),
    banner: ({ options, vhost }) => [
      timeoutText(options['timeout']),
      `Listing queues for vhost ${vhost} ...`,
    ],
    async run(call) {
      const { online, offline, local } = call.options
      const isOffline = offline === true && online !== true && local !== true
      const found = isOffline ? [] : await inVhost(call, 'list-queues')
      const asked = columnsAsked(call.args, ['name', 'messages'])
      return { rows: found.map(row => picked(queueRow(row), asked)) }
    },
  },
  {
    name: 'list_unresponsive_queues',
    usage:
      '[--local] [--queue-timeout <milliseconds>] [<column> ...] [--no-table-headers] ' +
      '[--timeout <timeout>]',
    about: 'Lists queues that do not answer; here all do',
    section: 'monitoring',
    words: [0, Infinity],
    switches: { local: 'flag', queue_timeout: 'integer' },
    banner: ({ vhost }) => `Listing unresponsive queues for vhost ${vhost} ...`,
    run: async () => ({ rows: [] }),
  },
  {
    name: 'purge_queue',
    usage: '<queue> [--timeout <timeout>]',
    about: 'Forgets all messages of a queue that are not with a consumer',
    section: 'queues',
    words: [1, 1],
    banner: ({ args, vhost }) => `Purging queue '${args[0]}' in vhost '${vhost}' ...`,
    async run({ args: [name], vhost, broker }) {
      await orElse('Error:\nnot_found', ctlExit.unavailable, async () =>
        (await broker()).ask('purge-queue', { namespace: vhost, name }),
      )
    },
  },
  {
    name: 'delete_queue',
    usage: '<queue_name> [--if-empty|-e] [--if-unused|-u] [--timeout <timeout>]',
    about: 'Deletes a queue',
    section: 'queues',
    words: [1, 1],
    switches: { if_empty: 'flag', if_unused: 'flag' },
    aliases: { e: 'if_empty', u: 'if_unused' },
    banner: ({ args, options, vhost }) =>
      `Deleting queue '${args[0]}' on vhost '${vhost}'${conditions(options)} ...`,
    async run({ args: [name], options, vhost, broker }) {
      const answer = await orElse('Error:\nQueue not found', ctlExit.usage, async () =>
        (await broker()).ask('delete-queue', {
          namespace: vhost,
          name,
          ifEmpty: options['if_empty'] === true,
          ifUnused: options['if_unused'] === true,
        }),
      )
      const { messages } = answer as { readonly messages: number }
      return { text: `Queue was successfully deleted with ${messages} ready messages` }
    },
  },
]

const timeoutText = (seconds: unknown): string =>
  `Timeout: ${(typeof seconds === 'number' ? seconds : TIMEOUT_S).toFixed(1)} seconds ...`

function conditions(options: Call['options']): string {
  const named = [
    ...(options['if_unused'] === true ? ['if queue is unused'] : []),
    ...(options['if_empty'] === true ? ['if queue is empty'] : []),
  ]
  return named.length === 0 ? '' : ` ${named.join(' and ')}`
}

async function orElse(text: string, code: number, work: () => Promise<unknown>): Promise<unknown> {
  try {
    return await work()
  } catch (error) {
    const { kind, message } = error as { readonly kind?: string; readonly message: string }
    if (kind === 'not-found') throw new CtlError(code, text)
    if (kind === 'precondition-failed') {
      const what = message.endsWith('in use') ? 'Queue is in use' : 'Queue is not empty'
      throw new CtlError(ctlExit.usage, `Error:\n${what}`)
    }
    throw new CtlError(ctlExit.unavailable, `Error:\n${message}`)
  }
}

/** A list of a virtual host; one that is not there has nothing in it. */
export async function inVhost(call: Call, operation: string): Promise<readonly Json[]> {
  const vhosts = await call.rows('list-namespaces')
  if (!vhosts.some(({ name }) => name === call.vhost)) return []
  return call.rows(operation, { namespace: call.vhost })
}

const atoms = ['type', 'state', 'leader']

function queueRow(row: Json): Row {
  const values = Object.entries(row).map(([name, value]) => [name, cell(name, value)] as const)
  return Object.fromEntries(values)
}

function cell(name: string, value: unknown): Row[string] {
  if (atoms.includes(name)) return atom(String(value))
  if (Array.isArray(value)) return value.map(one => atom(String(one)))
  return name === 'arguments' && Object.keys(value as object).length === 0 ? [] : valueOf(value)
}
