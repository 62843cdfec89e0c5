import { deepEqual, equal, ok } from 'node:assert/strict'
import { describe, test } from 'vitest'
import { errorCode } from '../constants.ts'
import { FetchPartition } from './fetch-partition.ts'
import { FetchSessions, type FetchTopic, type ForgottenTopic } from './fetch-sessions.ts'

const ZERO = 'AAAAAAAAAAAAAAAAAAAAAA'

function sessionsOf(limits: { sessionsMax?: number; partitionsMax?: number } = {}): FetchSessions {
  let last = 0
  return new FetchSessions({ randomInt: () => last++, ...limits })
}

/** "orders:0,2@7" asks for partitions 0 and 2 of orders from offset 7 on. */
function topics(...texts: string[]): FetchTopic[] {
  return texts.map(text => {
    const [, topic = '', indexes = '', offset = '0'] = /^(\w+):([\d,]+)@?(\d*)$/.exec(text) ?? []
    const partitions = indexes.split(',').map(index => ({
      partition: Number(index),
      currentLeaderEpoch: -1,
      fetchOffset: Number(offset),
      lastFetchedEpoch: -1,
      partitionMaxBytes: 1000,
    }))
    return { topic, topicId: ZERO, partitions }
  })
}

const forgotten = (topic: string, ...partitions: number[]): ForgottenTopic => {
  return { topic, topicId: ZERO, partitions }
}

function request(
  sessionId: number,
  sessionEpoch: number,
  wanted: FetchTopic[] = [],
  forgottenTopicsData: ForgottenTopic[] = [],
) {
  return { sessionId, sessionEpoch, isById: false, topics: wanted, forgottenTopicsData }
}

const shown = (partitions: Iterable<FetchPartition>): string =>
  Array.from(partitions, one => `${one.topicName}:${one.index}@${one.offset}`).join(' ')

/** A session with the given partitions, made as a handler makes it. */
function begun(sessions: FetchSessions, now: number, ...texts: string[]): number {
  const plan = sessions.plan(request(0, 0, topics(...texts)), now)
  ok(plan.wantsSession)
  return sessions.create([...plan.partitions], { isById: false, now })?.id ?? 0
}

describe('fetch sessions', () => {
  test('a full request names what it wants, and may ask for a session', () => {
    const sessions = sessionsOf()
    const plan = sessions.plan(request(0, 0, topics('a:0,1@5', 'b:3')), 0)
    equal(shown(plan.partitions), 'a:0@5 a:1@5 b:3@0')
    equal(plan.wantsSession, true)
    equal(sessions.plan(request(0, -1, topics('a:0')), 0).wantsSession, false)
  })

  test('an incremental request changes, adds and forgets', () => {
    const sessions = sessionsOf()
    const id = begun(sessions, 0, 'a:0,1', 'b:0')
    const again = sessions.plan(request(id, 1), 0)
    equal(shown(again.partitions), 'a:0@0 a:1@0 b:0@0')
    const wanted = topics('a:1@9', 'c:0@2')
    const changed = sessions.plan(request(id, 2, wanted, [forgotten('b', 0, 7)]), 0)
    equal(shown(changed.partitions), 'a:0@0 a:1@9 c:0@2')
    equal(sessions.partitionCount, 3)
  })

  test('who got records comes last the next time', () => {
    const sessions = sessionsOf()
    const id = begun(sessions, 0, 'a:0,1,2')
    const { session } = sessions.plan(request(id, 1), 0)
    const [first] = session?.partitions ?? []
    ok(session !== null && first !== undefined)
    session.moveToEnd(first)
    equal(shown(sessions.plan(request(id, 2), 0).partitions), 'a:1@0 a:2@0 a:0@0')
  })

  const refusals: [name: string, epochs: number[], expected: number[]][] = [
    ['epochs count up', [1, 2, 3], [0, 0, 0]],
    ['a repeated epoch is refused', [1, 1], [0, errorCode.INVALID_FETCH_SESSION_EPOCH]],
    ['a skipped epoch is refused', [2], [errorCode.INVALID_FETCH_SESSION_EPOCH]],
    ['epoch 0 ends the session', [1, 0, 1], [0, 0, errorCode.FETCH_SESSION_ID_NOT_FOUND]],
    ['epoch -1 ends the session', [-1, 1], [0, errorCode.FETCH_SESSION_ID_NOT_FOUND]],
  ]
  for (const [name, epochs, expected] of refusals) {
    test(name, () => {
      const sessions = sessionsOf()
      const id = begun(sessions, 0, 'a:0')
      const codes = epochs.map(epoch => sessions.plan(request(id, epoch), 0).errorCode)
      deepEqual(codes, expected)
    })
  }

  test('a session keeps to names, or to ids', () => {
    const sessions = sessionsOf()
    const id = begun(sessions, 0, 'a:0')
    const plan = sessions.plan({ ...request(id, 1), isById: true }, 0)
    equal(plan.errorCode, errorCode.FETCH_SESSION_TOPIC_ID_ERROR)
  })

  test('a session that wants nothing any more is gone', () => {
    const sessions = sessionsOf()
    const id = begun(sessions, 0, 'a:0')
    const plan = sessions.plan(request(id, 1, [], [forgotten('a', 0)]), 0)
    equal(plan.errorCode, 0)
    equal(plan.session, null)
    equal(sessions.count, 0)
    equal(sessions.partitionCount, 0)
  })
})

describe('fetch sessions are bounded', () => {
  const old = 120_001

  test('a new one replaces the one that was not used for long', () => {
    const sessions = sessionsOf({ sessionsMax: 2 })
    const first = begun(sessions, 0, 'a:0')
    const second = begun(sessions, 0, 'a:0')
    sessions.plan(request(first, 1), old)
    const third = begun(sessions, old, 'a:0')
    equal(sessions.plan(request(second, 1), old).errorCode, errorCode.FETCH_SESSION_ID_NOT_FOUND)
    equal(sessions.plan(request(third, 1), old).errorCode, 0)
    equal(sessions.count, 2)
  })

  test('young ones are safe, and the newcomer goes without', () => {
    const sessions = sessionsOf({ sessionsMax: 1 })
    begun(sessions, 0, 'a:0')
    equal(begun(sessions, 1000, 'a:0,1,2'), 0)
  })

  test('an old one in use gives way only to a larger one', () => {
    const sessions = sessionsOf({ sessionsMax: 1 })
    const first = begun(sessions, 0, 'a:0,1')
    sessions.plan(request(first, 1), old)
    equal(begun(sessions, old, 'b:0,1'), 0)
    ok(begun(sessions, old, 'b:0,1,2') > 0)
    equal(sessions.plan(request(first, 2), old).errorCode, errorCode.FETCH_SESSION_ID_NOT_FOUND)
  })

  test('all partitions together are bounded, by incremental requests, too', () => {
    const sessions = sessionsOf({ partitionsMax: 3 })
    const id = begun(sessions, 0, 'a:0,1')
    equal(begun(sessions, 0, 'b:0,1'), 0)
    const plan = sessions.plan(request(id, 1, topics('c:0,1')), 0)
    equal(plan.errorCode, errorCode.FETCH_SESSION_ID_NOT_FOUND)
    equal(sessions.partitionCount, 0)
  })
})
