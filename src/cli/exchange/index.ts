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
import { publish, type PublishFlags, withPublish } from '../queue/messages.ts'

export function define(program: Command): void {
  const exchange = program
    .command('exchange')
    .description('create, list, describe, delete exchanges, and publish to them')
  withVhost(exchange.command('create'))
    .description('create an exchange')
    .argument('<name>')
    .option('-t, --type <type>', 'direct, fanout, topic, headers, x-consistent-hash, …', 'direct')
    .option('-a, --argument <name=value>', 'an argument', argument)
    .option('--alternate <exchange>', 'where messages go that no binding matches')
    .option('--transient', 'it is gone when the broker starts again')
    .option('--auto-delete', 'it goes with its last binding')
    .option('--internal', 'fed by other exchanges only')
    .action(create)
  withVhost(exchange.command('list')).description('list exchanges').action(list)
  withVhost(exchange.command('describe'))
    .description('show an exchange and its bindings')
    .argument('<name>')
    .action(describeExchange)
  withVhost(exchange.command('delete'))
    .description('delete exchanges and their bindings')
    .argument('<names...>')
    .option('--if-unused', 'only when nothing is bound to them')
    .option('--if-exists', 'be content when one is not there')
    .action(remove)
  withVhost(withPublish(exchange.command('publish')))
    .description('publish a message: from --body or stdin, or with --lines many')
    .argument('<name>')
    .argument('[routing-key]')
    .action((name: string, key: string | undefined, flags: PublishFlags) =>
      publish({ exchange: name, routingKey: key ?? '' }, flags),
    )
}

type CreateFlags = VhostFlags & {
  readonly type: string
  readonly argument?: Readonly<Record<string, unknown>>
  readonly alternate?: string
  readonly transient?: true
  readonly autoDelete?: true
  readonly internal?: true
}

function create(name: string, flags: CreateFlags): Promise<void> {
  return withLocalBroker(flags, async (broker, output) => {
    const { alternate } = flags
    const { created } = await rowOf(broker, 'declare-exchange', {
      namespace: flags.vhost,
      name,
      type: flags.type,
      isDurable: flags.transient !== true,
      isAutoDelete: flags.autoDelete === true,
      isInternal: flags.internal === true,
      declared: {
        ...flags.argument,
        ...(alternate === undefined ? {} : { 'alternate-exchange': alternate }),
      },
    })
    const words =
      created === true ? `Created exchange "${name}".` : `Exchange "${name}" is there already.`
    await output.said(words, { exchange: name, created })
  })
}

function list(flags: VhostFlags): Promise<void> {
  return withLocalBroker(flags, async (broker, output) => {
    const rows = await rowsOf(broker, 'list-exchanges', { namespace: flags.vhost })
    const columns = {
      name: 'EXCHANGE',
      type: 'TYPE',
      durable: 'DURABLE',
      publishedIn: 'IN',
      publishedOut: 'OUT',
      policy: 'POLICY',
    }
    await output.table(columns, rows)
  })
}

function describeExchange(name: string, flags: VhostFlags): Promise<void> {
  return withLocalBroker(flags, async (broker, output) => {
    const row = await rowOf(broker, 'describe-exchange', { namespace: flags.vhost, name })
    await describe(output, row, `Exchange ${name}`)
  })
}

type DeleteFlags = VhostFlags & { readonly ifUnused?: true; readonly ifExists?: true }

function remove(names: readonly string[], flags: DeleteFlags): Promise<void> {
  return withLocalBroker(flags, async (broker, output) => {
    const deleted: string[] = []
    for (const name of names) {
      const args = { namespace: flags.vhost, name, ifUnused: flags.ifUnused === true }
      const answer = await broker.unlessMissing(flags.ifExists === true, 'delete-exchange', args)
      if (answer !== undefined) deleted.push(name)
    }
    const quoted = deleted.map(name => `"${name}"`).join(', ')
    await output.said(
      deleted.length === 0 ? 'Nothing to delete.' : `Deleted ${quoted}.`,
      deleted.map(name => ({ exchange: name, deleted: true })),
    )
  })
}
