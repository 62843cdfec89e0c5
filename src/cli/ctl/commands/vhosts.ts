import {
  checkColumns,
  columnsAsked,
  type Command,
  CtlError,
  ctlExit,
  type Json,
  parsedJson,
  picked,
  sortedJson,
} from '../command.ts'
import { atom, valueOf } from '../values.ts'

const section = 'vhosts'
const columns = ['name', 'description', 'tags', 'default_queue_type', 'tracing', 'cluster_state']
const queueTypes = ['classic', 'quorum', 'stream']

export const commands: readonly Command[] = [
  {
    name: 'add_vhost',
    usage:
      '<vhost> [--description <description> --tags "<tag1>,<tag2>,<...>" ' +
      '--default-queue-type <quorum|classic|stream>]',
    about: 'Makes a virtual host',
    section,
    words: [1, 1],
    switches: { description: 'text', tags: 'text', default_queue_type: 'text' },
    banner: ({ args }) => `Adding vhost "${args[0]}" ...`,
    async run({ args: [name], options, ask }) {
      const { description, tags, default_queue_type: type } = options
      if (type !== undefined && !queueTypes.includes(String(type)))
        throw new CtlError(ctlExit.unavailable, 'Error:\ninvalid_queue_type')
      await ask('add-namespace', {
        name,
        ifAbsent: true,
        ...(description === undefined ? {} : { description }),
        ...(tags === undefined ? {} : { tags: tagsOf(String(tags)) }),
        ...(type === undefined ? {} : { defaultQueueType: type }),
      })
    },
  },
  {
    name: 'delete_vhost',
    usage: '<vhost>',
    about: 'Deletes a virtual host with all that is in it',
    section,
    words: [1, 1],
    banner: ({ args }) => `Deleting vhost "${args[0]}" ...`,
    run: async ({ args: [name], ask }) => void (await ask('delete-namespace', { name })),
  },
  {
    name: 'list_vhosts',
    usage: '[--no-table-headers] [<column> ...] [--timeout <timeout>]',
    about: 'Lists virtual hosts',
    section: 'access',
    words: [0, Infinity],
    check: ({ args }) => checkColumns(args, columns),
    banner: () => 'Listing vhosts ...',
    async run({ args, rows }) {
      const asked = columnsAsked(args, ['name'])
      const found = await rows('list-namespaces')
      return { rows: found.map(row => picked(rowOf(row), asked)) }
    },
  },
  {
    name: 'set_vhost_tags',
    usage: '<vhost> <tag> [...]',
    about: 'Sets tags of a virtual host',
    section,
    words: [1, Infinity],
    banner: ({ args: [name, ...tags] }) =>
      `Setting tags for virtual host "${name}" to [${tags.join(', ')}] ...`,
    run: async ({ args: [name, ...tags], ask }) =>
      void (await ask('alter-namespace', { name, tags })),
  },
  {
    name: 'set_vhost_limits',
    usage: '[--vhost <vhost>] <definition>',
    about: 'Sets how many connections and queues a virtual host may have',
    section,
    words: [1, 1],
    banner: ({ args, vhost }) => `Setting vhost limits to "${args[0]}" for vhost "${vhost}" ...`,
    async run({ args: [definition], vhost, ask }) {
      const value = parsedJson(definition!)
      await ask('set-parameter', { namespace: vhost, ...LIMITS, value })
    },
  },
  {
    name: 'clear_vhost_limits',
    usage: '[--vhost <vhost>]',
    about: 'Takes the limits of a virtual host away',
    section,
    words: [0, 0],
    banner: ({ vhost }) => `Clearing vhost "${vhost}" limits ...`,
    run: async ({ vhost, ask }) =>
      void (await ask('clear-parameter', { namespace: vhost, ...LIMITS })),
  },
  {
    name: 'list_vhost_limits',
    usage: '[--vhost <vhost>] [--global] [--no-table-headers]',
    about: 'Shows the limits of a virtual host, or of all',
    section,
    words: [0, 0],
    switches: { global: 'flag' },
    banner: ({ options, vhost }) =>
      options['global'] === true
        ? 'Listing limits for all vhosts ...'
        : `Listing limits for vhost "${vhost}" ...`,
    async run({ options, vhost, rows }) {
      const isGlobal = options['global'] === true
      const of = isGlobal ? {} : { namespace: vhost }
      const found = await rows('list-parameters', { ...of, component: LIMITS.component })
      if (!isGlobal) return { text: found.map(({ value }) => sortedJson(value)).join('\n') }
      return {
        rows: found.map(row => ({
          vhost: String(row['namespace']),
          limits: sortedJson(row['value']),
        })),
        isWhole: true,
      }
    },
  },
  traceCommand('trace_on', true),
  traceCommand('trace_off', false),
]

const LIMITS = { component: 'vhost-limits', name: 'limits' } as const

function traceCommand(name: string, isOn: boolean): Command {
  return {
    name,
    usage: '[--vhost <vhost>]',
    about: isOn
      ? 'Copies all that is published and delivered to the exchange amq.rabbitmq.trace'
      : 'Ends that',
    section,
    words: [0, 0],
    banner: ({ vhost }) => `${isOn ? 'Starting' : 'Stopping'} tracing for vhost "${vhost}" ...`,
    async run({ vhost, ask }) {
      await ask('trace', { namespace: vhost, isOn })
      return { text: `Trace ${isOn ? 'enabled' : 'disabled'} for vhost ${vhost}` }
    },
  }
}

const tagsOf = (text: string): string[] =>
  text
    .split(',')
    .map(tag => tag.trim())
    .filter(tag => tag !== '')

const rowOf = (row: Json) => ({
  name: String(row['name']),
  description: String(row['description']),
  tags: (row['tags'] as readonly string[]).map(atom),
  default_queue_type:
    row['defaultQueueType'] === null ? atom('undefined') : valueOf(row['defaultQueueType']),
  tracing: row['isTraced'] === true,
  cluster_state: 'running',
})
