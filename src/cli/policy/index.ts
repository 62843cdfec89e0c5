import { type Command, InvalidArgumentError } from 'commander'
import { CommandError } from '../error.ts'
import { argument, rowsOf, type VhostFlags, withLocalBroker, withVhost } from '../local/options.ts'

export function define(program: Command): void {
  const policy = program
    .command('policy')
    .description('set, list, delete settings of queues and exchanges, by their names')
  withVhost(policy.command('set'))
    .description('make or replace a policy; it holds at once, for what is there, too')
    .argument('<name>')
    .argument('<pattern>', 'of the names it is for, such as ^orders-')
    .argument('[settings...]', 'such as message-ttl=60000 max-length=1000')
    .option(
      '--apply-to <kind>',
      'all, queues, classic_queues, quorum_queues, streams, exchanges',
      'all',
    )
    .option('--priority <n>', 'of those that match, the highest applies', priority, 0)
    .option('--operator', 'on top of the others: it lowers limits, and does not raise them')
    .action(set)
  withVhost(policy.command('list'))
    .description('list policies')
    .option('--operator', 'those of operators')
    .action(list)
  withVhost(policy.command('delete'))
    .description('delete policies')
    .argument('<names...>')
    .option('--operator', 'of operators')
    .option('--if-exists', 'be content when one is not there')
    .action(remove)
}

function priority(text: string): number {
  if (/^-?\d+$/.test(text)) return Number(text)
  throw new InvalidArgumentError('It is a whole number.')
}

type SetFlags = VhostFlags & {
  readonly applyTo: string
  readonly priority: number
  readonly operator?: true
}

function set(
  name: string,
  pattern: string,
  settings: readonly string[],
  flags: SetFlags,
): Promise<void> {
  const wrong = settings.find(text => !/^[^=]+=/.test(text))
  if (wrong !== undefined) throw new CommandError('usage', `"${wrong}" is not name=value`)
  const definition = settings.reduce(
    (sofar: Readonly<Record<string, unknown>>, text) => argument(text, sofar),
    {},
  )
  return withLocalBroker(flags, async (broker, output) => {
    await broker.ask('set-policy', {
      namespace: flags.vhost,
      name,
      pattern,
      definition,
      applyTo: flags.applyTo,
      priority: flags.priority,
      isOperator: flags.operator === true,
    })
    await output.said(`Set policy "${name}".`, { policy: name, set: true })
  })
}

type OperatorFlags = VhostFlags & { readonly operator?: true }

function list(flags: OperatorFlags): Promise<void> {
  return withLocalBroker(flags, async (broker, output) => {
    const args = { namespace: flags.vhost, isOperator: flags.operator === true }
    const columns = {
      name: 'POLICY',
      pattern: 'PATTERN',
      applyTo: 'APPLIES TO',
      priority: 'PRIORITY',
      definition: 'SETTINGS',
    }
    await output.table(columns, await rowsOf(broker, 'list-policies', args))
  })
}

function remove(
  names: readonly string[],
  flags: OperatorFlags & { readonly ifExists?: true },
): Promise<void> {
  return withLocalBroker(flags, async (broker, output) => {
    const deleted: string[] = []
    for (const name of names) {
      const args = { namespace: flags.vhost, name, isOperator: flags.operator === true }
      const answer = await broker.unlessMissing(flags.ifExists === true, 'delete-policy', args)
      if (answer !== undefined) deleted.push(name)
    }
    const quoted = deleted.map(name => `"${name}"`).join(', ')
    await output.said(
      deleted.length === 0 ? 'Nothing to delete.' : `Deleted ${quoted}.`,
      deleted.map(name => ({ policy: name, deleted: true })),
    )
  })
}
