import { ConfigError, isOpenToAnyone, loadConfig, type Config } from '../config/index.ts'
import type { Logger } from '../lib/logger.ts'
import { openLogger } from '../server/index.ts'
import { openWorld, type World } from '../world.ts'
import { exitCodes } from './exit-codes.ts'
import { readyText } from './ready-text.ts'

/** npm and the terminal both pass a Ctrl-C on; so soon after the first it is the same one. */
const SAME_SIGNAL_MS = 500

/** Runs the broker until a signal stops it. */
export async function start(flags: readonly string[]): Promise<void> {
  const config = await loadConfig(flags, process.env).catch(fail)
  const logger = loggerOf(config)
  process.on('uncaughtException', error => crash(error, logger))
  warnOfOpenListeners(config, logger)
  const world = await openWorld(config, logger).catch(fail)
  stopOnSignals(world, logger)
  process.stdout.write(readyText(config, world.bound))
}

/** Log lines go to stderr, so that stdout holds nothing but what was asked for. */
function loggerOf(config: Config): Logger {
  const isTerminal = process.stderr.isTTY
  const { level, format } = config.log
  return openLogger({
    level,
    format: format === 'auto' ? (isTerminal ? 'pretty' : 'json') : format,
    write: line => process.stderr.write(line),
    hasColors: isTerminal && process.env['NO_COLOR'] === undefined,
  })
}

function warnOfOpenListeners(config: Config, logger: Logger): void {
  for (const listener of config.listeners.filter(isOpenToAnyone))
    logger.warn(
      { listener: listener.name, hosts: listener.hosts },
      'insecure: everybody who reaches this address can read and write everything',
    )
}

function stopOnSignals(world: World, logger: Logger): void {
  let isFirst = true
  const stop = (signal: NodeJS.Signals, code: number): void => {
    if (!isFirst) return
    isFirst = false
    process.stderr.write('Stopping; once more ends at once.\n')
    setTimeout(() => process.on(signal, () => process.exit(128 + code)), SAME_SIGNAL_MS).unref()
    world.close().then(
      () => process.exit(exitCodes.ok),
      error => crash(error, logger),
    )
  }
  process.on('SIGINT', () => stop('SIGINT', 2))
  process.on('SIGTERM', () => stop('SIGTERM', 15))
  process.on('SIGHUP', () => stop('SIGHUP', 1))
}

/** A broken promise of ours. Going on could harm what is stored; the next start recovers. */
function crash(error: unknown, logger: Logger): void {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
  logger.error({ error: text }, 'ended by a bug of the broker; what was acknowledged is safe')
  process.exit(exitCodes.bug)
}

/** What the operator can change is said in a sentence; anything else needs its stack. */
function fail(error: unknown): never {
  const isExpected =
    error instanceof Error &&
    ['ConfigError', 'StartError', 'DiskError', 'DamagedStoreError'].includes(error.name)
  const text = isExpected ? error.message : error instanceof Error ? error.stack : String(error)
  process.stderr.write(`sabir: cannot start: ${text}\n`)
  process.exit(error instanceof ConfigError ? exitCodes.usage : exitCodes.failed)
}
