import type { DiskGate } from '../disk-gate.ts'
import type { User } from '../../broker/access/index.ts'
import type { Broker } from '../../broker/broker.ts'
import type { Database } from '../../broker/keyspace/index.ts'
import type { Arguments } from '../../lib/resp/index.ts'
import type { Acl } from './access/index.ts'
import type { Blocking } from './blocking/index.ts'
import type { Client } from './client.ts'
import type { Call, Command } from './command.ts'
import type { Clients } from './connected/clients.ts'
import type { CommandTable } from './command-table.ts'
import type { Executor } from './executor.ts'
import type { Latency } from './observation/latency.ts'
import type { Monitors } from './observation/monitors.ts'
import type { Parameters } from './parameters/index.ts'
import type { Durability } from './durability.ts'
import type { Run } from './observation/run.ts'
import type { Slowlog } from './observation/slowlog.ts'
import type { Statistics } from './observation/statistics.ts'
import type { Trackings } from './tracking/index.ts'
import type { OutputLimits } from './subscriptions/index.ts'

/** What all connections of the protocol share. */
export type Services = {
  readonly broker: Broker
  readonly commands: CommandTable
  readonly executor: Executor
  /** Everybody who is connected. */
  readonly clients: Clients
  /** Clients that wait for keys. */
  readonly blocking: Blocking
  /** What CONFIG knows. */
  readonly parameters: Parameters
  /** When replies may go out: `appendfsync`. */
  readonly durability: Durability
  readonly diskGate: DiskGate
  readonly statistics: Statistics
  readonly slowlog: Slowlog
  readonly monitors: Monitors
  readonly latency: Latency
  /** Clients that keep what they read. */
  readonly tracking: Trackings
  /** Facts about this run of the broker. */
  readonly run: Run
  /** How much may wait for clients that read too slowly. */
  readonly outputLimits: OutputLimits
  /** 0 to `databaseCount` - 1. */
  database(index: number): Database
  readonly databaseCount: number
  gatekeeper: Gatekeeper
  /** Users and their rules. */
  readonly acl: Acl
  notifier: Notifier
}

/** Why a command was run: ACL LOG says it. */
export type CommandContext = 'toplevel' | 'multi' | 'lua'

/** Who may come in, and what they may do. */
export interface Gatekeeper {
  /** The error reply for a client that may not even talk, and is sent away; else null. */
  greet(client: Client): string | null
  /** Who a client is that did not log in; null: it has to, before anything else. */
  anonymous(client: Client): User | null
  /** Null: no such user, or the password is not theirs. Without a name: the default user. */
  authenticate(client: Client, name: string | null, password: string): Promise<User | null>
  /** The error reply when the client may not run it, else null. Asked for every command. */
  refusal(client: Client, command: Command, args: Arguments, context: CommandContext): string | null
}

/** Keyspace notifications. */
export interface Notifier {
  /** Nobody is told anything: `notify-keyspace-events` is empty. Asked before `notify`. */
  readonly isSilent: boolean
  /** A letter of `notify-keyspace-events`, the event, and the key as a binary string. */
  notify(database: number, letter: string, event: string, key: string): void
  /** Somebody asks for what follows from whether keys are there: keys that are new, and misses. */
  readonly isFollowing: boolean
  /** Before a command is run: the keys it names that are not there. */
  missing(call: Call, command: Command): readonly string[]
  /** After it was: which of these are there now, and which a reader was looking for. */
  ran(call: Call, command: Command, missing: readonly string[]): void
}
