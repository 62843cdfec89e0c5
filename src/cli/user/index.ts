import type { Command } from 'commander'
import { CommandError } from '../error.ts'
import {
  describe,
  type LocalFlags,
  rowOf,
  rowsOf,
  withLocal,
  withLocalBroker,
} from '../local/options.ts'
import { readSecret } from '../local/secret.ts'
import { several, wholeNumber } from '../options.ts'

export function define(program: Command): void {
  const user = program.command('user').description('create, list, describe, alter, delete users')
  withChanges(withLocal(user.command('create')))
    .description('create a user; without a password they cannot log in with one')
    .argument('<name>')
    .action(create)
  withLocal(user.command('list')).description('list users').action(list)
  withLocal(user.command('describe'))
    .description('show a user and what they may do')
    .argument('<name>')
    .action(describeUser)
  withChanges(withLocal(user.command('alter')))
    .description('change a user')
    .argument('<name>')
    .option('--no-password', 'they cannot log in with a password any more')
    .action(alter)
  withLocal(user.command('delete'))
    .description('delete users, and end their connections')
    .argument('<names...>')
    .option('--if-exists', 'be content when one is not there')
    .action(remove)
}

const limit = (text: string): number | null => (text === 'none' ? null : wholeNumber(text))

function withChanges(command: Command): Command {
  return command
    .option('--password <text>', 'the password; - reads it from stdin')
    .option('--tag <tag>', 'administrator, monitoring, …; can be given several times', several)
    .option('--max-connections <n>', 'how many they may have; or none', limit)
    .option('--max-channels <n>', 'how many they may have; or none', limit)
}

type ChangeFlags = LocalFlags & {
  /** False: none any more. */
  readonly password?: string | boolean
  readonly tag?: readonly string[]
  readonly maxConnections?: number | null
  readonly maxChannels?: number | null
}

async function passwordOf({ password }: ChangeFlags): Promise<string | null | undefined> {
  if (password === false) return null
  if (typeof password !== 'string') return undefined
  if (password !== '-') return password
  const read = await readSecret()
  if (read === '') throw new CommandError('usage', 'there is no password on stdin')
  return read
}

const limitsOf = ({ maxConnections, maxChannels }: ChangeFlags): object => ({
  ...(maxConnections === undefined ? {} : { connectionsMax: maxConnections }),
  ...(maxChannels === undefined ? {} : { channelsMax: maxChannels }),
})

function create(name: string, flags: ChangeFlags): Promise<void> {
  return withLocalBroker(flags, async (broker, output) => {
    const password = (await passwordOf(flags)) ?? null
    await broker.ask('add-user', { name, password, tags: flags.tag ?? [] })
    const limits = limitsOf(flags)
    if (Object.keys(limits).length > 0) await broker.ask('set-user-limits', { name, ...limits })
    await output.said(
      `Created user "${name}". They may do nothing yet: sabir permission set ${name} …`,
      { user: name, created: true },
    )
  })
}

function list(flags: LocalFlags): Promise<void> {
  return withLocalBroker(flags, async (broker, output) => {
    const columns = {
      name: 'USER',
      tags: 'TAGS',
      hasPassword: 'PASSWORD',
      connections: 'CONNECTIONS',
    }
    await output.table(columns, await rowsOf(broker, 'list-users'))
  })
}

function describeUser(name: string, flags: LocalFlags): Promise<void> {
  return withLocalBroker(flags, async (broker, output) => {
    const row = {
      ...(await rowOf(broker, 'describe-user', { name })),
      permissions: await rowsOf(broker, 'list-permissions', { user: name }),
      topicPermissions: await rowsOf(broker, 'list-topic-permissions', { user: name }),
    }
    await describe(output, row, `User ${name}`)
  })
}

function alter(name: string, flags: ChangeFlags): Promise<void> {
  return withLocalBroker(flags, async (broker, output) => {
    const password = await passwordOf(flags)
    const limits = limitsOf(flags)
    const hasLimits = Object.keys(limits).length > 0
    if (password === undefined && flags.tag === undefined && !hasLimits)
      throw new CommandError('usage', `nothing to change on user "${name}": see --help`)
    if (password !== undefined) await broker.ask('set-password', { name, password })
    if (flags.tag !== undefined) await broker.ask('set-user-tags', { name, tags: flags.tag })
    if (hasLimits) await broker.ask('set-user-limits', { name, ...limits })
    await output.said(`Changed user "${name}".`, { user: name, changed: true })
  })
}

function remove(
  names: readonly string[],
  flags: LocalFlags & { readonly ifExists?: true },
): Promise<void> {
  return withLocalBroker(flags, async (broker, output) => {
    const deleted: string[] = []
    for (const name of names) {
      const answer = await broker.unlessMissing(flags.ifExists === true, 'delete-user', { name })
      if (answer !== undefined) deleted.push(name)
    }
    const quoted = deleted.map(name => `"${name}"`).join(', ')
    await output.said(
      deleted.length === 0 ? 'Nothing to delete.' : `Deleted ${quoted}.`,
      deleted.map(name => ({ user: name, deleted: true })),
    )
  })
}
