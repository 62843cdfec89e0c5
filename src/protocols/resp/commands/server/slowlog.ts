import type { Call, Command, CommandFlag } from '../../command.ts'
import { ReplyError } from '../../errors.ts'
import { helpCommand } from '../../help.ts'
import { atLeastAt } from '../../numbers.ts'

const flags: readonly CommandFlag[] = ['admin', 'loading', 'stale']
const SHOWN = 10

export const slowlogCommands: readonly Command[] = [
  {
    name: 'slowlog',
    arity: -2,
    group: 'server',
    flags: [],
    since: '2.2.12',
    summary: 'Commands that took long.',
    subcommands: [
      {
        name: 'slowlog|get',
        arity: -2,
        group: 'server',
        flags,
        since: '2.2.12',
        summary: 'The newest commands that took long.',
        run: get,
      },
      {
        name: 'slowlog|len',
        arity: 2,
        group: 'server',
        flags,
        since: '2.2.12',
        summary: 'How many are remembered.',
        run: ({ reply, services }) => reply.integer(services.slowlog.entries.length),
      },
      {
        name: 'slowlog|reset',
        arity: 2,
        group: 'server',
        flags,
        since: '2.2.12',
        summary: 'Forgets them.',
        run: ({ reply, services }) => {
          services.slowlog.reset()
          reply.ok()
        },
      },
      helpCommand(
        'slowlog',
        [
          ['GET [<count>]', 'The newest entries, 10 unless told otherwise; -1: all.'],
          ['LEN', 'How many there are.'],
          ['RESET', 'Forgets them.'],
        ],
        { group: 'server', flags: ['loading', 'stale'], since: '6.2.0' },
      ),
    ],
  },
]

function get({ args, reply, services }: Call): void {
  if (args.count > 3)
    throw new ReplyError("ERR wrong number of arguments for 'slowlog|get' command")
  const message = 'count should be greater than or equal to -1'
  const count = args.count === 3 ? atLeastAt(args, 2, -1, message) : SHOWN
  const { entries } = services.slowlog
  const shown = count === -1 ? entries : entries.slice(0, count)
  reply.array(shown.length)
  for (const entry of shown) {
    reply.array(6)
    reply.integer(entry.id)
    reply.integer(entry.at)
    reply.integer(entry.microseconds)
    reply.array(entry.words.length)
    for (const word of entry.words) reply.binary(word)
    reply.text(entry.client)
    reply.binary(entry.clientName)
  }
}
