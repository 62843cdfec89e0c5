import { checkColumns, columnsAsked, type Command, type Json, picked } from '../command.ts'
import { atom, type Row, type Value, valueOf } from '../values.ts'
import { inVhost } from './queues.ts'

const section = 'monitoring'
const COLUMNS = '[--vhost <vhost>] [--no-table-headers] [<column> ...] [--timeout <timeout>]'
const exchangeColumns = [
  ...[
    'name',
    'type',
    'durable',
    'auto_delete',
    'internal',
    'arguments',
    'policy',
    'user_who_performed_action',
  ],
]
const bindingColumns = [
  ...['source_name', 'source_kind', 'destination_name', 'destination_kind'],
  ...['routing_key', 'arguments'],
]

export const commands: readonly Command[] = [
  {
    name: 'list_exchanges',
    usage: COLUMNS,
    about: 'Lists exchanges of a virtual host',
    section,
    words: [0, Infinity],
    check: ({ args }) => checkColumns(args, exchangeColumns),
    banner: ({ vhost }) => `Listing exchanges for vhost ${vhost} ...`,
    async run(call) {
      const asked = columnsAsked(call.args, ['name', 'type'])
      const found = await inVhost(call, 'list-exchanges')
      return { rows: found.map(row => picked(exchangeRow(row), asked)) }
    },
  },
  {
    name: 'list_bindings',
    usage: COLUMNS,
    about: 'Lists bindings of a virtual host',
    section,
    words: [0, Infinity],
    check: ({ args }) => checkColumns(args, bindingColumns),
    banner: ({ vhost }) => `Listing bindings for vhost ${vhost}...`,
    async run(call) {
      const asked = columnsAsked(call.args, bindingColumns)
      const found = await inVhost(call, 'list-bindings')
      return { rows: found.map(row => picked(bindingRow(row), asked)) }
    },
  },
]

/** No arguments at all are an empty list. */
export const argumentsOf = (json: unknown): Value =>
  Object.keys((json ?? {}) as object).length === 0 ? [] : valueOf(json)

const exchangeRow = (row: Json): Row => ({
  name: String(row['name']),
  type: atom(String(row['type'])),
  durable: row['durable'] === true,
  auto_delete: row['auto_delete'] === true,
  internal: row['internal'] === true,
  arguments: argumentsOf(row['arguments']),
  policy: String(row['policy']),
  user_who_performed_action: String(row['user']),
})

/** Arguments of bindings are sorted by their names. */
const bindingRow = (row: Json): Row => ({
  source_name: String(row['source']),
  source_kind: atom('exchange'),
  destination_name: String(row['destination']),
  destination_kind: atom(String(row['destinationKind'])),
  routing_key: String(row['routingKey']),
  arguments: argumentsOf(sorted(row['declared'])),
})

const sorted = (json: unknown): object =>
  Object.fromEntries(
    Object.entries(json as object).toSorted(([one], [other]) => (one < other ? -1 : 1)),
  )
