import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeEvent } from './events.ts'
import { Facts } from './facts.ts'
import type { JoinOutcome } from './outcome.ts'
import { GroupWorld, joinCommand, subscription } from '../../../test/broker/group-world.ts'

/** A client that may hold on to an outdated id or generation, as lost answers make them do. */
type Client = { id: string; generation: number; leads: readonly string[] }

type Deed =
  | { kind: 'join'; client: number; version: number; topic: string; isStatic: boolean }
  | { kind: 'sync' | 'heartbeat' | 'leave' | 'commit' | 'forget'; client: number }
  | { kind: 'wait'; ms: number }
  | { kind: 'confirm' | 'refuse' | 'welcome' }
  | { kind: 'round'; isStatic: boolean }
  | { kind: 'crash'; share: number }

const CLIENTS = 4
const client = fc.nat(CLIENTS - 1)
const deed: fc.Arbitrary<Deed> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('join' as const),
      client,
      version: fc.constantFrom(3, 4, 9),
      topic: fc.constantFrom('orders', 'orders', 'payments'),
      isStatic: fc.boolean(),
    }),
  },
  {
    weight: 12,
    arbitrary: fc.record({
      kind: fc.constantFrom('sync', 'sync', 'heartbeat', 'leave', 'commit', 'forget'),
      client,
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('wait' as const),
      ms: fc.constantFrom(10, 50, 200, 9_000, 61_000, 400_000),
    }),
  },
  { weight: 6, arbitrary: fc.constant({ kind: 'confirm' } as const) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('round' as const), isStatic: fc.boolean() }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('refuse', 'welcome') }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('crash' as const),
      share: fc.double({ min: 0, max: 1, noNaN: true }),
    }),
  },
)

/** Plays deeds, and counts for every waiting request how often it was answered. */
class Play {
  readonly world = new GroupWorld({ groupMembersMax: 3 })
  readonly clients: Client[] = Array.from({ length: CLIENTS }, () => newClient())
  readonly answerCounts: { count: number }[] = []

  act(done: Deed): void {
    const { world } = this
    if (done.kind === 'wait') world.wait(done.ms)
    else if (done.kind === 'confirm') world.confirm()
    else if (done.kind === 'refuse') world.refuse({ reason: 'io-error', message: 'bad disk' })
    else if (done.kind === 'welcome') world.refuse(null)
    else if (done.kind === 'crash') world.crash(Math.floor(done.share * world.journal.length))
    else if (done.kind === 'join') this.#join(done)
    else if (done.kind === 'round') this.#round(done.isStatic)
    else if ('client' in done) this.#speak(done.kind, this.clients[done.client]!, done.client)
  }

  /** As clients do when all is well: all join and sync. Chance alone seldom gets so far. */
  #round(isStatic: boolean): void {
    const members = [0, 1, 2]
    for (const index of members)
      this.#join({ kind: 'join', client: index, version: 3, topic: 'orders', isStatic })
    this.world.wait(200)
    for (const index of members) this.#speak('sync', this.clients[index]!, index)
    this.world.confirm()
  }

  #once(): () => void {
    const answers = { count: 0 }
    this.answerCounts.push(answers)
    return () => void answers.count++
  }

  #join(done: Extract<Deed, { kind: 'join' }>): void {
    const speaker = this.clients[done.client]!
    const answered = this.#once()
    const command = joinCommand(speaker.id, {
      instanceId: done.isStatic ? `instance-${done.client}` : null,
      mustKnowId: done.version >= 4,
      canSkipAssignment: done.version >= 9,
      protocols: [{ name: 'range', metadata: subscription(done.topic) }],
    })
    this.world.groups.join('g', command, (outcome: JoinOutcome) => {
      answered()
      if (outcome.kind === 'joined') {
        const { memberId, generation, members } = outcome
        expect(members.length === 0 || outcome.leader === memberId).toBe(true)
        this.clients[done.client] = {
          id: memberId,
          generation,
          leads: members.map(member => member.memberId),
        }
      } else if (outcome.refusal === 'member-id-required') speaker.id = outcome.memberId
      else if (outcome.refusal === 'unknown-member') speaker.id = ''
    })
  }

  #speak(kind: string, speaker: Client, index: number): void {
    const { groups } = this.world
    const { id: memberId, generation } = speaker
    const claim = { memberId, instanceId: null, generation }
    if (kind === 'forget') this.clients[index] = newClient()
    if (kind === 'heartbeat') groups.heartbeat('g', claim)
    if (kind === 'leave') groups.leave('g', [{ memberId, instanceId: null, reason: null }])
    if (kind === 'sync') {
      const shares = speaker.leads.map((id): [string, Buffer] => [id, Buffer.from(`${id}'s`)])
      const assignments = new Map(shares)
      const command = { ...claim, protocolType: 'consumer', protocolName: 'range', assignments }
      const answered = this.#once()
      groups.sync('g', command, outcome => {
        answered()
        if (outcome.kind === 'synced' && outcome.assignment.length > 0)
          expect(outcome.assignment.toString()).toBe(`${memberId}'s`)
      })
    }
    if (kind === 'commit') {
      const offsets = [
        { topic: 'orders', partition: index, offset: 1, leaderEpoch: -1, metadata: '' },
      ]
      const command = { groupId: 'g', ...claim, retentionMs: null, offsets }
      groups.commitOffsets(command, this.#once())
    }
  }
}

const newClient = (): Client => ({ id: '', generation: -1, leads: [] })

test('random lives: every request is answered once, and replay leads to what lived', () => {
  fc.assert(
    fc.property(fc.array(deed, { maxLength: 80 }), deeds => {
      const play = new Play()
      for (const done of deeds) play.act(done)
      const { world } = play
      const replayed = new Facts()
      for (const event of world.journal) replayed.evolve(decodeEvent(event))
      const lived = new Facts()
      lived.restore(world.groups.snapshot())
      expect(sorted(lived)).toEqual(sorted(replayed))
      const crashed = deeds.some(({ kind }) => kind === 'crash')
      world.groups.stop()
      world.confirm()
      // A crash takes the connections along, and with them what waited for the disk.
      const counts = play.answerCounts.map(({ count }) => count)
      expect(counts.every(count => count === 1 || (crashed && count === 0))).toBe(true)
    }),
    { numRuns: 400 },
  )
})

test('random lives: a stable group is found again as it was', () => {
  let stableCount = 0
  fc.assert(
    fc.property(fc.array(deed, { minLength: 10, maxLength: 60 }), deeds => {
      const play = new Play()
      for (const done of deeds) play.act(done)
      const { world } = play
      world.refuse(null)
      world.confirm()
      const before = world.groups.describe('g')
      if (before?.state !== 'stable') return
      stableCount++
      world.crash()
      expect(world.groups.describe('g')).toEqual(before)
    }),
    { numRuns: 400 },
  )
  expect(stableCount).toBeGreaterThan(50)
})

const sorted = (facts: Facts) =>
  [...facts.all()].map(([id, { saved, offsets }]) => [id, saved, [...offsets].sort(byName)])
const byName = ([left]: [string, unknown], [right]: [string, unknown]) => (left < right ? -1 : 1)
