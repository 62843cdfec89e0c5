import type { StateMachine } from '../../log/store.ts'
import { BrokerError } from '../errors.ts'
import { JsonJournal } from '../json-journal.ts'
import type { Namespaces } from '../namespace/index.ts'
import type { Runtime } from '../runtime.ts'
import { DEFAULT_NAMESPACE } from '../topic/topic-names.ts'
import type { Access, Operation, TopicRequest, User } from './access.ts'
import type { AccessEvent, Permission, TopicPermission, UserLimits, UserRules } from './events.ts'
import { type Credentials, credentialsOf, isPassword, noCredentials } from './password.ts'
import { escapePattern, patternFlaw, patternOf } from './pattern.ts'
import { Registry, specOf, type UserAccount } from './registry.ts'

/** What may be said when a user is made or changed; what is left out stays as it is. */
export type UserChange = {
  readonly tags?: readonly string[]
  readonly limits?: Partial<UserLimits>
  readonly credentials?: Credentials
  readonly isDisabled?: boolean
  readonly rules?: UserRules
}

const DEFAULT_USER = 'guest'
const DEFAULT_EXCHANGE = 'amq.default'
const NAME_BYTES_MAX = 255
const TAGS_MAX = 32
const RULES_BYTES_MAX = 256 * 1024
const unlimited: UserLimits = { connectionsMax: null, channelsMax: null }

/**
 * All users and what they may. Changes hold at once; whoever answers a client waits for the store
 * to confirm. Taking a right away is welcome on a full disk, too.
 */
export class Users implements StateMachine, Access {
  readonly name = 'access'
  /** Who may come from this machine only. RabbitMQ's `loopback_users`. */
  readonly #loopbackUsers: ReadonlySet<string>
  readonly #runtime: Runtime
  readonly #namespaces: Namespaces
  readonly #journal: JsonJournal<AccessEvent>
  readonly #registry = new Registry()
  readonly #deleted: ((user: UserAccount) => void)[] = []
  #version = 0

  constructor(runtime: Runtime, namespaces: Namespaces) {
    this.#runtime = runtime
    this.#namespaces = namespaces
    this.#loopbackUsers = new Set(runtime.settings.loopbackUsers)
    this.#journal = new JsonJournal(runtime, this.name)
    namespaces.onDeleted(({ name }) => {
      this.#journal.writeRelief({ kind: 'namespaceDeleted', namespace: name })
    })
  }

