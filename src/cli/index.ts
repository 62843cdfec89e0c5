import { Command, CommanderError } from 'commander'
import { version } from '../version.ts'
import { CommandError } from './error.ts'
import { exitCodes, exitCodesText } from './exit-codes.ts'

/** Each command is loaded when it is called, or when all are to be listed. */
const modules: Readonly<Record<string, () => Promise<{ define(program: Command): void }>>> = {
  start: () => import('./start-help.ts'),
  topic: () => import('./topic/index.ts'),
  produce: () => import('./produce.ts'),
  consume: () => import('./consume.ts'),
  group: () => import('./group/index.ts'),
  queue: () => import('./queue/index.ts'),
  exchange: () => import('./exchange/index.ts'),
  binding: () => import('./binding.ts'),
  policy: () => import('./policy/index.ts'),
  vhost: () => import('./vhost/index.ts'),
  user: () => import('./user/index.ts'),
  permission: () => import('./permission.ts'),
  connection: () => import('./connection.ts'),
  definitions: () => import('./definitions.ts'),
  log: () => import('./log.ts'),
  rabbitmqctl: () => import('./ctl/help.ts'),
}

/** Runs one command and sets the exit code; what went wrong is one sentence on stderr. */
export async function run(words: readonly string[]): Promise<void> {
  if (words[0] === 'rabbitmqctl') {
    const { rabbitmqctl } = await import('./ctl/index.ts') // It has a parser of its own.
    return rabbitmqctl(words.slice(1))
  }
  const program = new Command('sabir')
    .description('One message broker that speaks the protocols your clients already use.')
    .version(version)
    .addHelpText('after', `\n${exitCodesText}`)
    .showHelpAfterError('(see --help)')
    .exitOverride()
  const chosen = modules[words[0] ?? '']
  const loaded = await Promise.all((chosen ? [chosen] : Object.values(modules)).map(load => load()))
  for (const module of loaded) module.define(program)
  overrideExits(program)
  try {
    await program.parseAsync([...words], { from: 'user' })
  } catch (error) {
    process.exitCode = report(error)
  }
}

/** Subcommands inherit it only when it was set before they were made; theirs were not. */
function overrideExits(command: Command): void {
  for (const child of command.commands) {
    child.exitOverride().showHelpAfterError('(see --help)')
    child.addHelpText('after', `\n${exitCodesText}`)
    overrideExits(child)
  }
}

function report(error: unknown): number {
  if (error instanceof CommanderError) {
    // Help that was asked for; the sentence about a wrong command is on stderr already.
    return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage
  }
  if (error instanceof CommandError) {
    process.stderr.write(`sabir: ${error.message}\n`)
    return error.exitCode
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
  process.stderr.write(`sabir: ${text}\n`)
  return exitCodes.failed
}
