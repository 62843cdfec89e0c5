import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'vitest'
import type { Broker } from '../../../src/broker/broker.ts'
import {
  type EntryStream,
  type Group,
  idMax,
  idMin,
  type PendingEntry,
} from '../../../src/broker/entries/index.ts'
import { add, all, idOf, openBroker, settle, textOf } from './fixture.ts'

const wanted = { countMax: 0, isNoAck: false, claimIdleMs: null }
const listed = (group: Group): string[] => [...group.pending(idMin, idMax)].map(shownPending)
const shownPending = (one: PendingEntry): string =>
  `${textOf(one)} ${one.consumer?.name ?? '-'} ${one.deliveredAt} ${one.deliveries}`

async function world() {
  const clock = { ms: 1000 }
  const broker = await openBroker(clock)
  const stream = broker.entries.open('/', 's')
  for (let ms = 1; ms <= 5; ms++) add(stream, `${ms}-0`, `n ${ms}`)
  stream.createGroup('g', idMin, null)
  return { clock, broker, stream, group: stream.groups.get('g')! }
}

function read(
  stream: EntryStream,
  group: Group,
  consumer: string,
  now: number,
  count = 0,
): string[] {
  const { claimed, fresh } = stream.read(group, consumer, { ...wanted, countMax: count, now })
  const ids = claimed.map(textOf)
  stream.show(fresh, entry => ids.push(textOf(entry)))
  return ids
}

function policy(broker: Broker, pattern: string, definition: Record<string, unknown>): void {
  const rest = { namespace: '/', applyTo: 'all' as const, priority: 0 }
  broker.policies.set({ ...rest, name: pattern, pattern, definition })
}

/** What lies in the topic where dead letters go. */
async function lettersIn(broker: Broker): Promise<string[]> {
  await settle()
  return all(broker.entries.find('/', 'letters')!)
}

function letters(broker: Broker): void {
  broker.entries.open('/', 'letters')
}

test('groups: an entry goes to one consumer, and is pending until acknowledged', async () => {
  const { stream, group } = await world()
  deepEqual(read(stream, group, 'anna', 10, 2), ['1-0', '2-0'])
  deepEqual(read(stream, group, 'bert', 20), ['3-0', '4-0', '5-0'])
  deepEqual(read(stream, group, 'anna', 30), [])
  equal(stream.ack(group, [idOf('1-0'), idOf('1-0'), idOf('4-0'), idOf('9-0')]), 2)
  deepEqual(listed(group), ['2-0 anna 10 1', '3-0 bert 20 1', '5-0 bert 20 1'])
  const { seenAt, activeAt, pendingCount } = group.consumers.get('anna')!
  deepEqual([seenAt, activeAt, pendingCount], [30, 10, 1])
})

test('groups: who listens may read at once', async () => {
  const { broker, stream, group } = await world()
  read(stream, group, 'anna', 10)
  const waiting = ['bert', 'carl']
  const seen: string[] = []
  broker.entries.onAppended(() => {
    const now = 20
    if (!stream.hasMore(group, { ...wanted, now })) return
    const consumer = waiting.shift()!
    const { fresh } = stream.read(group, consumer, { ...wanted, now })
    stream.show(fresh, entry => seen.push(`${consumer} ${textOf(entry)} of ${fresh.count}`))
  })
  add(stream, '6-0')
  await settle()
  add(stream, '7-0')
  deepEqual(seen, ['bert 6-0 of 1', 'carl 7-0 of 1'])
})

test('groups: without acknowledgement nothing is pending', async () => {
  const { stream, group } = await world()
  equal(stream.read(group, 'anna', { ...wanted, isNoAck: true, now: 10 }).fresh.count, 5)
  deepEqual([group.pendingCount, textOf(group.lastId), group.entriesRead], [0, '5-0', 5])
})

test('groups: a consumer sees again what it has, and what of it is gone', async () => {
  const { stream, group } = await world()
  read(stream, group, 'anna', 10)
  stream.delete([idOf('2-0')])
  const own = stream.readOwn(group, 'anna', idOf('1-0'), { ...wanted, countMax: 2, now: 20 })
  deepEqual(
    own.map(({ isGone }) => isGone),
    [true, false],
  )
  deepEqual(listed(group).slice(0, 3), ['1-0 anna 10 1', '2-0 anna 10 1', '3-0 anna 20 2'])
})

