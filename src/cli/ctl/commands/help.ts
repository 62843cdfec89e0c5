import { version } from '../../../version.ts'
import { type Command, CtlError, ctlExit } from '../command.ts'
import { generalUsage, usageOf } from '../usage.ts'
import { commandNames, commandOf } from './index.ts'

const section = 'help'

export const commands: readonly Command[] = [
  {
    name: 'help',
    usage: '(<command> | [--list-commands])',
    about: 'Shows how a command is called',
    section,
    words: [0, 1],
    switches: { list_commands: 'flag' },
    needs: 'nothing',
    async run({ args: [name], options }) {
      if (options['list_commands'] === true) return { text: commandNames.toSorted().join('\n') }
      if (name === undefined) return { text: await generalUsage() }
      const command = await commandOf(name)
      if (command !== undefined) return { text: usageOf(command) }
      throw new CtlError(ctlExit.usage, `\nCommand '${name}' not found. \n${await generalUsage()}`)
    },
  },
  {
    name: 'autocomplete',
    usage: '[prefix] [--timeout <timeout>]',
    about: 'Lists the commands that begin so',
    section,
    words: [0, 1],
    needs: 'nothing',
    run: async ({ args: [prefix = ''] }) => ({
      text: commandNames
        .filter(name => name.startsWith(prefix))
        .toSorted()
        .join('\n'),
    }),
  },
  {
    name: 'version',
    usage: '',
    about: 'Shows the version of this program',
    section,
    words: [0, 0],
    needs: 'nothing',
    run: async ({ node }) => ({ text: version, value: { node, result: 'ok', value: { version } } }),
  },
]
