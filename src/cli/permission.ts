import type { Command } from 'commander'
import { CommandError } from './error.ts'
import {
  type LocalFlags,
  rowsOf,
  type VhostFlags,
  withLocal,
  withLocalBroker,
  withVhost,
} from './local/options.ts'

export function define(program: Command): void {
  const permission = program
    .command('permission')
    .description('set, list, clear what users may do; what is not allowed is refused')
  withVhost(permission.command('set'))
    .description('set what a user may do in a virtual host, or with routing keys of an exchange')
    .argument('<user>')
    .option('--configure <pattern>', 'queues and exchanges they may create and delete')
    .option('--write <pattern>', 'what they may publish to and bind', '')
    .option('--read <pattern>', 'what they may consume from', '')
    .option('--all', 'everything')
    .option('--exchange <name>', '--write and --read are about routing keys of this exchange')
    .action(set)
  withLocal(permission.command('list'))
    .description('list what users may do')
    .option('-v, --vhost <name>', 'in this virtual host only')
    .option('-u, --user <name>', 'this user only')
    .option('--topic', 'what they may do with routing keys')
    .action(list)
  withVhost(permission.command('clear'))
    .description('take permissions of a user away')
    .argument('<user>')
    .option('--exchange <name>', 'what was set for routing keys of this exchange')
    .option('--topic', 'what was set for routing keys of all exchanges')
    .action(clear)
}

type SetFlags = VhostFlags & {
  readonly configure?: string
  readonly write: string
  readonly read: string
  readonly all?: true
  readonly exchange?: string
}

function set(user: string, flags: SetFlags): Promise<void> {
  const { configure = '', write, read, all, exchange, vhost } = flags
  if (all !== true && configure === '' && write === '' && read === '')
    throw new CommandError('usage', 'say what: --all, --configure, --write or --read')
  const rights = all === true ? { write: '.*', read: '.*' } : { write, read }
  return withLocalBroker(flags, async (broker, output) => {
    if (exchange === undefined)
      await broker.ask('set-permission', {
        user,
        namespace: vhost,
        configure: all === true ? '.*' : configure,
        ...rights,
      })
    else await broker.ask('set-topic-permission', { user, namespace: vhost, exchange, ...rights })
    await output.said(`Set permissions of user "${user}" in "${vhost}".`, {
      user,
      vhost,
      set: true,
    })
  })
}

type ListFlags = LocalFlags & {
  readonly vhost?: string
  readonly user?: string
  readonly topic?: true
}

function list(flags: ListFlags): Promise<void> {
  return withLocalBroker(flags, async (broker, output) => {
    const of = {
      ...(flags.vhost === undefined ? {} : { namespace: flags.vhost }),
      ...(flags.user === undefined ? {} : { user: flags.user }),
    }
    const isTopic = flags.topic === true
    const rows = await rowsOf(broker, isTopic ? 'list-topic-permissions' : 'list-permissions', of)
    const columns = {
      user: 'USER',
      namespace: 'VHOST',
      ...(isTopic ? { exchange: 'EXCHANGE' } : { configure: 'CONFIGURE' }),
      write: 'WRITE',
      read: 'READ',
    }
    await output.table(columns, rows)
  })
}

type ClearFlags = VhostFlags & { readonly exchange?: string; readonly topic?: true }

function clear(user: string, flags: ClearFlags): Promise<void> {
  return withLocalBroker(flags, async (broker, output) => {
    const { vhost, exchange } = flags
    if (exchange !== undefined || flags.topic === true)
      await broker.ask('clear-topic-permission', {
        user,
        namespace: vhost,
        exchange: exchange ?? null,
      })
    else await broker.ask('clear-permission', { user, namespace: vhost })
    const value = { user, vhost, cleared: true }
    await output.said(`Cleared permissions of user "${user}" in "${vhost}".`, value)
  })
}
