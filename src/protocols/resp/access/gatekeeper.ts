import type { User } from '../../../broker/access/index.ts'
import type { Arguments } from '../../../lib/resp/index.ts'
import { clientLine } from '../connected/client-line.ts'
import type { Client } from '../client.ts'
import type { Command } from '../command.ts'
import { ReplyError } from '../errors.ts'
import type { CommandContext, Gatekeeper } from '../services.ts'
import { type Acl, type AclPorts, DEFAULT_USER } from './acl.ts'
import type { Denial } from './grant.ts'

const DENIED =
  'DENIED Redis is running in protected mode because protected mode is enabled and no password ' +
  'is set for the default user. In this mode connections are only accepted from the loopback ' +
  'interface. To come from elsewhere, set a password for the default user (requirepass), or make ' +
  'another user and turn the default one off (ACL SETUSER default off resetpass), or, where ' +
  'nobody else can connect, say CONFIG SET protected-mode no from the same machine.'
const NO_PASSWORD =
  'ERR AUTH <password> called without any password configured for the default user. ' +
  'Are you sure your configuration is correct?'

/** Lets clients in, and their commands through, as ACL and the store of users say. */
export class AclGatekeeper implements Gatekeeper {
  /** Who comes from elsewhere is anybody, too, only where an operator says so. */
  isProtected = true
  readonly #acl: Acl
  readonly #services: AclPorts

  constructor(acl: Acl, services: AclPorts) {
    this.#acl = acl
    this.#services = services
  }

  greet(client: Client): string | null {
    const isOutside = this.isProtected && !isLoopback(client)
    return isOutside && this.#acl.defaultUser.isOpen ? DENIED : null
  }

  anonymous(client: Client): User | null {
    const { isOpen, isEnabled } = this.#acl.defaultUser
    if (!isOpen || !isEnabled || (this.isProtected && !isLoopback(client))) return null
    return this.#services.broker.access.user(DEFAULT_USER) ?? this.#acl.anybody
  }

  async authenticate(client: Client, name: string | null, password: string): Promise<User | null> {
    if (name === null && this.#acl.defaultUser.isOpen) throw new ReplyError(NO_PASSWORD)
    const wanted = name ?? DEFAULT_USER
    const user = await this.#known(client, wanted, password)
    if (user !== null) return user
    const refused = { reason: 'auth', context: 'toplevel', username: wanted } as const
    this.#log(client, { ...refused, object: 'AUTH' })
    return null
  }

  refusal(
    client: Client,
    command: Command,
    args: Arguments,
    context: CommandContext,
  ): string | null {
    const grant = this.#acl.grantOf(client)
    if (grant?.isAll === true) return null
    const db = this.#services.database(client.database)
    const denial = grant?.denial(command, args, db) ?? null
    if (grant !== undefined && denial === null) return null
    const found = denial ?? { reason: 'command', index: 0 }
    const username = client.user?.name ?? DEFAULT_USER
    const object = found.reason === 'command' ? command.name : args.binary(found.index)
    this.#log(client, { reason: found.reason, context, object, username })
    return `NOPERM ${denialText(found, username, command)}`
  }

  async #known(client: Client, name: string, password: string): Promise<User | null> {
    const { access } = this.#services.broker
    if (name === DEFAULT_USER && access.user(name) === undefined) return this.anonymous(client)
    const user = await access.authenticate(name, password)
    if (user === null) return null
    const isNear =
      isLoopback(client) || (!this.isProtected && this.#acl.find(name)?.isOpen === true)
    return access.mayLogInFrom(user, isNear) ? user : null
  }

  #log(client: Client, refused: Parameters<Acl['log']['add']>[0]): void {
    const { broker, clients } = this.#services
    const now = broker.runtime.clock.now()
    const state = clients.get(client.id)
    this.#acl.log.add(refused, state === undefined ? '' : clientLine(state, now), now)
  }
}

/** As 7.2 and later say it. With the word, where it is no secret. */
export function denialText(
  { reason }: Denial,
  username: string,
  command: Command,
  word: string | null = null,
): string {
  if (reason === 'command')
    return `User ${username} has no permissions to run the '${command.name}' command`
  if (word === null) return `No permissions to access a ${reason}`
  return `User ${username} has no permissions to access the '${word}' ${reason}`
}

const isLoopback = ({ remote }: Client): boolean =>
  remote.host === '' || remote.host === '::1' || remote.host.startsWith('127.')