test('groups: what is given back is claimed first; the mode says how often tried', async () => {
  const { stream, group } = await world()
  read(stream, group, 'anna', 10)
  const back = { deliveries: null, isForced: false }
  equal(stream.giveBack(group, [idOf('2-0')], { ...back, mode: 'silent' }), 1)
  equal(stream.giveBack(group, [idOf('4-0')], { ...back, mode: 'failed' }), 1)
  equal(stream.giveBack(group, [idOf('5-0')], { ...back, mode: 'fatal' }), 1)
  deepEqual(listed(group), [
    '1-0 anna 10 1',
    '2-0 - 0 0',
    '3-0 anna 10 1',
    '4-0 - 0 1',
    '5-0 - 0 9223372036854775807',
  ])
  equal(group.returnedCount, 3)
  const claim = { ...wanted, claimIdleMs: 50, now: 20 }
  deepEqual(stream.read(group, 'bert', claim).claimed.map(textOf), ['2-0', '4-0', '5-0'])
  deepEqual(stream.read(group, 'bert', { ...claim, now: 59 }).claimed, [])
  deepEqual(stream.read(group, 'bert', { ...claim, now: 60 }).claimed.map(textOf), ['1-0', '3-0'])
  equal(group.claimableAt(50), 70)
})

test('groups: entries go when nobody needs them any more', async () => {
  const { stream, group } = await world()
  read(stream, group, 'anna', 10, 3)
  const ids = ['1-0', '2-0', '4-0', '8-0'].map(idOf)
  stream.ack(group, [idOf('1-0')])
  deepEqual(stream.remove(ids, 'acked'), ['removed', 'referenced', 'referenced', 'referenced'])
  deepEqual(stream.remove(ids, 'delete'), ['missing', 'removed', 'removed', 'missing'])
  deepEqual(listed(group), ['3-0 anna 10 1'])
  deepEqual(stream.ackAndRemove(group, ['2-0', '3-0'].map(idOf), 'acked'), ['missing', 'removed'])
  deepEqual(all(stream), ['5-0 n=5'])
})

test('groups: with a visibility timeout entries come back, later each time', async () => {
  const { broker, clock, stream, group } = await world()
  policy(broker, '^s$', {
    'visibility-timeout': 100,
    'delayed-retry-min': 10,
    'delayed-retry-max': 1000,
    'delayed-retry-type': 'all',
  })
  clock.ms = 2000
  read(stream, group, 'anna', 2000, 5)
  deepEqual(read(stream, group, 'bert', 2109), [])
  deepEqual(read(stream, group, 'bert', 2110, 2), ['1-0', '2-0'])
  deepEqual(read(stream, group, 'anna', 2229, 9), ['3-0', '4-0', '5-0'])
  deepEqual(read(stream, group, 'anna', 2230, 9), ['1-0', '2-0'])
  deepEqual(listed(group)[0], '1-0 anna 2230 3')
  await broker.close()
})

test('groups: what was tried too often goes where the policy says', async () => {
  const { broker, stream, group } = await world()
  letters(broker)
  policy(broker, '^s/g$', {
    'delivery-limit': 2,
    'visibility-timeout': 100,
    'dead-letter-exchange': '',
    'dead-letter-routing-key': 'letters',
  })
  read(stream, group, 'anna', 2000)
  stream.ack(group, ['2-0', '3-0', '4-0', '5-0'].map(idOf))
  deepEqual(read(stream, group, 'bert', 2100), ['1-0'])
  deepEqual(read(stream, group, 'anna', 2200), [])
  equal(group.pendingCount, 0)
  const [letter, ...more] = await lettersIn(broker)
  deepEqual(more, [])
  equal(letter!.endsWith(' n=1'), true)
  equal(stream.length, 5)
})

test('groups: a fatal entry is a dead letter at once', async () => {
  const { broker, stream, group } = await world()
  letters(broker)
  policy(broker, '^s', { 'dead-letter-exchange': '', 'dead-letter-routing-key': 'letters' })
  read(stream, group, 'anna', 2000)
  const fatal = { mode: 'fatal' as const, deliveries: null, isForced: false }
  equal(stream.giveBack(group, [idOf('3-0')], fatal), 1)
  equal(group.pendingCount, 4)
  equal((await lettersIn(broker)).length, 1)
})

test('groups: names are remembered for a while, so that nothing is added twice', async () => {
  const { stream } = await world()
  const now = 6000
  add(stream, '6000-1', 'n 6')
  stream.remember('anna', 'order-1', now)
  equal(textOf(stream.known('anna', 'order-1', now)!), '6000-1')
  equal(stream.known('bert', 'order-1', now), null)
  equal(stream.known('anna', 'order-1', now + 100_000), null)
  stream.configure({ entriesMax: 2 })
  equal(stream.known('anna', 'order-1', now), null)
  for (const [name, ms] of [
    ['a', 6001],
    ['b', 6002],
    ['c', 6003],
  ] as const) {
    add(stream, `${ms}-0`)
    stream.remember('anna', name, ms)
  }
  equal(stream.known('anna', 'a', now), null)
  equal(textOf(stream.known('anna', 'b', now)!), '6002-0')
  const { tracked, added, duplicates, producers } = stream.facts().idempotence
  deepEqual([tracked, added, duplicates, producers], [2, 4, 2, 1])
})
