import type { User } from '../access/access.ts'

/** A client's connection, as operators see it. A protocol registers one when somebody logged in. */
export interface Session {
  readonly id: number
  readonly protocol: string
  readonly user: User
  readonly namespace: string
  /** Everything lists can show, by RabbitMQ's names (`peer_port`, `client_properties`, …). */
  describe(): Readonly<Record<string, unknown>>
  channels(): Iterable<Readonly<Record<string, unknown>>>
  /** Ends it in its protocol's words. */
  close(reason: string): void
  /** Writing is not welcome for a while, or welcome again (null): `connection.blocked`. */
  blocked(reason: string | null): void
}
