import { silentLogger } from '../../src/lib/logger.ts'
import { openMemoryStore } from '../../src/log/index.ts'
import { nodePlatform } from '../../src/platform/index.ts'
import { Broker } from '../../src/broker/broker.ts'
import { Runtime } from '../../src/broker/runtime.ts'
import { brokerSettingsDefault } from '../../src/broker/settings.ts'

/** For tests: a whole broker in memory, without listeners. The test closes it. */
export function openBroker(): Promise<Broker> {
  const { clock, timers, random } = nodePlatform
  const logger = silentLogger
  const runtime = new Runtime({ settings: brokerSettingsDefault, clock, timers, random, logger })
  return Broker.open(runtime, machines =>
    openMemoryStore({ platform: nodePlatform, logger, machines, memoryBytesMax: 1 << 26 }),
  )
}
