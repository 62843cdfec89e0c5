import { readFileSync, writeFileSync } from 'node:fs'
import type { Command } from 'commander'
import { CommandError, messageOf } from './error.ts'
import { type LocalFlags, rowOf, withLocal, withLocalBroker } from './local/options.ts'

const STDIO = '-'

export function define(program: Command): void {
  const definitions = program
    .command('definitions')
    .description("export and import what there is, but for messages, as RabbitMQ's JSON")
  withLocal(definitions.command('export'))
    .description('write definitions to a file, or to stdout')
    .argument('[file]', 'default: stdout', STDIO)
    .option('-v, --vhost <name>', 'of this virtual host only')
    .action(exportTo)
  withLocal(definitions.command('import'))
    .description('make what definitions say; what is there stays')
    .argument('[file]', 'default: stdin', STDIO)
    .option('-v, --vhost <name>', 'put everything into this virtual host')
    .action(importFrom)
}

type Flags = LocalFlags & { readonly vhost?: string }
const inVhost = ({ vhost }: Flags): object => (vhost === undefined ? {} : { namespace: vhost })

function exportTo(file: string, flags: Flags): Promise<void> {
  return withLocalBroker(flags, async (broker, output) => {
    const exported = await rowOf(broker, 'export-definitions', inVhost(flags))
    const text = `${JSON.stringify(exported, null, 2)}\n`
    if (file === STDIO) return output.write(text)
    try {
      writeFileSync(file, text)
    } catch (error) {
      throw new CommandError('failed', `cannot write "${file}": ${messageOf(error)}`)
    }
    await output.said(`Wrote definitions to "${file}".`, { file, exported: true })
  })
}

type Report = {
  readonly counts: Readonly<Record<string, Readonly<Record<string, number>>>>
  readonly failures: readonly { readonly section: string; readonly message: string }[]
}

function importFrom(file: string, flags: Flags): Promise<void> {
  return withLocalBroker(flags, async (broker, output) => {
    const definitions = parsed(await textOf(file), file)
    const report = (await broker.ask('import-definitions', {
      definitions,
      ...inVhost(flags),
    })) as Report // As the operation answers.
    const rows = Object.entries(report.counts).map(([section, counts]) => ({ section, ...counts }))
    const columns = { section: 'SECTION', made: 'MADE', changed: 'CHANGED', kept: 'KEPT' }
    if (output.isJson) await output.json(report)
    else await output.table(columns, rows)
    const [first] = report.failures
    if (first === undefined) return
    const texts = report.failures.map(({ message }) => `  ${message}`)
    throw new CommandError('failed', `refused, and the rest was made:\n${texts.join('\n')}`)
  })
}

async function textOf(file: string): Promise<string> {
  if (file === STDIO) {
    const chunks: Buffer[] = []
    for await (const chunk of process.stdin as AsyncIterable<Buffer>) chunks.push(chunk)
    return Buffer.concat(chunks).toString()
  }
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new CommandError('failed', `cannot read "${file}": ${messageOf(error)}`)
  }
}

function parsed(text: string, file: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new CommandError('failed', `"${file}" is not JSON: ${messageOf(error)}`)
  }
}
