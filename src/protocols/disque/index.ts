import type { Broker } from '../../broker/broker.ts'
import { jobMapping } from '../../message/job-properties.ts'
import { DiskGate } from '../disk-gate.ts'
import type { Protocol } from '../protocol.ts'
import { CommandTable } from './command-table.ts'
import { commands } from './commands/index.ts'
import { DisqueConnection } from './connection.ts'
import { Gate } from './gate.ts'
import type { Services } from './services.ts'
import { Settings } from './settings.ts'

/** Disque's commands over RESP, as its clients send them. */
export function disque(broker: Broker): Protocol {
  broker.mappings.register(jobMapping)
  const services: Services = {
    broker,
    commands: new CommandTable(commands),
    gate: new Gate(broker),
    diskGate: new DiskGate(broker.runtime.store),
    settings: new Settings(),
    clients: new Map(),
    monitors: new Set(),
    isLeaving: false,
    counts: { connections: 0, commands: 0, startedAt: broker.runtime.clock.now() },
  }
  return {
    name: 'disque',
    port: 7711,
    tlsPort: null,
    // Redis' clients begin with the same bytes, and are far more.
    detect: () => 'no',
    connect: peer => new DisqueConnection(peer, services),
  }
}
