import type { LocalBroker } from '../local/client.ts'
import type { Options, Switches } from './switches.ts'
import type { Row } from './values.ts'

/** RabbitMQ's exit codes, which are those of sysexits.h. */
export const ctlExit = {
  ok: 0,
  usage: 64,
  data: 65,
  noUser: 67,
  unavailable: 69,
  software: 70,
  temporary: 75,
} as const

/** Ends a command. `text` goes to stderr as it is. */
export class CtlError extends Error {
  override readonly name = 'CtlError'
  readonly code: number

  constructor(code: number, text: string) {
    super(text)
    this.code = code
  }
}

/** Wrong arguments: the text goes in front of the usage. */
export class ArgumentError extends Error {
  override readonly name = 'ArgumentError'
  readonly code: number

  constructor(text: string, code: number = ctlExit.usage) {
    super(text)
    this.code = code
  }
}

export const badArgument = (detail?: string): ArgumentError =>
  new ArgumentError(
    detail === undefined ? 'Bad argument.' : `Bad argument: ${detail}`,
    ctlExit.data,
  )

/** What a command has to work with. */
export type Call = {
  readonly args: readonly string[]
  readonly options: Options
  readonly vhost: string
  readonly node: string
  /** Asks the broker; its refusals are CtlErrors already. */
  readonly ask: (operation: string, args?: object) => Promise<unknown>
  /** The same for a list. */
  readonly rows: (operation: string, args?: object) => Promise<readonly Json[]>
  /** For those who look at refusals themselves. */
  readonly broker: () => Promise<LocalBroker>
  /** As `ask`, but looks again where the broker is: it may have been started meanwhile. */
  readonly fresh: (operation: string) => Promise<unknown>
  /** What follows on stdin, without its line end. */
  readonly input: () => Promise<string>
}

export type Json = Readonly<Record<string, unknown>>

export type Result =
  /** Nothing more to say. */
  | void
  /** Lines for people and programs alike, whatever the format. */
  | { readonly text: string }
  /** Without a header whatever was asked for, where RabbitMQ forgot it. */
  | {
      readonly rows: readonly Row[]
      readonly isHeadless?: true
      /** JSON on one line: what RabbitMQ does not send row by row. */
      readonly isWhole?: true
    }
  /** A single thing: the text is for people, the value for `--formatter json`. */
  | { readonly text: string; readonly value: unknown }

export type Command = {
  readonly name: string
  /** What follows the name in the synopsis; RabbitMQ 3.10's. */
  readonly usage: string
  readonly about: string
  readonly section: Section
  /** How many words it takes. */
  readonly words: readonly [min: number, max: number]
  readonly switches?: Switches
  readonly aliases?: Readonly<Record<string, string>>
  /** In which state the broker has to be; running unless said. */
  readonly needs?: 'running' | 'suspended' | 'any' | 'nothing'
  /** Throws ArgumentError. */
  check?(call: Pick<Call, 'args' | 'options'>): void
  /** Said before, unless it is to be quiet. */
  banner?(call: Call): string | readonly string[]
  /** In whose words it says that a user or virtual host is missing. */
  readonly missing?: Missing
  run(call: Call): Promise<Result>
}

/** How RabbitMQ words it differs from command to command. */
export type Missing = {
  readonly user?: 'quoted' | 'term' | 'bare'
  readonly vhost?: 'plain' | 'bare'
}

export const sections = {
  help: 'Help',
  nodes: 'Nodes',
  cluster: 'Cluster',
  users: 'Users',
  access: 'Access Control',
  monitoring: 'Monitoring, observability and health checks',
  parameters: 'Parameters',
  policies: 'Policies',
  vhosts: 'Virtual hosts',
  configuration: 'Configuration and Environment',
  definitions: 'Definitions',
  features: 'Feature flags',
  operations: 'Operations',
  queues: 'Queues',
} as const
export type Section = keyof typeof sections

export const columnsAsked = (args: readonly string[], usual: readonly string[]): string[] => {
  const asked = args.flatMap(word => word.split(',')).filter(word => word !== '')
  return asked.length === 0 ? [...usual] : asked
}

/** Throws for columns nobody knows. */
export function checkColumns(args: readonly string[], known: readonly string[]): void {
  const unknown = columnsAsked(args, []).filter(column => !known.includes(column))
  if (unknown.length === 0) return
  throw new ArgumentError(`Info key(s) ${unknown.join(',')} are not supported`)
}

/** Columns of a row, in the order asked for. */
export const picked = (row: Row, columns: readonly string[]): Row =>
  Object.fromEntries(columns.map(column => [column, row[column] ?? '']))

export function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new CtlError(ctlExit.unavailable, 'Error:\nJSON decoding error. Reason: badarg')
  }
}

/** With the names of every object in order, as RabbitMQ writes JSON. */
export function sortedJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(sortedJson).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const entries = Object.entries(value).toSorted(([one], [other]) => (one < other ? -1 : 1))
  return `{${entries.map(([key, one]) => `${JSON.stringify(key)}:${sortedJson(one)}`).join(',')}}`
}
