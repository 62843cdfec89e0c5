import type { User } from '../../broker/access/index.ts'
import type { Session } from '../../broker/session/index.ts'
import type { ReplyWriter } from '../../lib/resp/index.ts'
import type { Address } from '../protocol.ts'

/** One connection, as commands see and change it. */
export interface Client {
  readonly id: number
  readonly remote: Address
  readonly local: Address
  readonly isTls: boolean
  /** Null before it is logged in. */
  user: User | null
  session: Session | null
  /** What the gatekeeper remembers of the client's rights; its own business. */
  grants: object | null
  /** What it is subscribed to; null: to nothing so far. Whoever sets it reads it. */
  subscriptions: Subscriptions | null

  readonly version: 2 | 3
  /** The number of the selected database. */
  readonly database: number
  readonly isClosed: boolean
  /**
   * Where pushes are written: what no command asked for. They keep their place among the replies,
   * also while those wait for the disk.
   */
  readonly pushes: ReplyWriter
  /** The same for whole frames that were encoded once for many. The bytes are never changed. */
  write(frame: Buffer): void
  /** True while the peer reads too slowly. */
  readonly isCongested: boolean
  /** Written, and not taken by the operating system yet. */
  readonly outputBytes: number
  /** Ends the connection. Politely: what was written before still goes out. */
  close(reason: string, manner?: 'politely' | 'at once'): void
}

/** What the rest has to know of a client's subscriptions. */
export interface Subscriptions {
  readonly channelCount: number
  readonly patternCount: number
  readonly shardCount: number
  readonly channels: ReadonlySet<string>
  readonly patterns: ReadonlySet<string>
  readonly shards: ReadonlySet<string>
  /** Leaves all, and says nothing to the client: RESET, and when the connection is gone. */
  leave(): void
}
