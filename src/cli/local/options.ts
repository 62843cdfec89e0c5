import type { Command } from 'commander'
import { Output } from '../output.ts'
import { LocalBroker } from './client.ts'

/** What every command takes that asks a broker of this machine. */
export type LocalFlags = {
  readonly data: string
  readonly json?: true
}
export type VhostFlags = LocalFlags & { readonly vhost: string }

export type Row = Readonly<Record<string, unknown>>

export function withLocal(command: Command): Command {
  return command
    .option(
      '--data <folder>',
      'the data folder of the broker to talk to (SABIR_DATA)',
      process.env['SABIR_DATA'] ?? './sabir-data',
    )
    .option('--json', 'write JSON, for programs')
}

export const withVhost = (command: Command): Command =>
  withLocal(command).option('-v, --vhost <name>', 'the virtual host', '/')

/** Runs a command's work with a broker of this machine and an output. */
export async function withLocalBroker(
  flags: LocalFlags,
  work: (broker: LocalBroker, output: Output) => Promise<void>,
): Promise<void> {
  await work(await LocalBroker.open(flags.data), new Output(flags.json === true))
}

/** A list an operation answers with. */
export async function rowsOf(
  broker: LocalBroker,
  operation: string,
  args: object = {},
): Promise<readonly Row[]> {
  return (await broker.ask(operation, args)) as readonly Row[] // As operations of lists answer.
}

export async function rowOf(broker: LocalBroker, operation: string, args: object): Promise<Row> {
  return (await broker.ask(operation, args)) as Row // As those do that describe one thing.
}

/** For commander: repeated `name=value`, whose value is JSON where it can be read as such. */
export function argument(
  text: string,
  sofar: Readonly<Record<string, unknown>> = {},
): Readonly<Record<string, unknown>> {
  const equals = text.indexOf('=')
  const name = equals < 0 ? text : text.slice(0, equals)
  const value = equals < 0 ? 'true' : text.slice(equals + 1)
  return { ...sofar, [name]: jsonOrText(value) }
}

export function jsonOrText(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

/** Lines of `name: value` for one thing, without what says nothing. */
export async function describe(output: Output, row: Row, title: string): Promise<void> {
  if (output.isJson) return output.json(row)
  const lines = Object.entries(row)
    .filter(([, value]) => !isEmpty(value))
    .map(
      ([name, value]) => `  ${name}: ${typeof value === 'string' ? value : JSON.stringify(value)}`,
    )
  await output.write(`${title}\n${lines.join('\n')}\n`)
}

function isEmpty(value: unknown): boolean {
  if (value === null || value === '') return true
  return typeof value === 'object' && Object.keys(value).length === 0
}