  /** At the very first start there is `guest`, with the password `guest`, who may do everything. */
  start(): void {
    if (this.#registry.isFounded || this.#runtime.store.refusal !== null) return
    this.#journal.write({ kind: 'founded' })
    this.add(DEFAULT_USER, DEFAULT_USER, { tags: ['administrator'] })
    this.setPermission(DEFAULT_USER, DEFAULT_NAMESPACE, {
      configure: '.*',
      write: '.*',
      read: '.*',
    })
  }

  get version(): number {
    return this.#version
  }

  async authenticate(name: string, password: string): Promise<User | null> {
    const user = this.#registry.find(name)
    const isTheirs = isPassword(user?.credentials, password)
    return isTheirs && user!.isDisabled === false ? user! : null
  }

  user(name: string): UserAccount | undefined {
    return this.#registry.find(name)
  }

  all(): Iterable<UserAccount> {
    return this.#registry.all()
  }

  mayLogInFrom(user: User, isLoopback: boolean): boolean {
    const account = this.#registry.find(user.name)
    if (account?.isDisabled === true) return false
    if (account?.credentials.isOpen === true) return isLoopback
    return isLoopback || !this.#loopbackUsers.has(user.name)
  }

  mayEnter(user: User, namespace: string): boolean {
    return this.#registry.find(user.name)?.permissions.has(namespace) === true
  }

  may(user: User, namespace: string, operation: Operation, name: string): boolean {
    const permission = this.#registry.find(user.name)?.permissions.get(namespace)
    if (permission === undefined) return false
    return matches(permission[operation], name === '' ? DEFAULT_EXCHANGE : name)
  }

  mayTopic(user: User, namespace: string, request: TopicRequest): boolean {
    const byExchange = this.#registry.find(user.name)?.topicPermissions.get(namespace)
    const permission = byExchange?.get(
      request.exchange === '' ? DEFAULT_EXCHANGE : request.exchange,
    )
    if (permission === undefined) return true
    let pattern = permission[request.operation]
    if (pattern.includes('{')) {
      pattern = filled(pattern, 'username', user.name)
      pattern = filled(pattern, 'vhost', namespace)
      if (request.clientId !== undefined) pattern = filled(pattern, 'client_id', request.clientId)
    }
    return matches(pattern, request.routingKey)
  }

  /** For `put`. An empty password becomes none. Takes some milliseconds. */
  credentialsOf(password: string): Credentials {
    return password === '' ? noCredentials : credentialsOf(password, this.#runtime.random)
  }

  /** With no password, or an empty one, nobody logs in with one. Throws `already-exists`. */
  add(name: string, password: string | null, change: UserChange = {}): UserAccount {
    if (this.#registry.find(name) !== undefined) {
      throw new BrokerError('already-exists', `User "${name}" already exists`)
    }
    const credentials = password === null ? {} : { credentials: this.credentialsOf(password) }
    return this.put(name, { ...credentials, ...change })
  }

  /** Made, or changed where the change says something else. */
  put(name: string, change: UserChange): UserAccount {
    const before = this.#registry.find(name)
    if (before === undefined) checkName(name)
    const tags = change.tags ?? before?.tags ?? []
    const limits = { ...(before?.limits ?? unlimited), ...change.limits }
    const credentials = change.credentials ?? before?.credentials ?? noCredentials
    checkTags(tags)
    checkLimits(limits)
    const isDisabled = change.isDisabled ?? before?.isDisabled ?? false
    const rules = change.rules ?? before?.rules ?? {}
    checkRules(rules)
    const user = specOf({ name, tags, credentials, limits, isDisabled, rules })
    this.#journal.write({ kind: 'put', user })
    return this.#existing(name)
  }

  delete(name: string): void {
    const user = this.#existing(name)
    this.#journal.writeRelief({ kind: 'deleted', user: name })
    for (const listener of this.#deleted) listener(user)
  }

  changePassword(name: string, password: string): void {
    this.#existing(name)
    this.put(name, { credentials: this.credentialsOf(password) })
  }

  /** From then on nobody logs in with a password. */
  clearPassword(name: string): void {
    this.#existing(name)
    this.put(name, { credentials: noCredentials })
  }

  setTags(name: string, tags: readonly string[]): void {
    this.#existing(name)
    this.put(name, { tags })
  }

  setLimits(name: string, limits: Partial<UserLimits>): void {
    this.#existing(name)
    this.put(name, { limits })
  }

  setPermission(user: string, namespace: string, permission: Permission): void {
    const { configure, write, read } = permission
    for (const pattern of [configure, write, read]) checkPattern(pattern)
    this.#check(user, namespace)
    this.#journal.write({
      kind: 'permitted',
      user,
      namespace,
      permission: { configure, write, read },
    })
  }

  clearPermission(user: string, namespace: string): void {
    this.#check(user, namespace)
    this.#journal.writeRelief({ kind: 'permitted', user, namespace, permission: null })
  }

  /** Whether there is such an exchange, the caller knows. */
  setTopicPermission(
    user: string,
    namespace: string,
    exchange: string,
    permission: TopicPermission,
  ): void {
    const { write, read } = permission
    for (const pattern of [write, read]) checkPattern(pattern)
    this.#check(user, namespace)
    this.#journal.write({
      kind: 'topicPermitted',
      user,
      namespace,
      exchange: exchange === '' ? DEFAULT_EXCHANGE : exchange,
      permission: { write, read },
    })
  }

  /** Of one exchange, or (null) of all in the namespace. */
  clearTopicPermission(user: string, namespace: string, exchange: string | null): void {
    this.#check(user, namespace)
    this.#journal.writeRelief({
      kind: 'topicPermitted',
      user,
      namespace,
      exchange: exchange === '' ? DEFAULT_EXCHANGE : exchange,
      permission: null,
    })
  }

  /** Called live, right after a user is gone. */
  onDeleted(listener: (user: UserAccount) => void): void {
    this.#deleted.push(listener)
  }

  evolve(bytes: Buffer): void {
    this.#registry.evolve(this.#journal.read(bytes))
    this.#version++
  }

  snapshot(): Buffer {
    return this.#journal.snapshot(this.#registry.events())
  }

  restore(snapshot: Buffer): void {
    for (const event of this.#journal.readSnapshot(snapshot)) this.#registry.evolve(event)
    this.#version++
  }

  #existing(name: string): UserAccount {
    const user = this.#registry.find(name)
    if (user !== undefined) return user
    throw new BrokerError('not-found', `User "${name}" does not exist`)
  }

  #check(user: string, namespace: string): void {
    this.#existing(user)
    this.#namespaces.get(namespace)
  }
}

/** An empty pattern stands for nothing, not for everything. */
const matches = (pattern: string, name: string): boolean =>
  pattern === '' ? name === '' : patternOf(pattern).test(name)

const filled = (pattern: string, variable: string, value: string): string =>
  pattern.replaceAll(`{${variable}}`, () => escapePattern(value))

function checkPattern(pattern: string): void {
  const flaw = patternFlaw(pattern)
  if (flaw === undefined) return
  throw new BrokerError('invalid-setting', `Regular expression "${pattern}" is invalid: ${flaw}`)
}

function checkName(name: string): void {
  const bytes = Buffer.byteLength(name)
  if (bytes > 0 && bytes <= NAME_BYTES_MAX && !name.includes('\0')) return
  throw new BrokerError('invalid-name', 'a user name has 1 to 255 bytes and no NUL')
}

function checkTags(tags: readonly string[]): void {
  if (tags.length > TAGS_MAX) {
    throw new BrokerError('invalid-setting', `a user has ${TAGS_MAX} tags at most`)
  }
}

function checkRules(rules: UserRules): void {
  for (const text of Object.values(rules)) {
    if (Buffer.byteLength(text) <= RULES_BYTES_MAX) continue
    throw new BrokerError('too-large', `rules of a user have ${RULES_BYTES_MAX} bytes at most`)
  }
}

function checkLimits({ connectionsMax, channelsMax }: UserLimits): void {
  for (const max of [connectionsMax, channelsMax]) {
    if (max === null || (Number.isSafeInteger(max) && max >= 0)) continue
    throw new BrokerError('invalid-setting', `a limit is a whole number, zero or more, not ${max}`)
  }
}
