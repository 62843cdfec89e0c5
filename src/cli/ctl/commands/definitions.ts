import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { badArgument, type Call, type Command, CtlError, ctlExit, parsedJson } from '../command.ts'

const section = 'definitions'
const STDIO = '-'

function checkFormat({ options }: Pick<Call, 'options'>): void {
  const { format = 'json' } = options
  if (String(format).toLowerCase() === 'json') return
  throw badArgument(`definitions are JSON here, not ${String(format)}`)
}

export const commands: readonly Command[] = [
  {
    name: 'export_definitions',
    usage: '<file_path | "-"> [--format <json | erlang>] [--timeout <timeout>]',
    about: 'Writes users, virtual hosts, queues, exchanges, bindings and policies as JSON',
    section,
    words: [1, 1],
    switches: { format: 'text' },
    check({ args: [path = ''], options }) {
      checkFormat({ options })
      const folder = dirname(path)
      if (path !== STDIO && !existsSync(folder))
        throw badArgument(`Directory ${folder} does not exist`)
    },
    banner: ({ args: [path] }) =>
      path === STDIO ? [] : `Exporting definitions in JSON to a file at "${path}" ...`,
    async run({ args: [path = ''], ask }) {
      const definitions = await ask('export-definitions')
      if (path === STDIO) return { text: JSON.stringify(definitions), value: definitions }
      writeFileSync(path, JSON.stringify(definitions))
      return undefined
    },
  },
  {
    name: 'import_definitions',
    usage:
      '<file_path | "-"> [--format <json | erlang>] [--skip-if-unchanged] [--timeout <timeout>]',
    about: 'Makes what such a file says; what is there stays',
    section,
    words: [0, 1],
    switches: { format: 'text', skip_if_unchanged: 'flag' },
    check({ args: [path = STDIO], options }) {
      checkFormat({ options })
      if (path !== STDIO && !existsSync(path)) throw badArgument(`File ${path} does not exist`)
    },
    banner: ({ args: [path = STDIO] }) =>
      path === STDIO
        ? 'Importing definitions in JSON from standard input ...'
        : `Importing definitions in JSON from a file at "${path}" ...`,
    async run({ args: [path = STDIO], ask, input }) {
      const text = path === STDIO ? await input() : readFileSync(path, 'utf8')
      const report = (await ask('import-definitions', { definitions: parsedJson(text) })) as Report
      if (report.failures.length === 0) return undefined
      const lines = report.failures.map(({ message }) => message)
      throw new CtlError(ctlExit.unavailable, `Error:\n${lines.join('\n')}`)
    },
  },
]

type Report = { readonly failures: readonly { readonly message: string }[] }
