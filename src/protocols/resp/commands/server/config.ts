import { matchesGlob } from '../../../../lib/glob.ts'
import type { Call, Command, CommandFlag } from '../../command.ts'
import { ReplyError, syntaxError } from '../../errors.ts'
import { helpCommand } from '../../help.ts'
import { type Parameter, refusedValue } from '../../parameters/index.ts'

const flags: readonly CommandFlag[] = ['admin', 'noscript', 'loading', 'stale']

export const configCommands: readonly Command[] = [
  {
    name: 'config',
    arity: -2,
    group: 'server',
    flags: [],
    since: '2.0.0',
    summary: 'Settings of the server.',
    subcommands: [
      {
        name: 'config|get',
        arity: -3,
        group: 'server',
        flags,
        since: '2.0.0',
        summary: 'The values of parameters.',
        run: get,
      },
      {
        name: 'config|set',
        arity: -4,
        group: 'server',
        flags,
        since: '2.0.0',
        summary: 'Changes parameters until the broker stops: all of those given, or none.',
        run: set,
      },
      {
        name: 'config|resetstat',
        arity: 2,
        group: 'server',
        flags,
        since: '2.0.0',
        summary: 'Sets the counters of INFO back.',
        run: resetStatistics,
      },
      {
        name: 'config|rewrite',
        arity: 2,
        group: 'server',
        flags,
        since: '2.8.0',
        summary: 'Not here: the configuration is a file of the operator.',
        run: () => {
          throw new ReplyError('ERR The server is running without a config file')
        },
      },
      helpCommand(
        'config',
        [
          ['GET <pattern> [<pattern> ...]', 'Parameters whose names match, and their values.'],
          ['SET <directive> <value> [<directive> <value> ...]', 'Changes parameters.'],
          ['RESETSTAT', 'Sets the counters of INFO back.'],
          ['REWRITE', 'Not here: the configuration is a file of the operator.'],
        ],
        { group: 'server', flags: ['loading', 'stale'], since: '5.0.0' },
      ),
    ],
  },
]

function get({ args, reply, services }: Call): void {
  const { parameters } = services
  const found = new Map<string, Parameter>()
  for (let index = 2; index < args.count; index++) {
    const word = args.lower(index)
    if (!/[[*?]/.test(word)) {
      const parameter = parameters.get(word)
      if (parameter !== undefined) found.set(word, parameter)
      continue
    }
    for (const parameter of parameters.all())
      if (matchesGlob(word, parameter.name)) found.set(parameter.name, parameter)
  }
  reply.map(found.size)
  for (const [name, parameter] of found) {
    reply.text(name)
    reply.text(parameter.get())
  }
}

type Change = { readonly parameter: Parameter; readonly value: string; readonly before: string }

function set(call: Call): void {
  const { args, reply } = call
  if (args.count % 2 !== 0) throw syntaxError()
  const changes = changesOf(call)
  const made: Change[] = []
  try {
    for (const change of changes) {
      change.parameter.set!(change.value)
      made.push(change)
    }
  } catch (error) {
    for (const { parameter, before } of made.reverse()) parameter.set!(before)
    throw error
  }
  reply.ok()
}

function changesOf({ args, services }: Call): Change[] {
  const changes = new Map<string, Change>()
  for (let index = 2; index < args.count; index += 2) {
    const name = args.lower(index)
    if (services.parameters.get(name) !== undefined) continue
    throw new ReplyError(
      `ERR Unknown option or number of arguments for CONFIG SET - '${args.text(index)}'`,
    )
  }
  for (let index = 2; index < args.count; index += 2) {
    const parameter = services.parameters.get(args.lower(index))!
    const given = args.text(index)
    if (parameter.set === undefined) throw refusedValue(given, "can't set immutable config")
    if (changes.has(parameter.name)) throw refusedValue(given, 'duplicate parameter')
    const value = args.text(index + 1)
    changes.set(parameter.name, { parameter, value, before: parameter.get() })
  }
  return [...changes.values()]
}

function resetStatistics({ services, reply }: Call): void {
  services.statistics.reset()
  for (const entry of services.commands.all()) entry.forgetStatistics()
  reply.ok()
}
