import { ConfigError, isOpenToAnyone, loadConfig, type Config } from '../config/index.ts'
import { nodePlatform, nodeYoungHeap } from '../platform/index.ts'
import { boundYoungHeap, LateLogger } from '../server/index.ts'
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
  try {
    const world = await openWorld(config, logger)
    stopOnSignals(world, logger)
    boundYoungHeap(nodeYoungHeap, nodePlatform.timers)
    process.stdout.write(readyText(config, world.bound))
    await logger.load()
  } catch (error) {
    await logger.load()
    fail(error)
  }
}

/** Log lines go to stderr, so that stdout holds nothing but what was asked for. */
function loggerOf(config: Config): LateLogger {
  const isTerminal = process.stderr.isTTY
  const { level, format } = config.log
  return new LateLogger({
    level,
    format: format === 'auto' ? (isTerminal ? 'pretty' : 'json') : format,
    write: line => process.stderr.write(line),
    hasColors: isTerminal && process.env['NO_COLOR'] === undefined,
  })
}

function warnOfOpenListeners(config: Config, logger: LateLogger): void {
  for (const listener of config.listeners.filter(isOpenToAnyone))
    logger.warn(
      { listener: listener.name, hosts: listener.hosts },
      'insecure: everybody who reaches this address can read and write everything',
    )
}

function stopOnSignals(world: World, logger: LateLogger): void {
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
  world.onStopAsked(() => stop('SIGTERM', 15))
  process.on('SIGINT', () => stop('SIGINT', 2))
  process.on('SIGTERM', () => stop('SIGTERM', 15))
  process.on('SIGHUP', () => stop('SIGHUP', 1))
}

/** A broken promise of ours. Nothing more may happen: not even waiting. The next start recovers. */
function crash(error: unknown, logger: LateLogger): never {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
  const words = 'ended by a bug of the broker; what was acknowledged is safe'
  if (logger.isLoaded) logger.error({ error: text }, words)
  else process.stderr.write(`sabir: ${words}\n${text}\n`)
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
