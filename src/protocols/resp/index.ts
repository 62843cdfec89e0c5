import type { Broker } from '../../broker/broker.ts'
import { DEFAULT_NAMESPACE } from '../../broker/topic/index.ts'
import type { Protocol } from '../protocol.ts'
import { Blocking } from './blocking/index.ts'
import { Clients } from './clients.ts'
import { CommandTable } from './command-table.ts'
import { commands } from './commands/index.ts'
import { RespConnection } from './connection.ts'
import { detect } from './detect.ts'
import { Durability } from './durability.ts'
import { Executor } from './executor.ts'
import { openGatekeeper } from './gatekeeper.ts'
import { Monitors } from './monitors.ts'
import { type RespOptions, respOptionsDefault } from './options.ts'
import { Parameters } from './parameters/index.ts'
import type { Services } from './services.ts'
import { Slowlog } from './slowlog.ts'
import { Statistics } from './statistics.ts'
import { Notifications, OutputLimits, subscriptionParameters } from './subscriptions/index.ts'

export { type RespOptions, respOptionsDefault }

/** Redis' protocol in both versions, as its clients speak it. */
export function resp(broker: Broker, options: RespOptions = respOptionsDefault): Protocol {
  const services = openServices(broker, options)
  return {
    name: 'resp',
    port: 6379,
    tlsPort: null,
    detect,
    connect: peer => new RespConnection(peer, services),
  }
}

/** Everything but the sockets. */
export function openServices(broker: Broker, options: RespOptions): Services {
  const { runtime } = broker
  const executor = new Executor()
  const notifications = new Notifications(broker.channels.in(DEFAULT_NAMESPACE))
  const outputLimits = new OutputLimits(runtime.clock)
  const services: Services = {
    broker,
    commands: new CommandTable(commands),
    executor,
    clients: new Clients(runtime),
    blocking: new Blocking(runtime),
    parameters: new Parameters(),
    durability: new Durability(broker, options.appendFsync),
    statistics: new Statistics(),
    slowlog: new Slowlog(),
    monitors: new Monitors(),
    outputLimits,
    database: index => broker.keyspace.database(index),
    databaseCount: options.databases,
    gatekeeper: openGatekeeper(broker, options),
    notifier: notifications,
  }
  executor.services = services
  services.parameters.add(...subscriptionParameters(notifications, outputLimits))
  services.parameters.parserLimits.bulkBytesMax = options.bulkBytesMax
  return services
}
