import type { User } from '../../broker/access/index.ts'
import type { Session } from '../../broker/session/index.ts'
import type { DisqueClient } from './client.ts'
import { NAMESPACE, type Services } from './services.ts'

/** The connection as operators see it, by RabbitMQ's names. */
class DisqueSession implements Session {
  readonly id: number
  readonly protocol = 'disque'
  readonly user: User
  readonly namespace = NAMESPACE
  readonly #client: DisqueClient

  constructor(client: DisqueClient, user: User) {
    this.id = client.id
    this.user = user
    this.#client = client
  }

  describe(): Readonly<Record<string, unknown>> {
    const { remote, local, connectedAt, name, waiter } = this.#client
    return {
      pid: `<sabir@localhost.1.${this.id}.0>`,
      name: `${remote.host}:${remote.port} -> ${local.host}:${local.port}`,
      host: local.host,
      port: local.port,
      peer_host: remote.host,
      peer_port: remote.port,
      protocol: 'Disque',
      connected_at: connectedAt,
      user_provided_name: name,
      user: this.user.name,
      vhost: this.namespace,
      state: waiter === null ? 'running' : 'blocked',
      channels: 0,
    }
  }

  channels(): Iterable<never> {
    return []
  }

  close(reason: string): void {
    this.#client.close(reason)
  }

  /** Disque's clients are told by the reply to what they send. */
  blocked(): void {}
}

/** The client is this user from now on; or the error reply, when there are too many already. */
export function openSession(client: DisqueClient, services: Services, user: User): string | null {
  const { sessions } = services.broker
  if (client.session !== null) sessions.remove(client.session)
  client.session = null
  if (sessions.limitFlaw(user, NAMESPACE) !== undefined) return 'ERR max number of clients reached'
  client.user = user
  client.session = new DisqueSession(client, user)
  sessions.add(client.session)
  return null
}
