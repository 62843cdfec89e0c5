import type { Call, Command } from './command.ts'
import { ReplyError } from './errors.ts'

/** What a HELP says: the subcommands of `container` with what their summaries say of them. */
export function writeHelp({ reply }: Call, container: string, forms: readonly HelpForm[]): void {
  reply.array(1 + forms.length * 2 + 2)
  reply.simple(`${container} <subcommand> [<arg> [value] [opt] ...]. Subcommands are:`)
  for (const [form, meaning] of forms) {
    reply.simple(form)
    reply.simple(`    ${meaning}`)
  }
  reply.simple('HELP')
  reply.simple(`    ${MEANING}`)
}

const MEANING = 'Print this help.'

/** A subcommand with its arguments as people are shown them, and what it does. */
export type HelpForm = readonly [form: string, meaning: string]

/** The subcommand itself, for a container's table. */
export function helpCommand(
  container: string,
  forms: readonly HelpForm[],
  rest: Pick<Command, 'group' | 'flags' | 'since' | 'categories'>,
): Command {
  return {
    ...rest,
    name: `${container}|help`,
    arity: 2,
    summary: `The subcommands of ${container.toUpperCase()}.`,
    run: call => writeHelp(call, container.toUpperCase(), forms),
  }
}

/** The container's words fit none of its subcommands, though their number was allowed. */
export function unknownSubcommand({ args }: Call): ReplyError {
  const said = args.binary(1).slice(0, 128)
  return new ReplyError(
    `ERR unknown subcommand or wrong number of arguments for '${said}'. ` +
      `Try ${args.upper(0)} HELP.`,
  )
}
