import { InvalidArgumentError, type Command } from 'commander'
import { parseAddress, parseDuration } from '../config/index.ts'
import { nodePlatform } from '../platform/index.ts'
import { Client } from './client/client.ts'
import { CommandError, messageOf } from './error.ts'
import { Output } from './output.ts'

/** What every command that talks to a broker takes. */
export type CommonFlags = {
  readonly broker: string
  readonly json?: true
  readonly tls?: true
  readonly tlsCa?: string
  readonly tlsCert?: string
  readonly tlsKey?: string
}

/** Adds the flags that all such commands have. */
export function withBroker(command: Command): Command {
  return command
    .option(
      '--broker <host:port>',
      'the broker to talk to (SABIR_BROKER)',
      process.env['SABIR_BROKER'] ?? 'localhost:9092',
    )
    .option('--json', 'write JSON, for programs')
    .option('--tls', 'talk TLS')
    .option('--tls-ca <file>', 'trust the authorities in this file; implies --tls')
    .option('--tls-cert <file>', 'show this certificate; implies --tls')
    .option('--tls-key <file>', 'the private key of --tls-cert')
}

/** Runs a command's work with a client and an output, and closes the client whatever happens. */
export async function withClient(
  flags: CommonFlags,
  work: (client: Client, output: Output) => Promise<void>,
): Promise<void> {
  const bootstrap = parseAddress(flags.broker.includes(':') ? flags.broker : `${flags.broker}:9092`)
  if (bootstrap === undefined)
    throw new CommandError('usage', `--broker "${flags.broker}" is not host:port`)
  const { tls, tlsCa, tlsCert, tlsKey } = flags
  const isTls = [tls, tlsCa, tlsCert].some(flag => flag !== undefined)
  const files = { ca: tlsCa ?? null, cert: tlsCert ?? null, key: tlsKey ?? null }
  const client = new Client(bootstrap, isTls ? files : null)
  try {
    await work(client, new Output(flags.json === true))
  } finally {
    await client.close()
  }
}

/** For commander: a whole number, zero or more. */
export function wholeNumber(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('It is a whole number.')
  return Number(text)
}

/** For commander: a whole number, one or more. */
export function positiveNumber(text: string): number {
  const value = wholeNumber(text)
  if (value === 0) throw new InvalidArgumentError('It is at least 1.')
  return value
}

/** For commander: a time span in milliseconds. */
export function timeSpan(text: string): number {
  const span = parseDuration(text)
  if (span === undefined) throw new InvalidArgumentError('It is a time such as 500ms, 30s or 5m.')
  return span
}

/** For commander: repeated `name=value`. */
export function setting(text: string, sofar: Record<string, string> = {}): Record<string, string> {
  const equals = text.indexOf('=')
  if (equals <= 0) throw new InvalidArgumentError('It is name=value.')
  return { ...sofar, [text.slice(0, equals)]: text.slice(equals + 1) }
}

/** For commander: a flag that may be given several times. */
export const several = (text: string, sofar: string[] = []): string[] => [...sofar, text]

/** For commander: a point in time, as milliseconds since 1970. */
export function pointInTime(text: string): number {
  if (/^\d{9,}$/.test(text)) return Number(text)
  const span = parseDuration(text)
  if (span !== undefined) return nodePlatform.clock.now() - span
  const parsed = Date.parse(text)
  if (!Number.isNaN(parsed)) return parsed
  throw new InvalidArgumentError(
    'It is a date such as 2026-11-21T14:00:00Z, milliseconds since 1970, or a time ago such as 5m.',
  )
}

export const sleep = (ms: number): Promise<void> =>
  new Promise(resolve => {
    nodePlatform.timers.after(ms, resolve)
  })

export { messageOf }
