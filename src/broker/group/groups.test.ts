import { describe, expect, test } from 'vitest'
import type { GroupRefusal, JoinOutcome, SyncOutcome } from './outcome.ts'
import { GroupWorld, joinCommand, subscription } from '../../../test/broker/group-world.ts'

const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE
const FULL = { reason: 'disk-full', message: 'full' } as const

/** Committed by somebody outside any group, unless told otherwise. */
function commit(world: GroupWorld, groupId: string, changes: object = {}) {
  const answers: (GroupRefusal | null)[] = []
  const offsets = [{ topic: 'orders', partition: 0, offset: 5, leaderEpoch: 0, metadata: 'm' }]
  const outsider = { memberId: '', instanceId: null, generation: -1 }
  world.groups.commitOffsets(
    { groupId, ...outsider, retentionMs: null, offsets, ...changes },
    refusal => answers.push(refusal),
  )
  return answers
}

function committed(world: GroupWorld, groupId: string): number | undefined {
  let offset: number | undefined
  world.groups.fetchOffsets(groupId, offsets => {
    offset = offsets.get('orders')?.get(0)?.offset
  })
  world.confirm()
  return offset
}

/** A stable group of one; returns its member's id. */
function stableGroup(world: GroupWorld, groupId: string, topic = 'orders'): string {
  const joined: JoinOutcome[] = []
  const protocols = [{ name: 'range', metadata: subscription(topic) }]
  world.groups.join(groupId, joinCommand('', { protocols }), outcome => joined.push(outcome))
  world.wait(100)
  const [outcome] = joined
  if (outcome?.kind !== 'joined') throw new Error('the only member joins')
  const { memberId, generation } = outcome
  const claim = { memberId, instanceId: null, generation, protocolType: null, protocolName: null }
  const synced: SyncOutcome[] = []
  const assignments = new Map([[memberId, Buffer.from('p0')]])
  world.groups.sync(groupId, { ...claim, assignments }, one => synced.push(one))
  world.confirm()
  expect(synced[0]?.kind).toBe('synced')
  return memberId
}

describe('offsets', () => {
  test('are answered and read only once they are safe', () => {
    const world = new GroupWorld()
    const answers = commit(world, 'g')
    const read: number[] = []
    world.groups.fetchOffsets('g', offsets => read.push(offsets.size))
    expect([answers, read]).toEqual([[], []])
    world.confirm()
    expect([answers, read]).toEqual([[null], [1]])
    expect(committed(world, 'g')).toBe(5)
  })

  test('survive a crash, before and after a snapshot', () => {
    const world = new GroupWorld()
    commit(world, 'a')
    commit(world, 'b')
    world.crash(1)
    expect([committed(world, 'a'), committed(world, 'b')]).toEqual([5, 5])
  })

  const claims: [name: string, claim: object, expected: GroupRefusal | null][] = [
    ['of a member', { generation: 1 }, null],
    ['of an old generation', { generation: 0 }, 'illegal-generation'],
    ['of a stranger', { memberId: 'x', generation: 1 }, 'unknown-member'],
    ['from outside a group that works', { memberId: '' }, 'unknown-member'],
    ['of an unknown instance', { instanceId: 'i', generation: 1 }, 'unknown-member'],
  ]
  for (const [name, claim, expected] of claims) {
    test(`commit ${name}`, () => {
      const world = new GroupWorld()
      const memberId = stableGroup(world, 'g')
      const answers = commit(world, 'g', { memberId, ...claim })
      world.confirm()
      expect(answers).toEqual([expected])
    })
  }

  test('a generation of a group that is not there', () => {
    expect(commit(new GroupWorld(), 'g', { generation: 1 })).toEqual(['group-not-found'])
  })

  test('are refused, not lost, while the disk is full', () => {
    const world = new GroupWorld()
    const before = commit(world, 'g')
    world.refuse(FULL)
    expect([before, commit(world, 'g')]).toEqual([['unavailable'], ['unavailable']])
    world.refuse(null)
    const after = commit(world, 'g')
    world.confirm()
    expect(after).toEqual([null])
  })

  test('of a deleted topic are gone', () => {
    const world = new GroupWorld()
    commit(world, 'g')
    world.confirm()
    world.deleteTopic('orders')
    expect(committed(world, 'g')).toBe(undefined)
    expect([...world.groups.list()].map(({ groupId }) => groupId)).toEqual(['g'])
  })

  test('from outside expire after their retention, and the group with them', () => {
    const world = new GroupWorld()
    commit(world, 'g')
    commit(world, 'short', { retentionMs: MINUTE })
    world.confirm()
    world.wait(7 * DAY - MINUTE)
    expect([committed(world, 'g'), committed(world, 'short')]).toEqual([5, undefined])
    world.wait(11 * MINUTE)
    expect(committed(world, 'g')).toBe(undefined)
    expect([...world.groups.list()]).toEqual([])
  })

  test('of a group expire when it was empty for so long', () => {
    const world = new GroupWorld({ groupSessionMsMax: 100 * DAY })
    const memberId = stableGroup(world, 'g')
    const keepAlive = () =>
      world.groups.heartbeat('g', { memberId, instanceId: null, generation: 1 })
    commit(world, 'g', { memberId, generation: 1 })
    world.confirm()
    for (let second = 0; second < (8 * DAY) / 1000; second += 9) {
      world.wait(9000)
      expect(keepAlive()).toBe(null)
    }
    expect(committed(world, 'g')).toBe(5)
    world.groups.leave('g', [{ memberId, instanceId: null, reason: null }])
    world.confirm()
    world.wait(7 * DAY - MINUTE)
    expect(committed(world, 'g')).toBe(5)
    world.wait(11 * MINUTE)
    expect(committed(world, 'g')).toBe(undefined)
  })

  test('of topics in use are not deleted', () => {
    const world = new GroupWorld()
    stableGroup(world, 'g')
    expect(world.groups.deleteOffsetsRefusal('g')).toBe(null)
    expect(world.groups.isSubscribedTo('g', 'orders')).toBe(true)
    expect(world.groups.isSubscribedTo('g', 'payments')).toBe(false)
    expect(world.groups.deleteOffsetsRefusal('nobody')).toBe('group-not-found')
    const answers: unknown[] = []
    const partitions = [{ topic: 'orders', partition: 0 }]
    commit(world, 'h')
    world.groups.deleteOffsets('h', partitions, refusal => answers.push(refusal))
    world.confirm()
    expect([answers, committed(world, 'h')]).toEqual([[null], undefined])
  })
})

