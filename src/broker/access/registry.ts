import { unreachable } from '../../lib/assert.ts'
import type { User } from './access.ts'
import type {
  AccessEvent,
  Permission,
  TopicPermission,
  UserLimits,
  UserRules,
  UserSpec,
} from './events.ts'
import type { Credentials } from './password.ts'

/** A user with all that is known about them. Changes in place; `isDeleted` when they are gone. */
export interface UserAccount extends User {
  readonly credentials: Credentials
  readonly limits: UserLimits
  readonly isDeleted: boolean
  /** Nobody logs in as them; who is connected stays. */
  readonly isDisabled: boolean
  readonly rules: UserRules
  /** By namespace. */
  readonly permissions: ReadonlyMap<string, Permission>
  /** By namespace and exchange. */
  readonly topicPermissions: ReadonlyMap<string, ReadonlyMap<string, TopicPermission>>
}

type State = {
  -readonly [Key in Exclude<
    keyof UserAccount,
    'permissions' | 'topicPermissions'
  >]: UserAccount[Key]
} & {
  readonly permissions: Map<string, Permission>
  readonly topicPermissions: Map<string, Map<string, TopicPermission>>
}

/** What lasts of all users. It only ever changes through `evolve`. */
export class Registry {
  isFounded = false
  readonly #byName = new Map<string, State>()

  find(name: string): UserAccount | undefined {
    return this.#byName.get(name)
  }

  all(): IterableIterator<UserAccount> {
    return this.#byName.values()
  }

  evolve(event: AccessEvent): void {
    switch (event.kind) {
      case 'founded':
        this.isFounded = true
        break
      case 'put': {
        const before = this.#byName.get(event.user.name)
        if (before !== undefined) Object.assign(before, { ...unsaid, ...event.user })
        else this.#byName.set(event.user.name, blank(event))
        break
      }
      case 'deleted': {
        const user = this.#byName.get(event.user)
        if (user !== undefined) user.isDeleted = true
        this.#byName.delete(event.user)
        break
      }
      case 'permitted': {
        const permissions = this.#byName.get(event.user)?.permissions
        if (event.permission === null) permissions?.delete(event.namespace)
        else permissions?.set(event.namespace, event.permission)
        break
      }
      case 'topicPermitted':
        this.#topicPermitted(event)
        break
      case 'namespaceDeleted':
        for (const { permissions, topicPermissions } of this.#byName.values()) {
          permissions.delete(event.namespace)
          topicPermissions.delete(event.namespace)
        }
        break
      default:
        unreachable(event)
    }
  }

  /** The events that would make all this anew. */
  *events(): Generator<AccessEvent> {
    if (this.isFounded) yield { kind: 'founded' }
    for (const user of this.#byName.values()) {
      const { name } = user
      yield { kind: 'put', user: specOf(user) }
      for (const [namespace, permission] of user.permissions) {
        yield { kind: 'permitted', user: name, namespace, permission }
      }
      for (const [namespace, byExchange] of user.topicPermissions) {
        for (const [exchange, permission] of byExchange) {
          yield { kind: 'topicPermitted', user: name, namespace, exchange, permission }
        }
      }
    }
  }

  #topicPermitted(event: AccessEvent & { kind: 'topicPermitted' }): void {
    const { namespace, exchange, permission } = event
    const all = this.#byName.get(event.user)?.topicPermissions
    if (all === undefined) return
    if (exchange === null) {
      all.delete(namespace)
      return
    }
    const known = all.get(namespace)
    if (permission === null) {
      known?.delete(exchange)
      if (known?.size === 0) all.delete(namespace)
    } else if (known === undefined) all.set(namespace, new Map([[exchange, permission]]))
    else known.set(exchange, permission)
  }
}

/** What holds for who was put before these could be said. */
const unsaid = { isDisabled: false, rules: {} }

/** All that one event says of them; what is not said stands for itself. */
export function specOf(user: Required<UserSpec>): UserSpec {
  const { name, tags, credentials, limits, isDisabled, rules } = user
  return {
    name,
    tags,
    credentials,
    limits,
    ...(isDisabled ? { isDisabled } : {}),
    ...(Object.keys(rules).length > 0 ? { rules } : {}),
  }
}

const blank = ({ user }: AccessEvent & { kind: 'put' }): State => ({
  name: user.name,
  tags: user.tags,
  credentials: user.credentials,
  limits: user.limits,
  isDeleted: false,
  isDisabled: user.isDisabled ?? false,
  rules: user.rules ?? {},
  permissions: new Map(),
  topicPermissions: new Map(),
})
