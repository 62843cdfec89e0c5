import type { User, Users } from '../access/index.ts'
import type { Namespaces } from '../namespace/index.ts'
import type { Session } from './session.ts'

/**
 * Who is connected now. A protocol adds a session when somebody logged in, and removes it when the
 * connection is gone, whoever ended it.
 */
export class Sessions {
  readonly #access: Users
  readonly #namespaces: Namespaces
  readonly #byId = new Map<number, Session>()
  readonly #opened: ((session: Session) => void)[] = []
  readonly #closed: ((session: Session) => void)[] = []
  /** By user and by namespace, so that limits cost nothing at 20,000 connections. */
  readonly #countByUser = new Map<string, number>()
  readonly #countByNamespace = new Map<string, number>()
  #idLast = 0

  /** Those of deleted users and namespaces are ended. */
  constructor(access: Users, namespaces: Namespaces) {
    this.#access = access
    this.#namespaces = namespaces
    access.onDeleted(({ name }) => {
      this.close(`user '${name}' is deleted`, session => session.user.name === name)
    })
    namespaces.onDeleted(({ name }) => {
      this.close(`vhost '${name}' is deleted`, session => session.namespace === name)
    })
  }

  /** A number for a session that is about to be added. None is given twice in a run. */
  nextId(): number {
    return ++this.#idLast
  }

  /** Why one more would break a limit, or undefined when it would not. Ask before `add`. */
  limitFlaw(user: User, namespace: string): string | undefined {
    const ofNamespace = this.#namespaces.find(namespace)?.connectionsMax ?? Infinity
    if (this.countInNamespace(namespace) >= ofNamespace) {
      return (
        `access to vhost '${namespace}' refused for user '${user.name}': ` +
        `connection limit (${ofNamespace}) is reached`
      )
    }
    const ofUser = this.#access.user(user.name)?.limits.connectionsMax ?? Infinity
    if (this.countOfUser(user.name) < ofUser) return undefined
    const refusal = `connection refused for user '${user.name}'`
    return `${refusal}: user connection limit (${ofUser}) is reached`
  }

  add(session: Session): void {
    this.#byId.set(session.id, session)
    count(this.#countByUser, session.user.name, 1)
    count(this.#countByNamespace, session.namespace, 1)
    for (const listener of this.#opened) listener(session)
  }

  /** No error when it is not there: a connection may end for two reasons at once. */
  remove(session: Session): void {
    if (!this.#byId.delete(session.id)) return
    count(this.#countByUser, session.user.name, -1)
    count(this.#countByNamespace, session.namespace, -1)
    for (const listener of this.#closed) listener(session)
  }

  get(id: number): Session | undefined {
    return this.#byId.get(id)
  }

  /** By what operators call it: its `pid` or `name` as described, or its number. */
  find(name: string): Session | undefined {
    for (const session of this.#byId.values()) {
      const described = session.describe()
      if (described['pid'] === name || described['name'] === name) return session
    }
    return /^\d+$/.test(name) ? this.#byId.get(Number(name)) : undefined
  }

  all(): Iterable<Session> {
    return this.#byId.values()
  }

  get count(): number {
    return this.#byId.size
  }

  countOfUser(name: string): number {
    return this.#countByUser.get(name) ?? 0
  }

  countInNamespace(name: string): number {
    return this.#countByNamespace.get(name) ?? 0
  }

  /** Asks those that match to end, each in its protocol's words; the number of them. */
  close(reason: string, matches: (session: Session) => boolean = () => true): number {
    // A list of its own, for sessions leave while they are told.
    const closing = [...this.#byId.values()].filter(matches)
    for (const session of closing) session.close(reason)
    return closing.length
  }

  /** Writing is not welcome for a while, or welcome again (null). */
  block(reason: string | null): void {
    for (const session of [...this.#byId.values()]) session.blocked(reason)
  }

  onOpened(listener: (session: Session) => void): void {
    this.#opened.push(listener)
  }

  /** What belongs to the session alone ends with it. */
  onClosed(listener: (session: Session) => void): void {
    this.#closed.push(listener)
  }
}

function count(counts: Map<string, number>, name: string, change: number): void {
  const now = (counts.get(name) ?? 0) + change
  if (now > 0) counts.set(name, now)
  else counts.delete(name)
}
