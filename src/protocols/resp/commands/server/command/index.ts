import { matchesGlob } from '../../../../../lib/glob.ts'
import { categoriesOf } from '../../../access/categories.ts'
import type { CommandEntry } from '../../../command-table.ts'
import type { Call, Command, CommandFlag } from '../../../command.ts'
import { syntaxError } from '../../../errors.ts'
import { helpCommand } from '../../../help.ts'
import { writeDocs } from './docs.ts'
import { getKeys } from './get-keys.ts'
import { writeEntry } from './entry.ts'

const flags: readonly CommandFlag[] = ['loading', 'stale']
const own = { group: 'server', flags, categories: ['connection'], since: '2.8.13' } as const

/** Everything here is read off the tables of commands. */
export const commandCommands: readonly Command[] = [
  {
    ...own,
    name: 'command',
    arity: -1,
    summary: 'All commands, and what they are like.',
    run: ({ reply, services }) => writeAll(reply, services.commands.entries),
    subcommands: [
      {
        ...own,
        name: 'command|count',
        arity: 2,
        summary: 'How many commands there are.',
        run: ({ reply, services }) => reply.integer(services.commands.entries.length),
      },
      {
        ...own,
        name: 'command|info',
        arity: -2,
        summary: 'What some commands are like.',
        run: info,
      },
      {
        ...own,
        name: 'command|docs',
        arity: -2,
        since: '7.0.0',
        summary: 'What commands do, in words.',
        run: docs,
      },
      {
        ...own,
        name: 'command|list',
        arity: -2,
        since: '7.0.0',
        summary: 'The names of commands.',
        run: list,
      },
      {
        ...own,
        name: 'command|getkeys',
        arity: -4,
        summary: 'Which words of a command are keys.',
        run: call => getKeys(call, false),
      },
      {
        ...own,
        name: 'command|getkeysandflags',
        arity: -4,
        since: '7.0.0',
        summary: 'Which words of a command are keys, and what it does with them.',
        run: call => getKeys(call, true),
      },
      helpCommand(
        'command',
        [
          ['(no subcommand)', 'All commands, and what they are like.'],
          ['COUNT', 'How many there are.'],
          ['DOCS [<command> ...]', 'What they do, in words.'],
          ['GETKEYS <command> [<arg> ...]', 'Which words are keys.'],
          ['GETKEYSANDFLAGS <command> [<arg> ...]', 'The same, and what is done with them.'],
          ['INFO [<command> ...]', 'What they are like.'],
          ['LIST [FILTERBY (MODULE|ACLCAT|PATTERN) <value>]', 'Their names.'],
        ],
        { group: 'server', flags, categories: ['connection'], since: '5.0.0' },
      ),
    ],
  },
]

function writeAll(reply: Call['reply'], entries: readonly CommandEntry[]): void {
  reply.array(entries.length)
  for (const entry of entries) writeEntry(reply, entry)
}

function info({ args, reply, services }: Call): void {
  const { commands } = services
  if (args.count === 2) return writeAll(reply, commands.entries)
  reply.array(args.count - 2)
  for (let index = 2; index < args.count; index++) {
    const entry = commands.get(args.lower(index))
    if (entry === undefined) reply.nothing()
    else writeEntry(reply, entry)
  }
}

function docs({ args, reply, services }: Call): void {
  const { commands } = services
  const chosen: CommandEntry[] = []
  for (let index = 2; index < args.count; index++) {
    const entry = commands.get(args.lower(index))
    if (entry !== undefined) chosen.push(entry)
  }
  const entries = args.count === 2 ? commands.entries : chosen
  reply.map(entries.length)
  for (const entry of entries) {
    reply.text(entry.name)
    writeDocs(reply, entry)
  }
}

function list(call: Call): void {
  const { args, reply, services } = call
  const fits = filterOf(call)
  // A filter looks at subcommands, too.
  const entries = args.count === 2 ? services.commands.entries : services.commands.all()
  const names = [...entries].filter(fits).map(({ name }) => name)
  reply.array(names.length)
  for (const name of names) reply.text(name)
}

function filterOf({ args }: Call): (entry: CommandEntry) => boolean {
  if (args.count === 2) return () => true
  if (args.count !== 5 || !args.is(2, 'filterby')) throw syntaxError()
  const value = args.lower(4)
  switch (args.lower(3)) {
    case 'module':
      return () => false
    case 'aclcat':
      return ({ command }) => [...categoriesOf(command)].some(category => category === value)
    case 'pattern':
      return ({ name }) => matchesGlob(value, name)
    default:
      throw syntaxError()
  }
}