describe('groups', () => {
  test('members go on after a crash, and have a whole session to report in', () => {
    const world = new GroupWorld()
    const memberId = stableGroup(world, 'g')
    world.wait(9000)
    world.crash()
    const claim = { memberId, instanceId: null, generation: 1 }
    expect(world.groups.describe('g')?.members[0]?.assignment.toString()).toBe('p0')
    world.wait(9000)
    expect(world.groups.heartbeat('g', claim)).toBe(null)
    world.wait(10_001)
    expect(world.groups.heartbeat('g', claim)).toBe('unknown-member')
    expect(world.groups.describe('g')?.state).toBe('empty')
  })

  test('work without the disk, and are saved when there is room again', () => {
    const world = new GroupWorld()
    world.refuse(FULL)
    const joined: JoinOutcome[] = []
    world.groups.join('g', joinCommand(''), outcome => joined.push(outcome))
    world.wait(100)
    const [outcome] = joined
    if (outcome?.kind !== 'joined') throw new Error('the only member joins')
    const { memberId, generation } = outcome
    const claim = { memberId, instanceId: null, generation }
    const synced: SyncOutcome[] = []
    const command = { ...claim, protocolType: null, protocolName: null, assignments: new Map() }
    world.groups.sync('g', command, one => synced.push(one))
    world.wait(1)
    expect(synced.map(({ kind }) => kind)).toEqual(['synced'])
    expect(world.journal).toEqual([])
    world.refuse(null)
    world.crash()
    expect(world.groups.heartbeat('g', claim)).toBe(null)
  })

  test('empty ones can be deleted, others not', () => {
    const world = new GroupWorld()
    const memberId = stableGroup(world, 'g')
    const answers: (GroupRefusal | null)[] = []
    const tryDelete = () => {
      world.groups.delete('g', refusal => answers.push(refusal))
      world.confirm()
    }
    tryDelete()
    world.groups.leave('g', [{ memberId, instanceId: null, reason: 'done' }])
    tryDelete()
    tryDelete()
    expect(answers).toEqual(['group-not-empty', null, 'group-not-found'])
    expect(world.groups.describe('g')).toBe(undefined)
    world.crash()
    expect([...world.groups.list()]).toEqual([])
  })

  test('an id that was never used leaves nothing behind', () => {
    const world = new GroupWorld()
    world.groups.join('g', joinCommand('', { mustKnowId: true }), () => {})
    expect([...world.groups.list()].length).toBe(1)
    world.wait(10_100)
    expect([...world.groups.list()]).toEqual([])
    expect(world.journal).toEqual([])
  })

  const joins: [name: string, groupId: string, changes: object, expected: GroupRefusal][] = [
    ['without a group', '', {}, 'invalid-group-id'],
    ['with a short session', 'g', { sessionMs: 5999 }, 'session-out-of-range'],
    ['with a long session', 'g', { sessionMs: 1_800_001 }, 'session-out-of-range'],
    ['with an id nobody gave', 'g', { memberId: 'x' }, 'unknown-member'],
    ['without protocols', 'g', { protocols: [] }, 'inconsistent-protocol'],
    [
      'with endless metadata',
      'g',
      { protocols: [{ name: 'range', metadata: Buffer.alloc(2 ** 20 + 1) }] },
      'too-large',
    ],
  ]
  for (const [name, groupId, changes, expected] of joins) {
    test(`join ${name}`, () => {
      const world = new GroupWorld()
      const outcomes: JoinOutcome[] = []
      world.groups.join(groupId, joinCommand('', changes), outcome => outcomes.push(outcome))
      expect(outcomes).toMatchObject([{ kind: 'refused', refusal: expected }])
      expect([...world.groups.list()]).toEqual([])
    })
  }

  test('the stop answers everybody who waits, and nobody comes after', () => {
    const world = new GroupWorld()
    const outcomes: JoinOutcome[] = []
    world.groups.join('g', joinCommand(''), outcome => outcomes.push(outcome))
    world.groups.stop()
    world.groups.join('g', joinCommand(''), outcome => outcomes.push(outcome))
    expect(outcomes).toMatchObject([{ refusal: 'unavailable' }, { refusal: 'unavailable' }])
  })
})
