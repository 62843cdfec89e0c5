import {
  type Credentials,
  importedCredentials,
  isPassword,
  noCredentials,
  type ScramKeys,
  type UserLimits,
  type UserRules,
  type Users,
} from '../../access/index.ts'
import type { ImportContext } from '../import.ts'
import { Item, plainObject } from '../item.ts'
import type { Outcome } from './index.ts'
import { naming, namespaceOf, putChanged } from './outcome.ts'

/** Definitions of older ones name no hashing algorithm: there was one. */
const SHA256_SINCE = [3, 6]
const MD5 = 'rabbit_password_hashing_md5'

export function putUser({ parts, version }: ImportContext, value: unknown): Outcome {
  const item = new Item('user', value, null)
  const { access } = parts
  const name = item.text('name')
  const before = access.user(name)
  const known = before && {
    tags: before.tags,
    limits: before.limits,
    credentials: before.credentials,
    isDisabled: before.isDisabled,
    rules: before.rules,
  }
  const wanted = {
    tags: tagsOf(item),
    limits: limitsOf(item, before?.limits),
    credentials: { ...credentialsOf(item, access, version), ...ownCredentials(item) },
    isDisabled: item.boolean('disabled', false),
    rules: rulesOf(item),
  }
  const outcome = putChanged(known, wanted, () => naming(item, () => access.put(name, wanted)))
  if (before === undefined) putPermissions(item, name, access)
  return outcome
}

export function putPermission({ parts }: ImportContext, value: unknown): Outcome {
  const item = new Item('permission of', value, null)
  const { access, namespaces } = parts
  const [user, namespace] = [item.text('user'), namespaceOf(item, namespaces, null)]
  const permission = patternsOf(item)
  return putChanged(access.user(user)?.permissions.get(namespace), permission, () =>
    naming(item, () => access.setPermission(user, namespace, permission)),
  )
}

export function putTopicPermission({ parts }: ImportContext, value: unknown): Outcome {
  const item = new Item('topic permission of', value, null)
  const { access, namespaces } = parts
  const [user, namespace] = [item.text('user'), namespaceOf(item, namespaces, null)]
  const exchange = item.text('exchange')
  const permission = { write: item.text('write'), read: item.text('read') }
  const before = access.user(user)?.topicPermissions.get(namespace)?.get(exchange)
  return putChanged(before, permission, () =>
    naming(item, () => access.setTopicPermission(user, namespace, exchange, permission)),
  )
}

/** New users may bring their permissions along. */
function putPermissions(item: Item, user: string, access: Users): void {
  for (const [namespace, value] of Object.entries(item.object('permissions'))) {
    const permission = patternsOf(
      new Item(`${item.label}: permission in "${namespace}"`, value, null),
    )
    naming(item, () => access.setPermission(user, namespace, permission))
  }
}

const patternsOf = (item: Item) => ({
  configure: item.text('configure'),
  write: item.text('write'),
  read: item.text('read'),
})

function tagsOf(item: Item): readonly string[] {
  if (item.has('tags')) return item.texts('tags')
  return item.boolean('administrator', false) ? ['administrator'] : []
}

function limitsOf(item: Item, before: UserLimits | undefined): UserLimits {
  const limits = new Item(`limits of ${item.label}`, item.object('limits'), null)
  const limit = (name: string, fallback: number | null): number | null => {
    if (!limits.has(name)) return fallback
    const max = limits.number(name, 0)
    return max < 0 ? null : max
  }
  return {
    connectionsMax: limit('max-connections', before?.connectionsMax ?? null),
    channelsMax: limit('max-channels', before?.channelsMax ?? null),
  }
}

function credentialsOf(item: Item, access: Users, version: string): Credentials {
  const [hasPassword, hasHash] = [item.has('password'), item.has('password_hash')]
  if (hasPassword && hasHash) throw item.flaw('has both "password" and "password_hash"')
  if (hasHash) {
    const fallback = isBefore(version, SHA256_SINCE) ? MD5 : null
    const algorithm = item.has('hashing_algorithm') ? item.text('hashing_algorithm') : fallback
    const hash = item.text('password_hash')
    return naming(item, () => importedCredentials(hash, algorithm, scramOf(item)))
  }
  if (!hasPassword) return noCredentials
  const password = item.text('password')
  const known = access.user(item.text('name'))?.credentials
  return known && isPassword(known, password) ? known : access.credentialsOf(password)
}

/** What RabbitMQ has no words for. */
function ownCredentials(item: Item): Partial<Credentials> {
  const digests = item.texts('password_digests')
  if (digests.some(digest => !/^[0-9a-f]{64}$/.test(digest)))
    throw item.flaw('has password_digests that are no SHA-256 in hexadecimal')
  return {
    ...(digests.length > 0 ? { digests } : {}),
    ...(item.has('hashed_digest') ? { digestHashed: item.text('hashed_digest') } : {}),
    ...(item.boolean('any_password', false) ? { isOpen: true } : {}),
  }
}

function rulesOf(item: Item): UserRules {
  const rules = new Item(`rules of ${item.label}`, item.object('rules'), null)
  const names = Object.keys(item.object('rules'))
  return Object.fromEntries(names.map(name => [name, rules.text(name)]))
}

function scramOf(item: Item): Credentials['scram'] {
  if (!item.has('scram')) return null
  const both = item.object('scram')
  const keysOf = (name: string): ScramKeys => {
    const keys = new Item(`${name} keys of ${item.label}`, plainObject(both[name]), null)
    return {
      salt: keys.text('salt'),
      iterations: keys.number('iterations', 0),
      storedKey: keys.text('storedKey'),
      serverKey: keys.text('serverKey'),
    }
  }
  return { sha256: keysOf('sha256'), sha512: keysOf('sha512') }
}

function isBefore(version: string, [major, minor]: readonly number[]): boolean {
  const found = /^(\d+)\.(\d+)/.exec(version)
  if (found === null) return false
  const [foundMajor, foundMinor] = [Number(found[1]), Number(found[2])]
  return foundMajor < major! || (foundMajor === major && foundMinor < minor!)
}
