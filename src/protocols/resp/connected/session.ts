import type { User } from '../../../broker/access/index.ts'
import type { Session } from '../../../broker/session/index.ts'
import { type ClientState, showAddress } from './client-state.ts'
import type { Services } from '../services.ts'

/** The connection as operators see it, by RabbitMQ's names. */
class RespSession implements Session {
  readonly id: number
  readonly protocol = 'resp'
  readonly user: User
  readonly namespace: string
  readonly #client: ClientState

  constructor(client: ClientState, user: User, namespace: string) {
    this.id = client.id
    this.user = user
    this.namespace = namespace
    this.#client = client
  }

  describe(): Readonly<Record<string, unknown>> {
    const client = this.#client
    const { remote, local } = client
    return {
      pid: `<sabir@localhost.1.${this.id}.0>`,
      name: `${showAddress(remote)} -> ${showAddress(local)}`,
      host: local.host,
      port: local.port,
      peer_host: remote.host,
      peer_port: remote.port,
      ssl: client.isTls,
      protocol: `RESP${client.version}`,
      connected_at: client.connectedAt,
      user_provided_name: client.name,
      client_properties: { product: client.libraryName, version: client.libraryVersion },
      user: this.user.name,
      vhost: this.namespace,
      state: client.waiter === null ? 'running' : 'blocked',
      channels: 0,
    }
  }

  channels(): Iterable<never> {
    return []
  }

  close(reason: string): void {
    this.#client.close(reason)
  }

  /** Redis' clients are told by the reply to what they send. */
  blocked(): void {}
}

/**
 * The client is this user from now on. Another error reply, and no change, when there are as many
 * connections as the user or the namespace may have.
 */
export function openSession(services: Services, client: ClientState, user: User): string | null {
  const { sessions } = services.broker
  const { namespace } = services.database(0)
  const before = client.session
  if (before !== null) {
    if (before.user.name === user.name) {
      client.user = user
      client.grants = null
      return null
    }
    sessions.remove(before)
  }
  if (sessions.limitFlaw(user, namespace) !== undefined) {
    if (before !== null) sessions.add(before)
    return 'ERR max number of clients reached'
  }
  client.user = user
  client.grants = null
  client.session = new RespSession(client, user, namespace)
  sessions.add(client.session)
  return null
}

/** The client is who it was before it logged in: nobody, unless everybody may come in. */
export function logOut(services: Services, client: ClientState): void {
  const user = services.gatekeeper.anonymous(client)
  if (user !== null && openSession(services, client, user) === null) return
  if (client.session !== null) services.broker.sessions.remove(client.session)
  client.session = client.user = client.grants = null
}
