import type { User } from '../../broker/access/index.ts'
import type { Session } from '../../broker/session/index.ts'
import type { Channel } from './channel.ts'

/** What the session needs of the connection behind it. */
export interface SessionOwner {
  readonly channels: Iterable<Channel>
  readonly channelCount: number
  /** `running`, `blocked`, … by RabbitMQ's names. */
  readonly state: string
  end(reason: string): void
  blocked(reason: string | null): void
}

/** Facts of a connection that do not change once it is open, by RabbitMQ's names. */
export type SessionFacts = Readonly<Record<string, unknown>>

/** The connection as operators see it. */
export class AmqpSession implements Session {
  readonly id: number
  readonly protocol = 'amqp091'
  readonly user: User
  readonly namespace: string
  /** In the form of an Erlang process id, which scripts around rabbitmqctl take apart. */
  readonly pid: string
  readonly #facts: SessionFacts
  readonly #owner: SessionOwner

  constructor(
    id: number,
    identity: { readonly user: User; readonly namespace: string },
    facts: SessionFacts,
    owner: SessionOwner,
  ) {
    this.id = id
    this.user = identity.user
    this.namespace = identity.namespace
    this.pid = pidOf(id, 0)
    this.#facts = facts
    this.#owner = owner
  }

  describe(): Readonly<Record<string, unknown>> {
    return {
      pid: this.pid,
      ...this.#facts,
      user: this.user.name,
      vhost: this.namespace,
      state: this.#owner.state,
      channels: this.channelCount,
    }
  }

  get channelCount(): number {
    return this.#owner.channelCount
  }

  *channels(): Generator<Readonly<Record<string, unknown>>> {
    for (const channel of this.#owner.channels)
      yield {
        pid: channel.id,
        connection: this.pid,
        name: `${String(this.#facts['name'])} (${channel.number})`,
        number: channel.number,
        user: this.user.name,
        vhost: this.namespace,
        state: channel.isOpen ? 'running' : 'closing',
        ...channel.port.describe(),
      }
  }

  close(reason: string): void {
    this.#owner.end(reason)
  }

  blocked(reason: string | null): void {
    this.#owner.blocked(reason)
  }
}

export const pidOf = (sessionId: number, channel: number): string =>
  `<sabir@localhost.1.${sessionId}.${channel}>`
