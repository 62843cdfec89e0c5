import { Option, type Command } from 'commander'
import { listGroups } from '../../protocols/kafka/schema/index.ts'
import { throwIfRefused } from '../client/refusals.ts'
import { describeGroups } from './describe.ts'
import { resetGroup, type ResetFlags } from './reset.ts'
import { pointInTime, several, wholeNumber, withBroker, withClient } from '../options.ts'
import type { CommonFlags } from '../options.ts'

export function define(program: Command): void {
  const group = program
    .command('group')
    .description('list and describe consumer groups, reset their offsets')
  withBroker(group.command('list')).description('list groups').action(list)
  withBroker(group.command('describe'))
    .description('show where groups stand, how far they lag, and their members')
    .argument('<names...>')
    .action((names: string[], flags: CommonFlags) =>
      withClient(flags, (client, output) => describeGroups(client, output, names)),
    )
  withBroker(group.command('reset'))
    .description(
      'move the offsets of a group without members; shows what would be unless --execute',
    )
    .argument('<name>')
    .option('-t, --topic <name[:partitions]>', 'orders, or orders:0,1; repeatable', several)
    .option('--all-topics', 'every topic the group has committed offsets of')
    .option('--to-earliest', 'to the oldest records')
    .option('--to-latest', 'to the end')
    .option('--to-current', 'leave them, and just show or write them again')
    .option('--to-offset <n>', 'to this offset', wholeNumber)
    .option('--to-time <time>', 'to the first record at or after this time', pointInTime)
    .addOption(
      new Option('--shift-by <n>', 'forward by n, back by -n').argParser(text =>
        /^[+-]?\d+$/.test(text) ? Number(text) : Number.NaN,
      ),
    )
    .option('--dry-run', 'only show (the default)')
    .option('--execute', 'do it')
    .action((name: string, flags: CommonFlags & ResetFlags) =>
      withClient(flags, (client, output) => resetGroup(client, output, name, flags)),
    )
}

function list(flags: CommonFlags): Promise<void> {
  return withClient(flags, async (client, output) => {
    const answer = await client.ask(listGroups, {})
    throwIfRefused('groups', answer.errorCode)
    const groups = answer.groups
      .map(one => ({
        name: one.groupId,
        state: one.groupState,
        type: one.groupType,
        protocol: one.protocolType,
      }))
      .toSorted((one, other) => (one.name < other.name ? -1 : 1))
    await output.table(
      { name: 'GROUP', state: 'STATE', type: 'TYPE', protocol: 'PROTOCOL' },
      groups,
    )
  })
}
