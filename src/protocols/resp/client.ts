import type { User } from '../../broker/access/index.ts'
import type { Session } from '../../broker/session/index.ts'

/** One connection, as commands see and change it. */
export interface Client {
  readonly id: number
  /** Null before it is logged in. */
  user: User | null
  session: Session | null
}
