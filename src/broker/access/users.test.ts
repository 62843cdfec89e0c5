import fc from 'fast-check'
import { beforeEach, expect, test } from 'vitest'
import { expectReplay, JournalWorld } from '../journal-world.fixture.ts'
import { Namespaces } from '../namespace/index.ts'
import { digestOf, noCredentials } from './password.ts'
import { Users } from './users.ts'

type Parts = { namespaces: Namespaces; users: Users }

let world: JournalWorld<Parts>
let users: Users
let namespaces: Namespaces

function reopen(): void {
  world.reopen()
  ;({ users, namespaces } = world.parts)
}

beforeEach(() => {
  world = new JournalWorld<Parts>(
    runtime => {
      const made = new Namespaces(runtime)
      return { namespaces: made, users: new Users(runtime, made) }
    },
    parts => [parts.namespaces, parts.users],
    parts => parts.users.start(),
  )
  ;({ users, namespaces } = world.parts)
})

const permission = (configure: string, write: string, read: string) => ({ configure, write, read })
const who = (name: string) => users.user(name)!

test('users: at first there is guest, who may do everything, from this machine only', async () => {
  const guest = await users.authenticate('guest', 'guest')
  expect(guest?.tags).toEqual(['administrator'])
  expect(await users.authenticate('guest', 'guess')).toBeNull()
  expect(await users.authenticate('nobody', 'guest')).toBeNull()
  expect(users.may(guest!, '/', 'configure', 'q')).toBe(true)
  expect(users.mayLogInFrom(guest!, true)).toBe(true)
  expect(users.mayLogInFrom(guest!, false)).toBe(false)
  users.add('ann', 'secret')
  expect(users.mayLogInFrom(who('ann'), false)).toBe(true)
})

test('users: guest does not come back once deleted', () => {
  users.delete('guest')
  reopen()
  expect(users.user('guest')).toBeUndefined()
  world.checkpoint()
  reopen()
  expect(users.user('guest')).toBeUndefined()
})

const allowed: [pattern: string, name: string, may: boolean][] = [
  ['', 'q', false],
  ['', '', false],
  ['^$', 'q', false],
  ['.*', '', true],
  ['^amq\\.default$', '', true],
  ['^amq\\.gen', 'amq.gen-123', true],
  ['q', 'seq', true],
]

for (const [pattern, name, may] of allowed) {
  test(`users: "${pattern}" ${may ? 'allows' : 'does not allow'} "${name}"`, () => {
    users.add('ann', 'secret')
    users.setPermission('ann', '/', permission('^$', pattern, '^$'))
    expect(users.may(who('ann'), '/', 'write', name)).toBe(may)
    expect(users.may(who('ann'), '/', 'configure', 'other')).toBe(false)
  })
}

test('users: who has no permission in a namespace may not enter it', () => {
  users.add('ann', 'secret')
  expect(users.mayEnter(who('ann'), '/')).toBe(false)
  expect(users.may(who('ann'), '/', 'read', 'q')).toBe(false)
  users.setPermission('ann', '/', permission('', '', ''))
  expect(users.mayEnter(who('ann'), '/')).toBe(true)
  users.clearPermission('ann', '/')
  expect(users.mayEnter(who('ann'), '/')).toBe(false)
})

test('users: topic permissions are on top, and fill in who asks', () => {
  users.add('a.n+n', 'secret')
  const ann = who('a.n+n')
  const ask = (routingKey: string, exchange = 'amq.topic', clientId?: string) =>
    users.mayTopic(ann, '/', {
      operation: 'write',
      exchange,
      routingKey,
      ...(clientId === undefined ? {} : { clientId }),
    })
  expect(ask('anything')).toBe(true)
  const write = '^{username}\\.{vhost}\\.{client_id}$'
  users.setTopicPermission('a.n+n', '/', 'amq.topic', { write, read: '.*' })
  expect(ask('a.n+n./.me', 'amq.topic', 'me')).toBe(true)
  expect(ask('aXnnn./.me', 'amq.topic', 'me')).toBe(false)
  expect(ask('a.n+n./.$&', 'amq.topic', '$&')).toBe(true)
  expect(ask('a.n+n./.{client_id}')).toBe(true)
  expect(ask('anything', 'other')).toBe(true)
  users.clearTopicPermission('a.n+n', '/', null)
  expect(ask('anything')).toBe(true)
})

test('users: every change moves the version', () => {
  const seen = [users.version]
  const changed = (change: () => void): void => {
    change()
    expect(users.version).toBeGreaterThan(seen.at(-1)!)
    seen.push(users.version)
  }
  changed(() => users.add('ann', 'secret'))
  changed(() => users.setPermission('ann', '/', permission('', '', '')))
  changed(() => users.setTopicPermission('ann', '/', 'x', { write: '', read: '' }))
  changed(() => users.clearTopicPermission('ann', '/', 'x'))
  changed(() => users.clearPermission('ann', '/'))
  changed(() => users.setTags('ann', ['monitoring']))
  changed(() => users.delete('ann'))
})

const refusals: [name: string, change: () => void, message: string][] = [
  ['a user twice', () => users.add('guest', 'x'), 'User "guest" already exists'],
  ['nobody', () => users.delete('no'), 'User "no" does not exist'],
  ['the password of nobody', () => users.changePassword('no', 'x'), 'User "no" does not exist'],
  [
    'a pattern that is none',
    () => users.setPermission('guest', '/', permission('(', '', '')),
    'Regular expression "(" is invalid',
  ],
  [
    'an unknown namespace',
    () => users.setPermission('guest', 'no', permission('', '', '')),
    'Virtual host no does not exist',
  ],
  ['an empty name', () => users.add('', 'x'), '1 to 255 bytes'],
  ['a limit below zero', () => users.setLimits('guest', { channelsMax: -1 }), 'zero or more'],
]

