import type { Broker } from '../../broker/broker.ts'
import type { DiskGate } from '../disk-gate.ts'
import type { CommandTable } from './command-table.ts'
import type { DisqueClient } from './client.ts'
import type { Gate } from './gate.ts'
import type { Settings } from './settings.ts'

/** What all connections of the protocol share. */
export type Services = {
  readonly broker: Broker
  readonly commands: CommandTable
  readonly gate: Gate
  readonly diskGate: DiskGate
  readonly settings: Settings
  /** Everybody who is connected, by number. */
  readonly clients: Map<number, DisqueClient>
  /** Those of them who watch what the others send. */
  readonly monitors: Set<DisqueClient>
  readonly counts: Counts
  /** CLUSTER LEAVING: clients are to look for another node. */
  isLeaving: boolean
}

/** Since the start. */
export type Counts = { connections: number; commands: number; startedAt: number }

/** Queues of Disque's clients are those of the namespace that all protocols see. */
export { DEFAULT_NAMESPACE as NAMESPACE } from '../../broker/topic/index.ts'
