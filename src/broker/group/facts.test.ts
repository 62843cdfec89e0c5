import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Millis } from '../../lib/brand.ts'
import { decodeEvent, encodeEvent, type GroupEvent } from './events.ts'
import { Facts, type GroupFacts } from './facts.ts'

const id = fc.constantFrom('', 'g', 'billing', 'größe')
const name = fc.constantFrom('orders', 'payments', 'ünï')
const text = fc.string({ unit: 'grapheme', maxLength: 12 })
const bytes = fc.uint8Array({ maxLength: 40 }).map(array => Buffer.from(array))
const count = fc.integer({ min: 0, max: 2 ** 31 - 1 })
const time = fc.integer({ min: 0, max: 2 ** 45 }).map(value => value as Millis)
const nullable = <Value>(of: fc.Arbitrary<Value>) => fc.option(of, { nil: null })

const member = fc.record({
  id: text,
  instanceId: nullable(text),
  clientId: text,
  clientHost: text,
  sessionMs: count,
  rebalanceMs: count,
  protocols: fc.array(fc.record({ name: text, metadata: bytes }), { maxLength: 3 }),
  assignment: bytes,
})
const partition = fc.integer({ min: 0, max: 3 })
const offset = fc.record({
  topic: name,
  partition,
  offset: fc.maxSafeInteger(),
  leaderEpoch: fc.integer({ min: -1, max: 9 }),
  metadata: text,
})
const event: fc.Arbitrary<GroupEvent> = fc.oneof(
  fc.record({
    kind: fc.constant('saved' as const),
    groupId: id,
    group: fc.record({
      generation: count,
      protocolType: nullable(text),
      protocolName: nullable(text),
      leader: nullable(text),
      savedAt: time,
      members: fc.array(member, { maxLength: 3 }),
    }),
  }),
  fc.record({ kind: fc.constant('deleted' as const), groupId: id }),
  fc.record({
    kind: fc.constant('committed' as const),
    groupId: id,
    committedAt: time,
    expiresAt: nullable(time),
    offsets: fc.array(offset, { maxLength: 5 }),
  }),
  fc.record({
    kind: fc.constant('forgotten' as const),
    groupId: id,
    partitions: fc.array(fc.record({ topic: name, partition }), { maxLength: 3 }),
  }),
)

const dump = (facts: Facts): [string, GroupFacts][] =>
  [...facts.all()].sort(([left], [right]) => (left < right ? -1 : 1))

function evolved(events: readonly GroupEvent[]): Facts {
  const facts = new Facts()
  for (const one of events) facts.evolve(one)
  return facts
}

describe('group facts', () => {
  test('an event reads back as it was written', () => {
    fc.assert(
      fc.property(event, written => {
        expect(decodeEvent(encodeEvent(written))).toEqual(written)
      }),
    )
  })

  test('snapshot and replay lead to the same state as life', () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 30 }), fc.nat(30), (events, cut) => {
        const live = evolved(events)
        const recovered = new Facts()
        recovered.restore(evolved(events.slice(0, cut)).snapshot())
        for (const later of events.slice(cut)) recovered.evolve(decodeEvent(encodeEvent(later)))
        expect(dump(recovered)).toEqual(dump(live))
      }),
    )
  })

  test('a snapshot replaces what was there', () => {
    const facts = evolved([{ kind: 'saved', groupId: 'old', group: emptyGroup }])
    facts.restore(evolved([{ kind: 'saved', groupId: 'new', group: emptyGroup }]).snapshot())
    expect(dump(facts).map(([groupId]) => groupId)).toEqual(['new'])
  })
})

const emptyGroup = {
  generation: 1,
  protocolType: 'consumer',
  protocolName: null,
  leader: null,
  savedAt: 0 as Millis,
  members: [],
}

/** Bytes that lie on disks: they must read the same for ever. */
const vectors: [name: string, event: GroupEvent, hex: string][] = [
  [
    'a group with one member',
    {
      kind: 'saved',
      groupId: 'g',
      group: {
        generation: 3,
        protocolType: 'consumer',
        protocolName: 'range',
        leader: 'm',
        savedAt: 1_700_000_000_000 as Millis,
        members: [
          {
            id: 'm',
            instanceId: null,
            clientId: 'c',
            clientHost: '/h',
            sessionMs: 10_000,
            rebalanceMs: 60_000,
            protocols: [{ name: 'range', metadata: Buffer.from([1, 2]) }],
            assignment: Buffer.from([3]),
          },
        ],
      },
    },
    '00 0167 00000003 09636f6e73756d6572 0672616e6765 026d 0000018bcfe56800' +
      '01 016d 00 0163 022f68 00002710 0000ea60 01 0572616e6765 020102 0103',
  ],
  ['a deleted group', { kind: 'deleted', groupId: 'g' }, '01 0167'],
  [
    'offsets of two partitions of one topic',
    {
      kind: 'committed',
      groupId: 'g',
      committedAt: 1 as Millis,
      expiresAt: null,
      offsets: [
        { topic: 't', partition: 0, offset: 7, leaderEpoch: -1, metadata: '' },
        { topic: 't', partition: 1, offset: 2 ** 40, leaderEpoch: 0, metadata: 'x' },
      ],
    },
    '02 0167 0000000000000001 ffffffffffffffff 02' +
      '0274 00 0000000000000007 ffffffff 00' +
      '00 01 0000010000000000 00000000 0178',
  ],
  [
    'a forgotten offset',
    { kind: 'forgotten', groupId: 'g', partitions: [{ topic: 't', partition: 5 }] },
    '03 0167 01 0174 05',
  ],
]

for (const [title, written, hex] of vectors) {
  test(`group events: ${title}`, () => {
    expect(encodeEvent(written).toString('hex')).toBe(hex.replaceAll(' ', ''))
  })
}
