import type { Command } from 'commander'
import { CommandError } from './error.ts'
import { type LocalFlags, rowOf, rowsOf, withLocal, withLocalBroker } from './local/options.ts'

export function define(program: Command): void {
  const connection = program
    .command('connection')
    .description('list and close connections somebody logged in with')
  withLocal(connection.command('list')).description('list connections').action(list)
  withLocal(connection.command('close'))
    .description('close a connection, named as in the list, or all of a user or virtual host')
    .argument('[name]')
    .option('-u, --user <name>', 'all of this user')
    .option('-v, --vhost <name>', 'all of this virtual host')
    .option('--all', 'all')
    .option('--reason <text>', 'what clients are told', 'closed by an operator')
    .action(close)
}

function list(flags: LocalFlags): Promise<void> {
  return withLocalBroker(flags, async (broker, output) => {
    const columns = {
      id: 'ID',
      name: 'NAME',
      user: 'USER',
      vhost: 'VHOST',
      state: 'STATE',
      channels: 'CHANNELS',
    }
    await output.table(columns, await rowsOf(broker, 'list-connections'))
  })
}

type CloseFlags = LocalFlags & {
  readonly user?: string
  readonly vhost?: string
  readonly all?: true
  readonly reason: string
}

function close(name: string | undefined, flags: CloseFlags): Promise<void> {
  const { user, vhost, all, reason } = flags
  const isMany = user !== undefined || vhost !== undefined || all === true
  if (isMany === (name !== undefined))
    throw new CommandError('usage', 'say which: a name, or --user, --vhost or --all')
  return withLocalBroker(flags, async (broker, output) => {
    if (name !== undefined) {
      await broker.ask('close-connection', { name, reason })
      return output.said(`Closed connection "${name}".`, { closed: 1 })
    }
    const answer = await rowOf(broker, 'close-connections', {
      reason,
      ...(user === undefined ? {} : { user }),
      ...(vhost === undefined ? {} : { namespace: vhost }),
    })
    await output.said(`Closed ${String(answer['closed'])} connections.`, answer)
  })
}
