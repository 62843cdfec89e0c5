import type { User } from '../../broker/access/index.ts'
import type { Session } from '../../broker/session/index.ts'
import type { Address } from '../protocol.ts'
import type { Waiter } from './command.ts'

/** One connection, as commands and operators see it. */
export interface DisqueClient {
  readonly id: number
  readonly remote: Address
  readonly local: Address
  /** It comes from this machine. */
  readonly isLocal: boolean
  readonly connectedAt: number
  user: User | null
  session: Session | null
  name: string
  lastCommand: string
  lastActiveAt: number
  readonly waiter: Waiter | null
  /** Ends the connection after what was written went out. */
  close(reason: string): void
  /** Writes what no command asked for: MONITOR. */
  push(line: string): void
}
