import { allCommands } from './commands/index.ts'
import { type Command, type Section, sections } from './command.ts'

const bold = (text: string): string => `\x1b[1m${text}\x1b[0m`

/** The line that shows how a command is called. */
export function synopsis({ name, usage }: Command): string {
  const tail = usage === '' ? '' : ` ${usage}`
  return `\n${bold('Usage')}\n\nrabbitmqctl [--node <node>] [--longnames] [--quiet] ${name}${tail}`
}

export const usageOf = (command: Command): string =>
  `${synopsis(command)}\n\n${command.about}\n\n${optionsText}`

const optionsText = `Options of all commands:
  -p, --vhost <name>          the virtual host, where there is one to choose
  -q, --quiet                 no informational messages
  -s, --silent                neither these nor the line of column names
  --no-table-headers          no line of column names
  --formatter <name>          table, json, csv, pretty_table, erlang
  -n, --node, -t, --timeout, -l   taken as RabbitMQ takes them; there is one node
  --data <folder>             the data folder of the broker (SABIR_DATA)`

/** All commands, by section. */
export async function generalUsage(): Promise<string> {
  const commands = await allCommands()
  const head = `
${bold('Usage')}

rabbitmqctl [--node <node>] [--timeout <timeout>] [--longnames] [--quiet] \
<command> [<command options>]

Available commands:`
  const parts = Object.entries(sections).map(([key, title]) => {
    const lines = commands
      .filter(({ section }) => section === (key as Section))
      .toSorted((one, other) => (one.name < other.name ? -1 : 1))
      .map(({ name, about }) => `   ${name.padEnd(30)}${about}`)
    return lines.length === 0 ? '' : `${bold(title)}:\n\n${lines.join('\n')}\n`
  })
  const end = "Use 'rabbitmqctl help <command>' to learn more about a specific command"
  return [head, ...parts.filter(part => part !== ''), end].join('\n\n').replaceAll('\n\n\n', '\n\n')
}
