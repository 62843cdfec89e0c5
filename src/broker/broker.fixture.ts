import { silentLogger } from '../lib/logger.ts'
import { openMemoryStore } from '../log/index.ts'
import { nodePlatform } from '../platform/index.ts'
import { Broker } from './broker.ts'
import { Runtime } from './runtime.ts'
import { brokerSettingsDefault } from './settings.ts'

/** For tests: a whole broker in memory, without listeners. The test closes it. */
export function openBroker(): Promise<Broker> {
  const { clock, timers, random } = nodePlatform
  const logger = silentLogger
  const runtime = new Runtime({ settings: brokerSettingsDefault, clock, timers, random, logger })
  return Broker.open(runtime, machines =>
    openMemoryStore({ platform: nodePlatform, logger, machines, memoryBytesMax: 1 << 26 }),
  )
}
