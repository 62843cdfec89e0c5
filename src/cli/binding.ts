import type { Command } from 'commander'
import {
  argument,
  rowOf,
  rowsOf,
  type VhostFlags,
  withLocalBroker,
  withVhost,
} from './local/options.ts'

export function define(program: Command): void {
  const binding = program.command('binding').description('create, list, delete bindings')
  for (const action of ['create', 'delete'] as const)
    withVhost(binding.command(action))
      .description(
        action === 'create'
          ? 'bind a queue or topic (or exchange) to an exchange'
          : 'take a binding away; it is named by all that it was made with',
      )
      .argument('<exchange>')
      .argument('<queue>')
      .option('-k, --key <routing key>', 'the routing key, or the pattern of one', '')
      .option('-a, --argument <name=value>', 'an argument, such as x-match=any', argument)
      .option('--to-exchange', '<queue> is the name of an exchange')
      .action((source: string, destination: string, flags: BindFlags) =>
        change(action, { source, destination }, flags),
      )
  withVhost(binding.command('list'))
    .description('list bindings')
    .option('--implicit', "those, too, that the default exchange has to every queue's name")
    .action(list)
}

type BindFlags = VhostFlags & {
  readonly key: string
  readonly argument?: Readonly<Record<string, unknown>>
  readonly toExchange?: true
}

function change(
  action: 'create' | 'delete',
  ends: { readonly source: string; readonly destination: string },
  flags: BindFlags,
): Promise<void> {
  return withLocalBroker(flags, async (broker, output) => {
    const args = {
      ...ends,
      namespace: flags.vhost,
      destinationKind: flags.toExchange === true ? 'exchange' : 'queue',
      routingKey: flags.key,
      declared: flags.argument ?? {},
    }
    const { source, destination } = ends
    if (action === 'delete') {
      await broker.ask('unbind', args)
      const value = { source, destination, deleted: true }
      return output.said(`Deleted the binding of "${destination}" to "${source}".`, value)
    }
    const { created } = await rowOf(broker, 'bind', args)
    const words = created === true ? 'is bound to' : 'was bound already to'
    await output.said(`"${destination}" ${words} "${source}".`, { source, destination, created })
  })
}

function list(flags: VhostFlags & { readonly implicit?: true }): Promise<void> {
  return withLocalBroker(flags, async (broker, output) => {
    const rows = await rowsOf(broker, 'list-bindings', { namespace: flags.vhost })
    const columns = {
      source: 'EXCHANGE',
      destinationKind: 'TO',
      destination: 'NAME',
      routingKey: 'KEY',
      declared: 'ARGUMENTS',
    }
    const shown = rows.filter(row => flags.implicit === true || row['source'] !== '')
    await output.table(columns, shown)
  })
}
