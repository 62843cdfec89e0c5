import { beforeEach, expect, test } from 'vitest'
import { Users } from '../access/index.ts'
import { JournalWorld } from '../journal-world.fixture.ts'
import { Namespaces } from '../namespace/index.ts'
import type { Session } from './session.ts'
import { Sessions } from './sessions.ts'

let sessions: Sessions
let users: Users
let namespaces: Namespaces
let closed: string[]

beforeEach(() => {
  closed = []
  const { parts } = new JournalWorld(
    runtime => {
      const made = new Namespaces(runtime)
      return { namespaces: made, users: new Users(runtime, made) }
    },
    made => [made.namespaces, made.users],
  )
  ;({ users, namespaces } = parts)
  sessions = new Sessions(users, namespaces)
  users.add('ann', null)
  users.add('bob', null)
  namespaces.add('team')
})

function open(user: string, namespace = '/'): Session {
  const id = sessions.nextId()
  const session: Session = {
    id,
    protocol: 'test',
    user: users.user(user)!,
    namespace,
    describe: () => ({ pid: `<rabbit@host.${id}>`, name: `10.0.0.1:${id} -> 10.0.0.2:5672` }),
    channels: () => [],
    close: reason => {
      closed.push(`${id} ${reason}`)
      sessions.remove(session)
    },
    blocked() {},
  }
  sessions.add(session)
  return session
}

test('sessions: are found by number, pid and name until they are gone', () => {
  const heard: string[] = []
  sessions.onOpened(({ id }) => heard.push(`opened ${id}`))
  sessions.onClosed(({ id }) => heard.push(`closed ${id}`))
  const one = open('ann')
  const two = open('bob')
  for (const name of ['2', '<rabbit@host.2>', '10.0.0.1:2 -> 10.0.0.2:5672']) {
    expect(sessions.find(name)).toBe(two)
  }
  expect(sessions.find('no')).toBeUndefined()
  expect([...sessions.all()]).toEqual([one, two])
  sessions.remove(two)
  sessions.remove(two)
  expect(sessions.find('2')).toBeUndefined()
  expect(sessions.count).toBe(1)
  expect(heard).toEqual(['opened 1', 'opened 2', 'closed 2'])
})

test('sessions: limits of users and namespaces', () => {
  const ann = users.user('ann')!
  users.setLimits('ann', { connectionsMax: 2 })
  namespaces.put('/', { connectionsMax: 3 })
  const first = open('ann')
  open('bob')
  expect(sessions.limitFlaw(ann, '/')).toBeUndefined()
  open('ann')
  expect(sessions.limitFlaw(ann, '/')).toBe(
    "access to vhost '/' refused for user 'ann': connection limit (3) is reached",
  )
  expect(sessions.limitFlaw(ann, 'team')).toBe(
    "connection refused for user 'ann': user connection limit (2) is reached",
  )
  expect(sessions.limitFlaw(users.user('bob')!, 'team')).toBeUndefined()
  sessions.remove(first)
  expect(sessions.limitFlaw(ann, '/')).toBeUndefined()
  namespaces.put('/', { connectionsMax: 0 })
  expect(sessions.limitFlaw(ann, '/')).toContain('connection limit (0) is reached')
})

test('sessions: end with their user and with their namespace', () => {
  open('ann')
  open('bob', 'team')
  open('ann', 'team')
  users.delete('ann')
  expect(closed).toEqual(["1 user 'ann' is deleted", "3 user 'ann' is deleted"])
  namespaces.delete('team')
  expect(closed.at(-1)).toBe("2 vhost 'team' is deleted")
  expect(sessions.count).toBe(0)
  expect(sessions.countOfUser('ann') + sessions.countInNamespace('team')).toBe(0)
})

test('sessions: an operator closes some, or all', () => {
  open('ann')
  open('bob')
  expect(sessions.close('maintenance', ({ user }) => user.name === 'bob')).toBe(1)
  expect(closed).toEqual(['2 maintenance'])
  expect(sessions.close('stop')).toBe(1)
  expect(sessions.count).toBe(0)
})