for (const [name, change, message] of refusals) {
  test(`users: ${name} is refused, and nothing changes`, () => {
    const before = world.snapshots()
    expect(change).toThrow(message)
    expect(world.snapshots()).toEqual(before)
  })
}

test('users: passwords change and go', async () => {
  users.add('ann', 'one', { limits: { connectionsMax: 3 }, tags: ['monitoring'] })
  users.changePassword('ann', 'two')
  expect(await users.authenticate('ann', 'one')).toBeNull()
  expect(await users.authenticate('ann', 'two')).not.toBeNull()
  users.clearPassword('ann')
  expect(await users.authenticate('ann', 'two')).toBeNull()
  expect(who('ann')).toMatchObject({ limits: { connectionsMax: 3 }, tags: ['monitoring'] })
})

test('users: on a full disk rights can be taken away, and not given', () => {
  users.add('ann', 'secret')
  users.setPermission('ann', '/', permission('.*', '.*', '.*'))
  world.refusal = { reason: 'disk-full', message: 'no room on /data' }
  expect(() => users.add('bob', 'x')).toThrow('no room on /data')
  users.clearPermission('ann', '/')
  users.delete('guest')
  expect(users.mayEnter(who('ann'), '/')).toBe(false)
})

test('users: a deleted namespace takes its permissions along', () => {
  namespaces.add('team')
  users.setPermission('guest', 'team', permission('.*', '.*', '.*'))
  users.setTopicPermission('guest', 'team', 'x', { write: 'a', read: 'a' })
  const guest = who('guest')
  namespaces.delete('team')
  namespaces.add('team')
  expect(users.mayEnter(guest, 'team')).toBe(false)
  expect(guest.topicPermissions.has('team')).toBe(false)
  expect(users.mayEnter(guest, '/')).toBe(true)
})

test('users: tell who listens of a deleted one', () => {
  const told: string[] = []
  users.onDeleted(({ name }) => told.push(name))
  users.delete('guest')
  expect(told).toEqual(['guest'])
})

const names = fc.constantFrom('ann', 'bob', 'guest')
const spaces = fc.constantFrom('/', 'team')
const changes = fc.oneof(
  names.map(name => () => users.add(name, null)),
  names.map(name => () => users.delete(name)),
  fc.tuple(names, fc.array(fc.string())).map(
    ([name, tags]) =>
      () =>
        users.setTags(name, tags),
  ),
  fc.tuple(names, spaces, fc.string(), fc.string()).map(
    ([n, space, write, read]) =>
      () =>
        users.setPermission(n, space, permission('', write, read)),
  ),
  fc.tuple(names, spaces).map(
    ([name, space]) =>
      () =>
        users.clearPermission(name, space),
  ),
  fc.tuple(names, spaces, fc.constantFrom('', 'x', 'y')).map(
    ([n, space, x]) =>
      () =>
        users.setTopicPermission(n, space, x, { write: 'a', read: 'b' }),
  ),
  fc.tuple(names, spaces, fc.constantFrom('', 'x', null)).map(
    ([name, space, x]) =>
      () =>
        users.clearTopicPermission(name, space, x),
  ),
  fc.constant(() => namespaces.add('team')),
  fc.constant(() => namespaces.delete('team')),
  fc.constant(() => world.checkpoint()),
)

test('users: any history comes back the same, from events and from snapshots', () => {
  expectReplay(changes, world, { reopen, numRuns: 200, lengthMax: 30 })
})

test('users: digests of passwords are as good as passwords, and some need none', async () => {
  const { credentials } = users.add('ann', 'first')
  users.put('ann', { credentials: { ...credentials, digests: [digestOf('second')] } })
  const knows = async (password: string) => (await users.authenticate('ann', password)) !== null
  expect(await Promise.all(['first', 'second', 'third', ''].map(knows))).toEqual([
    true,
    true,
    false,
    false,
  ])
  reopen()
  expect(await Promise.all(['first', 'second', 'third'].map(knows))).toEqual([true, true, false])
  users.put('ann', { credentials: { ...noCredentials, isOpen: true } })
  expect(await Promise.all(['first', 'third', ''].map(knows))).toEqual([true, true, true])
})

test('users: nobody logs in as one who is disabled, until they are enabled', async () => {
  users.add('ann', 'secret', { isDisabled: true, rules: { resp: '+@all' } })
  for (const open of [() => undefined, reopen]) {
    open()
    expect(await users.authenticate('ann', 'secret')).toBeNull()
    expect(users.mayLogInFrom(who('ann'), true)).toBe(false)
    expect(who('ann').rules).toEqual({ resp: '+@all' })
  }
  users.put('ann', { isDisabled: false, rules: {} })
  for (const open of [() => undefined, reopen, () => world.checkpoint(), reopen]) {
    open()
    expect(await users.authenticate('ann', 'secret')).not.toBeNull()
    expect([who('ann').isDisabled, who('ann').rules]).toEqual([false, {}])
  }
  expect(() => users.put('ann', { rules: { resp: 'x'.repeat(300_000) } })).toThrow('262144 bytes')
})
