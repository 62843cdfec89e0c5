import { CommandError } from '../error.ts'
import { commandOf, commandNames } from './commands/index.ts'
import {
  ArgumentError,
  type Call,
  type Command,
  CtlError,
  ctlExit,
  type Result,
} from './command.ts'
import {
  isForMachines,
  isFormatter,
  type Formatter,
  formatted,
  formatters,
} from './output/index.ts'
import { jsonLine } from './output/json.ts'
import { Rabbit } from './rabbit.ts'
import { suggestion } from './suggestion.ts'
import { type Options, parseWords } from './switches.ts'
import { generalUsage, synopsis, usageOf } from './usage.ts'

const NODE = 'sabir@localhost'

/**
 * The command line of RabbitMQ's rabbitmqctl, on a Sabir of this machine: the same words in, the
 * same lines and exit codes out.
 */
export async function rabbitmqctl(words: readonly string[]): Promise<void> {
  process.exitCode = await exitCodeOf(words)
}

async function exitCodeOf(input: readonly string[]): Promise<number> {
  const [name] = parseWords(input).words
  if (name === undefined) {
    const isHelp = input.includes('--help') || input.includes('-?')
    if (input.includes('--version')) return exitCodeOf(['version'])
    const text = await generalUsage()
    ;(isHelp ? process.stdout : process.stderr).write(`${text}\n`)
    return isHelp ? ctlExit.ok : ctlExit.usage
  }
  const command = await commandOf(name)
  if (command === undefined) {
    complain(await unknown(name))
    return ctlExit.usage
  }
  try {
    return await runCommand(command, input)
  } catch (error) {
    if (error instanceof ArgumentError) {
      complain(`${error.message}\nArguments given:\n\t${input.join(' ')}\n${synopsis(command)}`)
      return error.code
    }
    if (error instanceof CtlError) {
      complain(error.message)
      return error.code
    }
    if (error instanceof CommandError) {
      complain(`Error:\n${error.message}`)
      return ctlExit.unavailable
    }
    throw error
  }
}

function complain(text: string): void {
  process.stderr.write(`${text}\n`)
}

async function unknown(name: string): Promise<string> {
  const meant = suggestion(name, commandNames)
  const first = `\nCommand '${name}' not found. \n`
  return meant === undefined
    ? `${first}${await generalUsage()}`
    : `${first}Did you mean '${meant}'? `
}

async function runCommand(command: Command, input: readonly string[]): Promise<number> {
  const { words, options, invalid } = parseWords(input, command.switches, command.aliases)
  const args = words.slice(1)
  if (invalid.length > 0) {
    const list = invalid.map(([key, value]) => `${key} : ${value}`).join('\n')
    throw validation(new ArgumentError(`Invalid options for this command:\n${list}`))
  }
  if (options['help'] === true) {
    process.stdout.write(`${usageOf(command)}\n`)
    return ctlExit.ok
  }
  const formatter = formatterOf(options)
  checkCount(command, args)
  try {
    command.check?.({ args, options })
  } catch (error) {
    throw error instanceof ArgumentError ? validation(error) : error
  }
  const call = callOf(command, args, options)
  await checkState(command, call)
  const isQuiet = options['quiet'] === true || options['silent'] === true
  if (!isQuiet && !isForMachines(formatter) && command.banner !== undefined)
    for (const line of [command.banner(call)].flat()) process.stdout.write(`${line}\n`)
  if (options['dry_run'] === true) return ctlExit.ok
  show(await command.run(call), formatter, call)
  return ctlExit.ok
}

const validation = ({ message, code }: ArgumentError): ArgumentError =>
  new ArgumentError(`Error (argument validation): ${message}`, code)

function formatterOf({ formatter = 'table' }: Options): Formatter {
  const name = String(formatter).toLowerCase()
  if (isFormatter(name)) return name
  throw validation(
    new ArgumentError(`there is no formatter "${name}"; there are: ${formatters.join(', ')}`),
  )
}

function checkCount({ words: [min, max] }: Command, args: readonly string[]): void {
  if (args.length < min) throw validation(new ArgumentError('not enough arguments.'))
  if (args.length > max) throw validation(new ArgumentError('too many arguments.'))
}

function callOf(command: Command, args: readonly string[], options: Options): Call {
  const rabbit = new Rabbit(command, options)
  return {
    args,
    options,
    vhost: String(options['vhost'] ?? '/'),
    node: String(options['node'] ?? NODE),
    ask: (operation, given) => rabbit.ask(operation, given),
    rows: (operation, given) => rabbit.rows(operation, given),
    broker: () => rabbit.broker(),
    fresh: operation => rabbit.fresh(operation),
    input: () => rabbit.input(),
  }
}

/** Most work needs a broker that takes clients; some, one that does not. */
async function checkState({ needs = 'running' }: Command, call: Call): Promise<void> {
  if (needs === 'nothing' || needs === 'any') return
  const { isSuspended } = (await call.ask('status')) as { readonly isSuspended: boolean }
  if (isSuspended === (needs === 'suspended')) return
  const [state, remedy] = isSuspended
    ? ['running', "Start it with 'rabbitmqctl start_app'"]
    : ['stopped', "Stop it with 'rabbitmqctl stop_app'"]
  throw new ArgumentError(
    `Error: this command requires the 'rabbit' app to be ${state} on the target node. ${remedy}.`,
  )
}

function show(result: Result, formatter: Formatter, { options, node }: Call): void {
  const { stdout } = process
  if (result === undefined) {
    if (formatter === 'json') stdout.write(`${JSON.stringify({ node, result: 'ok' })}\n`)
    return
  }
  if ('rows' in result) {
    const isWanted = options['silent'] !== true && options['table_headers'] !== false
    const hasHeader = isWanted && result.isHeadless !== true
    const isLine = formatter === 'json' && result.isWhole === true
    stdout.write(isLine ? jsonLine(result.rows) : formatted(result.rows, formatter, hasHeader))
    return
  }
  if (formatter === 'json') {
    const value = 'value' in result ? result.value : { message: result.text }
    stdout.write(`${JSON.stringify(value)}\n`)
  } else if (result.text !== '') stdout.write(`${result.text}\n`)
}
