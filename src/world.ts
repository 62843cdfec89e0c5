import { resolve } from 'node:path'
import type { Resources } from './broker/alarms/index.ts'
import { Broker } from './broker/broker.ts'
import { Runtime } from './broker/runtime.ts'
import type { Config } from './config/index.ts'
import type { Logger } from './lib/logger.ts'
import { openFileStore, openMemoryStore, type StateMachine, type Store } from './log/index.ts'
import { nodeMemory, nodePlatform } from './platform/index.ts'
import { protocolFactories } from './protocols/index.ts'
import type { ProcessControl } from './admin/index.ts'
import { LocalEndpoint, Server, type BoundListener } from './server/index.ts'
import { version } from './version.ts'

/** A running broker with everything it consists of. */
export type World = {
  readonly broker: Broker
  /** Where it listens; what was skipped is not among them. */
  readonly bound: readonly BoundListener[]
  /** Connections finish first, then the log; safe to call again. */
  close(): Promise<void>
  /** Called when an operator asks for the process to end. */
  onStopAsked(stop: () => void): void
}

/** Puts the parts together. No other file knows all of them. */
export async function openWorld(config: Config, logger: Logger): Promise<World> {
  const { clock, timers, random } = nodePlatform
  const dataFolder = config.storage === 'memory' ? null : config.dataFolder
  const settings = { ...config.broker, dataFolder }
  const runtime = new Runtime({ settings, clock, timers, random, logger })
  const broker = await Broker.open(runtime, machines => openStore(config, machines, logger))
  broker.alarms.watch(resourcesOf(dataFolder))
  let server: Server
  try {
    server = await Server.open({
      protocols: protocolFactories.map(make => make(broker, config.protocols)),
      listeners: config.listeners,
      connectionsMax: config.connectionsMax,
      clock,
      timers,
      logger,
    })
  } catch (error) {
    await broker.close()
    throw error
  }
  let stop = (): void => {}
  const control: ProcessControl = {
    suspend: () => server.suspend(config.stopGraceMs),
    resume: () => server.resume(),
    get isSuspended() {
      return server.isSuspended
    },
    stop: () => timers.after(STOP_DELAY_MS, () => stop()),
    describe: () => {
      return {
        version,
        node: process.version,
        pid: process.pid,
        dataFolder: dataFolder === null ? null : resolve(dataFolder),
        uptimeSeconds: Math.floor(process.uptime()),
        memoryBytes: process.memoryUsage.rss(),
        connections: server.connectionCount,
        isSuspended: server.isSuspended,
        listeners: server.bound,
      }
    },
  }
  broker.askToStop = () => control.stop()
  let endpoint: LocalEndpoint | null = null
  try {
    if (dataFolder !== null) endpoint = await openEndpoint(dataFolder, broker, control, logger)
  } catch (error) {
    await server.close(0)
    await broker.close()
    throw error
  }
  let closing: Promise<void> | undefined
  const close = async (): Promise<void> => {
    await server.close(config.stopGraceMs)
    await endpoint?.close()
    await broker.close()
  }
  return {
    broker,
    bound: server.bound,
    close: () => (closing ??= close()),
    onStopAsked: asked => {
      stop = asked
    },
  }
}

function openStore(
  config: Config,
  machines: readonly StateMachine[],
  logger: Logger,
): Promise<Store> {
  const { memoryBytesMax, tailBytesMax, flushIntervalMs } = config
  const common = { platform: nodePlatform, logger, machines, memoryBytesMax }
  if (config.storage === 'memory') return openMemoryStore(common)
  const folder = resolve(config.dataFolder)
  return openFileStore({ ...common, folder, tailBytesMax, flushIntervalMs })
}

const resourcesOf = (dataFolder: string | null): Resources => ({
  memory: nodeMemory,
  freeBytes: dataFolder === null ? null : () => nodePlatform.disk.freeBytes(resolve(dataFolder)),
})

/** The answer to whoever asked goes out first. */
const STOP_DELAY_MS = 50

function openEndpoint(
  dataFolder: string,
  broker: Broker,
  control: ProcessControl,
  logger: Logger,
): Promise<LocalEndpoint> {
  return LocalEndpoint.open({
    file: resolve(dataFolder, 'endpoint.json'),
    logger,
    answer: async (name, args) => {
      const { answer } = await import('./admin/index.ts') // Loaded when it is needed first.
      return answer({ broker, process: control }, name, args)
    },
  })
}
