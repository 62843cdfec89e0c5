import { DiskGate } from '../disk-gate.ts'
import type { Broker } from '../../broker/broker.ts'
import { DEFAULT_NAMESPACE } from '../../broker/topic/index.ts'
import type { Protocol } from '../protocol.ts'
import { Acl, accessParameters, AclGatekeeper } from './access/index.ts'
import { followArrivals } from './arrivals.ts'
import { Blocking } from './blocking/index.ts'
import { Clients } from './connected/clients.ts'
import { CommandTable } from './command-table.ts'
import { commands } from './commands/index.ts'
import { RespConnection } from './connection.ts'
import { detect } from './detect.ts'
import { Durability } from './durability.ts'
import { Executor } from './executor.ts'
import { Latency } from './observation/latency.ts'
import { Monitors } from './observation/monitors.ts'
import { type RespOptions, respOptionsDefault } from './options.ts'
import { Parameters, rememberedParameters, serverParameters } from './parameters/index.ts'
import type { Services } from './services.ts'
import { Run } from './observation/run.ts'
import { scriptParameters } from './scripting/index.ts'
import { Slowlog } from './observation/slowlog.ts'
import { Statistics } from './observation/statistics.ts'
import {
  announceOthers,
  Notifications,
  OutputLimits,
  subscriptionParameters,
} from './subscriptions/index.ts'
import { Trackings } from './tracking/index.ts'

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
  const clients = new Clients(runtime)
  const notifications = new Notifications(broker.channels.in(DEFAULT_NAMESPACE))
  const outputLimits = new OutputLimits(runtime.clock)
  const ports = {
    broker,
    commands: new CommandTable(commands),
    clients,
    tracking: new Trackings(clients),
    database: (index: number) => broker.keyspace.database(index),
    databaseCount: options.databases,
  }
  const acl = new Acl(ports)
  const gatekeeper = new AclGatekeeper(acl, ports)
  const services: Services = {
    ...ports,
    executor,
    blocking: new Blocking(runtime, (index, key) => broker.keyspace.database(index).typeOf(key)),
    parameters: new Parameters(),
    durability: new Durability(broker, options.appendFsync),
    diskGate: new DiskGate(broker.runtime.store),
    statistics: new Statistics(),
    slowlog: new Slowlog(),
    monitors: new Monitors(),
    latency: new Latency(),
    run: new Run(runtime),
    outputLimits,
    acl,
    gatekeeper,
    notifier: notifications,
  }
  executor.services = services
  followArrivals(broker, services)
  services.parameters.add(...rememberedParameters(), ...serverParameters(services, options))
  services.parameters.add(...subscriptionParameters(notifications, outputLimits))
  announceOthers(broker, notifications, {
    databases: {
      count: options.databases,
      namespace: index => broker.keyspace.database(index).namespace,
    },
    isOwn: () => executor.isRunning || services.blocking.isServing,
  })
  services.parameters.add(...scriptParameters(services))
  services.parameters.add(...accessParameters(acl, gatekeeper, options.requirePass))
  services.parameters.parserLimits.bulkBytesMax = options.bulkBytesMax
  return services
}
