import { type Command, InvalidArgumentError } from 'commander'
import { CommandError } from '../error.ts'
import {
  describe,
  type LocalFlags,
  rowOf,
  rowsOf,
  withLocal,
  withLocalBroker,
} from '../local/options.ts'
import { several, wholeNumber } from '../options.ts'

export function define(program: Command): void {
  const vhost = program
    .command('vhost')
    .description('create, list, describe, alter, delete virtual hosts')
  withChanges(withLocal(vhost.command('create')))
    .description('create a virtual host')
    .argument('<name>')
    .option('--if-not-exists', 'be content when it is there')
    .action(create)
  withLocal(vhost.command('list')).description('list virtual hosts').action(list)
  withLocal(vhost.command('describe'))
    .description('show a virtual host')
    .argument('<name>')
    .action((name: string, flags: LocalFlags) =>
      withLocalBroker(flags, async (broker, output) =>
        describe(
          output,
          await rowOf(broker, 'describe-namespace', { name }),
          `Virtual host ${name}`,
        ),
      ),
    )
  withChanges(withLocal(vhost.command('alter')))
    .description('change a virtual host')
    .argument('<name>')
    .option('--protect', 'it cannot be deleted')
    .option('--no-protect', 'it can be')
    .option('--trace', 'copy all that is published and delivered to amq.rabbitmq.trace')
    .option('--no-trace', 'end that')
    .action(alter)
  withLocal(vhost.command('delete'))
    .description('delete virtual hosts with all that is in them')
    .argument('<names...>')
    .option('--if-exists', 'be content when one is not there')
    .action(remove)
}

function withChanges(command: Command): Command {
  return command
    .option('--description <text>', 'what it is for')
    .option('--tag <tag>', 'a tag; can be given several times', several)
    .option('--default-queue-type <type>', 'classic, quorum, stream; or none', queueType)
    .option('--max-connections <n>', 'how many there may be; or none', limit)
    .option('--max-queues <n>', 'how many there may be; or none', limit)
}

const limit = (text: string): number | null => (text === 'none' ? null : wholeNumber(text))

function queueType(text: string): string | null {
  if (text === 'none') return null
  if (['classic', 'quorum', 'stream'].includes(text)) return text
  throw new InvalidArgumentError('It is classic, quorum, stream or none.')
}

type ChangeFlags = LocalFlags & {
  readonly description?: string
  readonly tag?: readonly string[]
  readonly defaultQueueType?: string | null
  readonly maxConnections?: number | null
  readonly maxQueues?: number | null
}

function changesOf(flags: ChangeFlags): Readonly<Record<string, unknown>> {
  const { description, tag: tags, defaultQueueType } = flags
  const all = {
    description,
    tags,
    defaultQueueType,
    connectionsMax: flags.maxConnections,
    queuesMax: flags.maxQueues,
  }
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined))
}

function create(name: string, flags: ChangeFlags & { readonly ifNotExists?: true }): Promise<void> {
  return withLocalBroker(flags, async (broker, output) => {
    const ifAbsent = flags.ifNotExists === true
    const { created } = await rowOf(broker, 'add-namespace', {
      name,
      ifAbsent,
      ...changesOf(flags),
    })
    const words =
      created === true
        ? `Created virtual host "${name}".`
        : `Virtual host "${name}" is there already.`
    await output.said(words, { vhost: name, created })
  })
}

function list(flags: LocalFlags): Promise<void> {
  return withLocalBroker(flags, async (broker, output) => {
    const columns = {
      name: 'VHOST',
      description: 'DESCRIPTION',
      queues: 'QUEUES',
      connections: 'CONNECTIONS',
    }
    await output.table(columns, await rowsOf(broker, 'list-namespaces'))
  })
}

type AlterFlags = ChangeFlags & { readonly protect?: boolean; readonly trace?: boolean }

function alter(name: string, flags: AlterFlags): Promise<void> {
  const changes = {
    ...changesOf(flags),
    ...(flags.protect === undefined ? {} : { isProtected: flags.protect }),
  }
  if (Object.keys(changes).length === 0 && flags.trace === undefined)
    throw new CommandError('usage', `nothing to change on virtual host "${name}": see --help`)
  return withLocalBroker(flags, async (broker, output) => {
    await broker.ask('alter-namespace', { name, ...changes })
    if (flags.trace !== undefined) await broker.ask('trace', { namespace: name, isOn: flags.trace })
    await output.said(`Changed virtual host "${name}".`, { vhost: name, changed: true })
  })
}

function remove(
  names: readonly string[],
  flags: LocalFlags & { readonly ifExists?: true },
): Promise<void> {
  return withLocalBroker(flags, async (broker, output) => {
    const deleted: string[] = []
    for (const name of names) {
      const answer = await broker.unlessMissing(flags.ifExists === true, 'delete-namespace', {
        name,
      })
      if (answer !== undefined) deleted.push(name)
    }
    const quoted = deleted.map(name => `"${name}"`).join(', ')
    await output.said(
      deleted.length === 0 ? 'Nothing to delete.' : `Deleted ${quoted}.`,
      deleted.map(name => ({ vhost: name, deleted: true })),
    )
  })
}
