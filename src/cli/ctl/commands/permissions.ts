import type { Command, Json } from '../command.ts'
import type { Row } from '../values.ts'

const section = 'access'
const LISTED = '[--no-table-headers] [--timeout <timeout>]'

const columns = (row: Json, names: Readonly<Record<string, string>>): Row =>
  Object.fromEntries(Object.entries(names).map(([shown, name]) => [shown, String(row[name])]))

const patterns = { configure: 'configure', write: 'write', read: 'read' }
const ofTopics = { exchange: 'exchange', write: 'write', read: 'read' }

export const commands: readonly Command[] = [
  {
    name: 'set_permissions',
    usage: '[--vhost <vhost>] <username> <conf> <write> <read>',
    about: 'Sets what a user may do in a virtual host',
    section,
    words: [4, 4],
    missing: { user: 'bare', vhost: 'bare' },
    banner: ({ args, vhost }) =>
      `Setting permissions for user "${args[0]}" in vhost "${vhost}" ...`,
    async run({ args: [user, configure, write, read], vhost, ask }) {
      await ask('set-permission', { user, namespace: vhost, configure, write, read })
    },
  },
  {
    name: 'clear_permissions',
    usage: '[--vhost <vhost>] <username>',
    about: 'Takes from a user what they may do in a virtual host',
    section,
    words: [1, 1],
    missing: { user: 'bare', vhost: 'bare' },
    banner: ({ args, vhost }) =>
      `Clearing permissions for user "${args[0]}" in vhost "${vhost}" ...`,
    async run({ args: [user], vhost, ask }) {
      await ask('clear-permission', { user, namespace: vhost })
    },
  },
  {
    name: 'list_permissions',
    usage: `[--vhost <vhost>] ${LISTED}`,
    about: 'Lists who may do what in a virtual host',
    section,
    words: [0, 0],
    banner: ({ vhost }) => `Listing permissions for vhost "${vhost}" ...`,
    async run({ vhost, rows }) {
      const found = await rows('list-permissions', { namespace: vhost })
      return { rows: found.map(row => columns(row, { user: 'user', ...patterns })) }
    },
  },
  {
    name: 'list_user_permissions',
    usage: '[--no-table-headers] <username> [--timeout <timeout>]',
    about: 'Lists where a user may do what',
    section,
    words: [1, 1],
    missing: { user: 'term' },
    banner: ({ args }) => `Listing permissions for user "${args[0]}" ...`,
    async run({ args: [user], rows }) {
      const found = await rows('list-permissions', { user })
      return { rows: found.map(row => columns(row, { vhost: 'namespace', ...patterns })) }
    },
  },
  {
    name: 'set_topic_permissions',
    usage: '[--vhost <vhost>] <username> <exchange> <write> <read>',
    about: 'Sets which routing keys of an exchange a user may write and read',
    section,
    words: [4, 4],
    missing: { user: 'bare', vhost: 'bare' },
    banner: ({ args: [user, exchange], vhost }) =>
      `Setting topic permissions on "${exchange}" for user "${user}" in vhost "${vhost}" ...`,
    async run({ args: [user, exchange, write, read], vhost, ask }) {
      await ask('set-topic-permission', { user, namespace: vhost, exchange, write, read })
    },
  },
  {
    name: 'clear_topic_permissions',
    usage: '[--vhost <vhost>] <username> [<exchange>]',
    about: 'Takes these limits away, of one exchange or of all',
    section,
    words: [1, 2],
    missing: { user: 'bare', vhost: 'bare' },
    banner: ({ args: [user, exchange], vhost }) => {
      const where = exchange === undefined ? '' : ` on "${exchange}"`
      return `Clearing topic permissions${where} for user "${user}" in vhost "${vhost}" ...`
    },
    async run({ args: [user, exchange = null], vhost, ask }) {
      await ask('clear-topic-permission', { user, namespace: vhost, exchange })
    },
  },
  {
    name: 'list_topic_permissions',
    usage: `[--vhost <vhost>] ${LISTED}`,
    about: 'Lists topic permissions of a virtual host',
    section,
    words: [0, 0],
    banner: ({ vhost }) => `Listing topic permissions for vhost "${vhost}" ...`,
    async run({ vhost, rows }) {
      const found = await rows('list-topic-permissions', { namespace: vhost })
      return { rows: found.map(row => columns(row, { user: 'user', ...ofTopics })) }
    },
  },
  {
    name: 'list_user_topic_permissions',
    usage: '[--no-table-headers] <username> [--timeout <timeout>]',
    about: 'Lists topic permissions of a user',
    section,
    words: [1, 1],
    missing: { user: 'term' },
    banner: ({ args }) => `Listing topic permissions for user "${args[0]}" ...`,
    async run({ args: [user], rows }) {
      const found = await rows('list-topic-permissions', { user })
      const shown = found.map(row => columns(row, { vhost: 'namespace', ...ofTopics }))
      return { rows: shown, isHeadless: true }
    },
  },
]
