import type { Command } from 'commander'
import {
  argument,
  describe,
  rowOf,
  rowsOf,
  type VhostFlags,
  withLocalBroker,
  withVhost,
} from '../local/options.ts'
import { defineMessages } from './messages.ts'

export function define(program: Command): void {
  const queue = program
    .command('queue')
    .description('create, list, describe, delete, purge, read queues; settings: sabir policy')
  withVhost(queue.command('create'))
    .description('create a queue')
    .argument('<name>')
    .option('-t, --type <type>', 'classic, quorum or stream')
    .option('-a, --argument <name=value>', 'an argument, such as x-message-ttl=60000', argument)
    .option('--transient', 'it is gone when the broker starts again')
    .option('--auto-delete', 'it goes with its last consumer')
    .option('--source <topic>', 'hand out the records of this topic, and copy nothing')
    .option('--from <place>', 'with --source: first, or next (the end)')
    .action(create)
  withVhost(queue.command('list'))
    .description('list queues')
    .option('--all-vhosts', 'of all virtual hosts')
    .action(list)
  withVhost(queue.command('describe'))
    .description('show everything about queues')
    .argument('<names...>')
    .action(describeQueues)
  withVhost(queue.command('delete'))
    .description('delete queues and their messages')
    .argument('<names...>')
    .option('--if-empty', 'only when they hold no message')
    .option('--if-unused', 'only when nobody consumes from them')
    .option('--if-exists', 'be content when one is not there')
    .action(remove)
  withVhost(queue.command('purge'))
    .description('forget all messages that are not with a consumer')
    .argument('<name>')
    .action(purge)
  defineMessages(queue)
}

type CreateFlags = VhostFlags & {
  readonly type?: string
  readonly argument?: Readonly<Record<string, unknown>>
  readonly transient?: true
  readonly autoDelete?: true
  readonly source?: string
  readonly from?: string
}

function create(name: string, flags: CreateFlags): Promise<void> {
  return withLocalBroker(flags, async (broker, output) => {
    const declared = {
      ...flags.argument,
      ...(flags.type === undefined ? {} : { 'x-queue-type': flags.type }),
      ...(flags.source === undefined ? {} : { 'x-source': flags.source }),
      ...(flags.from === undefined ? {} : { 'x-source-from': flags.from }),
    }
    const { created } = await rowOf(broker, 'declare-queue', {
      namespace: flags.vhost,
      name,
      isDurable: flags.transient !== true,
      isAutoDelete: flags.autoDelete === true,
      declared,
    })
    const words =
      created === true ? `Created queue "${name}".` : `Queue "${name}" is there already.`
    await output.said(words, { queue: name, created })
  })
}

function list(flags: VhostFlags & { readonly allVhosts?: true }): Promise<void> {
  return withLocalBroker(flags, async (broker, output) => {
    const where = flags.allVhosts === true ? {} : { namespace: flags.vhost }
    const rows = (await rowsOf(broker, 'list-queues', where)).toSorted(byName)
    await output.table(
      {
        ...(flags.allVhosts === true ? { vhost: 'VHOST' } : {}),
        name: 'QUEUE',
        type: 'TYPE',
        messages_ready: 'READY',
        messages_unacknowledged: 'UNACKED',
        consumers: 'CONSUMERS',
        policy: 'POLICY',
      },
      rows,
    )
  })
}

const byName = (
  one: Readonly<Record<string, unknown>>,
  other: Readonly<Record<string, unknown>>,
): number => (String(one['name']) < String(other['name']) ? -1 : 1)

function describeQueues(names: readonly string[], flags: VhostFlags): Promise<void> {
  return withLocalBroker(flags, async (broker, output) => {
    const found = []
    for (const name of names)
      found.push(await rowOf(broker, 'describe-queue', { namespace: flags.vhost, name }))
    if (output.isJson) return output.json(found)
    for (const row of found) await describe(output, row, `Queue ${String(row['name'])}`)
  })
}

type DeleteFlags = VhostFlags & {
  readonly ifEmpty?: true
  readonly ifUnused?: true
  readonly ifExists?: true
}

function remove(names: readonly string[], flags: DeleteFlags): Promise<void> {
  return withLocalBroker(flags, async (broker, output) => {
    const deleted = []
    for (const name of names) {
      const answer = await broker.unlessMissing(flags.ifExists === true, 'delete-queue', {
        namespace: flags.vhost,
        name,
        ifEmpty: flags.ifEmpty === true,
        ifUnused: flags.ifUnused === true,
      })
      if (answer === undefined) continue
      deleted.push({ queue: name, deleted: true, ...(answer as object) })
    }
    const quoted = deleted.map(({ queue }) => `"${queue}"`).join(', ')
    await output.said(deleted.length === 0 ? 'Nothing to delete.' : `Deleted ${quoted}.`, deleted)
  })
}

function purge(name: string, flags: VhostFlags): Promise<void> {
  return withLocalBroker(flags, async (broker, output) => {
    const { messages } = await rowOf(broker, 'purge-queue', { namespace: flags.vhost, name })
    await output.said(`Purged queue "${name}": ${String(messages)} messages.`, {
      queue: name,
      messages,
    })
  })
}
