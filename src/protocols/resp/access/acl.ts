import { digestOf, noCredentials, patternFlaw, type User } from '../../../broker/access/index.ts'
import type { UserAccount } from '../../../broker/access/index.ts'
import { DEFAULT_NAMESPACE } from '../../../broker/topic/index.ts'
import type { Database } from '../../../broker/keyspace/index.ts'
import type { Arguments } from '../../../lib/resp/index.ts'
import type { Client } from '../client.ts'
import type { Command } from '../command.ts'
import { ReplyError } from '../errors.ts'
import type { Services } from '../services.ts'
import { AclLog } from './acl-log.ts'
import { AclUser, mergedRules, RULES_OF, unclosedRule } from './acl-user.ts'
import { CommandIndex } from './command-index.ts'
import { type Denial, Grant } from './grant.ts'
import { RuleError } from './rule-error.ts'

export const DEFAULT_USER = 'default'
const NOTHING = { configure: '^$', write: '^$', read: '^$' }

/** What users and their rules stand on. */
export type AclPorts = Pick<
  Services,
  'broker' | 'clients' | 'commands' | 'database' | 'databaseCount'
>

/** Users as ACL knows them, over the one store of users. Names are text. */
export class Acl {
  readonly log = new AclLog()
  readonly index: CommandIndex
  readonly #services: AclPorts
  /** Who a client is that need not say who it is, as long as nobody made that user. */
  readonly #everybody: AclUser
  readonly anybody: User = { name: DEFAULT_USER, tags: ['administrator'] }
  readonly #grants = new Map<string, Grant>()
  #version = -1

  constructor(services: AclPorts) {
    this.#services = services
    const tables = [...services.commands.all()].map(({ command }) => command)
    this.index = new CommandIndex(tables)
    this.#everybody = AclUser.everybody(DEFAULT_USER, this.index)
    services.broker.namespaces.onCreated(({ name }) => this.#namespaceCreated(name))
  }

  find(name: string): AclUser | undefined {
    return this.#grant(name)?.user
  }

  get defaultUser(): AclUser {
    return this.find(DEFAULT_USER)!
  }

  /** Whoever was made, and the default user; by name. */
  names(): string[] {
    const names = [...this.#services.broker.access.all()].map(({ name }) => name)
    return [...new Set([DEFAULT_USER, ...names])].toSorted()
  }

  /** What a user may now; undefined when they are no more. */
  #grant(name: string): Grant | undefined {
    const { access } = this.#services.broker
    if (this.#version !== access.version) {
      this.#grants.clear()
      this.#version = access.version
    }
    const known = this.#grants.get(name)
    if (known !== undefined) return known
    const account = access.user(name)
    if (account === undefined && name !== DEFAULT_USER) return undefined
    const user = account === undefined ? this.#everybody : AclUser.of(account, this.index)
    const grant = new Grant({ access, account, user })
    this.#grants.set(name, grant)
    return grant
  }

  /** What a client may now; undefined when its user is no more. */
  grantOf(client: Client): Grant | undefined {
    const { grants, user } = client
    if (grants instanceof Grant && grants.version === this.#services.broker.access.version)
      return grants
    const grant = user === null ? undefined : this.#grant(user.name)
    client.grants = grant ?? null
    return grant
  }

  /** Why a user of that name, who is there, may not run it; null: they may. */
  denial(name: string, command: Command, args: Arguments, db: Database): Denial | null {
    return this.#grant(name)?.denial(command, args, db) ?? null
  }

  /** ACL SETUSER: all rules, or none. Throws `ReplyError`. */
  change(name: string, rules: readonly string[]): void {
    const merged = mergedRules(rules)
    if (merged === null) {
      const start = shown(rules[unclosedRule(rules)]!)
      throw new ReplyError(`ERR Unmatched parenthesis in acl selector starting at '${start}'.`)
    }
    const { access } = this.#services.broker
    const account = access.user(name)
    const user = this.#draft(name, account)
    for (const rule of merged) {
      try {
        user.apply(rule)
      } catch (error) {
        if (!(error instanceof RuleError)) throw error
        const flaw = `Error in ACL SETUSER modifier '${shown(rule)}': ${error.message}`
        throw new ReplyError(`ERR ${flaw}`)
      }
    }
    this.#store(user, account)
  }

  /** False: there was none. */
  remove(name: string): boolean {
    const { access } = this.#services.broker
    if (access.user(name) === undefined) return false
    access.delete(name)
    return true
  }

  /** Whether it is the only one of the default user. */
  isPassword(password: string): boolean {
    const { digests } = this.defaultUser
    return digests.length === 1 && digests[0] === digestOf(password)
  }

  /** `requirepass`; the empty password is none. */
  requirePassword(password: string): void {
    const rule = password === '' ? 'nopass' : `>${Buffer.from(password).toString('latin1')}`
    this.change(DEFAULT_USER, ['resetpass', rule])
  }

  #draft(name: string, account: UserAccount | undefined): AclUser {
    if (account !== undefined) return AclUser.of(account, this.index)
    if (name === DEFAULT_USER) return AclUser.everybody(name, this.index)
    return new AclUser(name, this.index)
  }

  #store(user: AclUser, account: UserAccount | undefined): void {
    const { access } = this.#services.broker
    const { name } = user
    const before = account?.credentials ?? noCredentials
    // Who has patterns of names only keeps them, unless something was said about commands or keys.
    const isRuled = account === undefined || account.rules[RULES_OF] !== undefined || user.isRuled
    access.put(name, {
      credentials: user.credentials(before, password => access.credentialsOf(password)),
      isDisabled: !user.isEnabled,
      ...(isRuled ? { rules: { ...account?.rules, [RULES_OF]: user.stored } } : {}),
    })
    if (isRuled) for (const namespace of this.#namespaces()) this.#permit(user, namespace)
    this.#sendAway(name)
  }

  /** What the rules say of keys holds for queues and topics of other protocols, too. */
  #permit(user: AclUser, namespace: string): void {
    const { permission } = user
    const isFit = [permission.read, permission.write].every(each => patternFlaw(each) === undefined)
    this.#services.broker.access.setPermission(user.name, namespace, isFit ? permission : NOTHING)
  }

  /** Those of databases that are there. */
  *#namespaces(): Generator<string> {
    const { broker, databaseCount } = this.#services
    yield DEFAULT_NAMESPACE
    for (let index = 1; index < databaseCount; index++) {
      const { namespace } = this.#services.database(index)
      if (broker.namespaces.has(namespace)) yield namespace
    }
  }

  #namespaceCreated(name: string): void {
    const { access } = this.#services.broker
    if (![...this.#namespaces()].includes(name)) return
    for (const account of [...access.all()])
      if (account.rules[RULES_OF] !== undefined) this.#permit(AclUser.of(account, this.index), name)
  }

  /** Who hears channels that are no longer for them goes. */
  #sendAway(name: string): void {
    const grant = this.#grant(name)
    if (grant === undefined) return
    for (const client of [...this.#services.clients.all()]) {
      if (client.user?.name !== name || client.subscriptions === null) continue
      const { channels, patterns, shards } = client.subscriptions
      const mayStay =
        [...channels, ...shards].every(each => grant.mayHear(each, false)) &&
        [...patterns].every(each => grant.mayHear(each, true))
      if (!mayStay) client.close('channels it subscribed to are no longer for it')
    }
  }
}

/** Words of clients are bytes. */
const shown = (word: string): string => Buffer.from(word, 'latin1').toString('utf8')
