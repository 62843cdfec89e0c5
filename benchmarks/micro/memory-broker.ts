import { Broker } from '../../src/broker/broker.ts'
import { Runtime } from '../../src/broker/runtime.ts'
import { brokerSettingsDefault } from '../../src/broker/settings.ts'
import { silentLogger } from '../../src/lib/logger.ts'
import { type Durability, openMemoryStore } from '../../src/log/index.ts'
import { nodePlatform } from '../../src/platform/index.ts'

/** The broker without protocols and disk; its logs have the durability that is given. */
export function openMemoryBroker(
  durability: Durability = brokerSettingsDefault.durability,
): Promise<Broker> {
  const { clock, timers, random } = nodePlatform
  const settings = { ...brokerSettingsDefault, durability }
  const runtime = new Runtime({ settings, clock, timers, random, logger: silentLogger })
  return Broker.open(runtime, machines =>
    openMemoryStore({ platform: nodePlatform, machines, logger: silentLogger }),
  )
}
