import { deepEqual, equal, throws } from 'node:assert/strict'
import { test } from 'vitest'
import type { Trim } from '../../../src/broker/entries/index.ts'
import { specOf } from '../../../src/broker/queue/spec.fixture.ts'
import { queueSettingsDefault } from '../../../src/broker/queue/settings.ts'
import { Offset } from '../../../src/lib/brand.ts'
import { MessageReader } from '../../../src/message/message-reader.ts'
import { StoredMessage } from '../../../src/message/stored-message.ts'
import { add, all, idOf, openBroker, produce, reversed, settle, textOf } from './fixture.ts'

test('entries: ids are the time and a sequence, and only grow', async () => {
  const clock = { ms: 1000 }
  const { entries } = await openBroker(clock)
  const s = entries.open('/', 's')
  deepEqual([add(s, '*'), add(s, '*')], ['1000-0', '1000-1'])
  await settle()
  clock.ms = 990
  equal(add(s, '*'), '1000-2')
  clock.ms = 2000
  await settle()
  deepEqual([add(s, '*'), add(s, '2000-*'), add(s, '3000-*')], ['2000-0', '2000-1', '3000-0'])
  equal(add(s, '3000-0'), 'not-above')
  equal(
    add(s, '18446744073709551615-18446744073709551614'),
    '18446744073709551615-18446744073709551614',
  )
  equal(add(s, '*'), '18446744073709551615-18446744073709551615')
  equal(add(s, '*'), 'exhausted')
  equal(s.length, 8)
  equal(all(s).at(-1), '18446744073709551615-18446744073709551615 f=v')
})

test('entries: ranges, forward and backward', async () => {
  const { entries } = await openBroker()
  const s = entries.open('/', 's')
  for (let ms = 1; ms <= 500; ms++) add(s, `${ms}-0`, `n ${ms}`)
  await settle()
  for (let ms = 501; ms <= 1000; ms++) add(s, `${ms}-0`, `n ${ms}`)
  deepEqual(all(s, '499-0', '502-0'), ['499-0 n=499', '500-0 n=500', '501-0 n=501', '502-0 n=502'])
  deepEqual(all(s, '499-1', '502-0', 1), ['500-0 n=500'])
  deepEqual(reversed(s, '499-1', '502-0'), ['502-0 n=502', '501-0 n=501', '500-0 n=500'])
  deepEqual(reversed(s, '', '', 2), ['1000-0 n=1000', '999-0 n=999'])
  equal(all(s).length, 1000)
  equal(reversed(s).join(), all(s).reverse().join())
  equal(s.delete([idOf('500-0'), idOf('500-0'), idOf('5000-0'), idOf('1000-0')]), 2)
  equal(textOf(s.lastEntryId!), '999-0')
  deepEqual(all(s, '499-0', '501-0'), ['499-0 n=499', '501-0 n=501'])
  equal(s.length, 998)
})

test('entries: ids are in the order of the log, whoever writes', async () => {
  const broker = await openBroker()
  broker.topics.createNow({
    name: 'orders',
    partitionCount: 1,
    overrides: { 'retention.ms': '-1' },
  })
  produce(broker, 'orders', 'a b', 500)
  const s = broker.entries.find('/', 'orders')!
  deepEqual(all(s), ['500-0 value=a', '500-1 value=b'])
  produce(broker, 'orders', 'k:c', 400)
  add(s, '600-0', 'x 1')
  produce(broker, 'orders', 'd e', 650)
  add(s, '*', 'y 2')
  produce(broker, 'orders', 'f', 650)
  await settle()
  deepEqual(all(s), [
    '500-0 value=a',
    '500-1 value=b',
    '500-2 key=k value=c',
    '600-0 x=1',
    '650-0 value=d',
    '650-1 value=e',
    '1000-0 y=2',
    '1000-1 value=f',
  ])
})

test('entries: others see a value, a key and headers', async () => {
  const broker = await openBroker()
  const s = broker.entries.open('/', 's')
  add(s, '1-0', 'anything hello')
  add(s, '2-0', 'key k1 id 7 data hello')
  add(s, '3-0', 'temp 20 hum 40')
  add(s, '4-0', 'key k2 field v')
  await settle()
  const seen: string[] = []
  const { log } = broker.topics.find('/', 's')!.partitions[0]!
  const reader = new MessageReader()
  const view = new StoredMessage()
  for (const batch of log.readNow(Offset(0), 1 << 20)) {
    reader.open(batch)
    for (let offset = 0; reader.find(offset, view); offset = view.offset + 1) {
      const { key, headers } = broker.mappings.commonOf(view)
      const body = view.body.toString('utf8', view.bodyStart, view.bodyEnd)
      seen.push(`${view.timestamp} ${key} ${body} ${JSON.stringify([...headers])}`)
    }
  }
  deepEqual(seen, [
    '1 null hello []',
    '2 k1 hello [["id","7"]]',
    '3 null {"temp":"20","hum":"40"} []',
    '4 k2 v []',
  ])
  deepEqual(all(s), [
    '1-0 anything=hello',
    '2-0 key=k1 id=7 data=hello',
    '3-0 temp=20 hum=40',
    '4-0 key=k2 field=v',
  ])
})

test('entries: queues are none, and topics of several partitions are several', async () => {
  const broker = await openBroker()
  const { entries, queues, topics } = broker
  queues.declare(specOf('q'), queueSettingsDefault)
  queues.declare(specOf('amqp-stream', { type: 'stream' }), queueSettingsDefault)
  topics.createNow({ name: 'parts', partitionCount: 2, overrides: {} })
  equal(entries.find('/', 'q'), undefined)
  throws(() => entries.open('/', 'q'), { kind: 'wrong-type' })
  equal(entries.find('/', 'none'), undefined)
  throws(() => entries.find('/', 'parts'), { kind: 'precondition-failed' })
  equal(add(entries.open('/', 'parts-1'), '5-0'), '5-0')
  deepEqual(all(entries.find('/', 'parts-1')!), ['5-0 f=v'])
  equal(entries.find('/', 'parts-0')!.length, 0)
  equal(entries.delete('/', 'parts-1'), true)
  deepEqual(all(entries.find('/', 'parts-1')!), [])
  equal(entries.find('/', 'parts-2'), undefined)
  equal(add(entries.find('/', 'amqp-stream')!, '5-0'), '5-0')
  deepEqual([...entries.names('/')], ['amqp-stream', 'parts-0', 'parts-1'])
  deepEqual(
    ['q', 'parts', 'parts-1', 'x'].map(name => entries.has('/', name)),
    [false, true, true, false],
  )
})

test('entries: deleting a stream deletes its topic, and the name is free again', async () => {
  const broker = await openBroker()
  const changed: string[] = []
  broker.entries.onChanged((_, name) => changed.push(name))
  add(broker.entries.open('/', 's'), '5-0')
  equal(broker.entries.delete('/', 's'), true)
  equal(broker.entries.delete('/', 's'), false)
  equal(broker.topics.find('/', 's'), undefined)
  equal(changed.includes('s'), true)
  deepEqual(all(broker.entries.open('/', 's')), [])
})

test('entries: who waits for a name hears of the topic that others make', async () => {
  const broker = await openBroker()
  const { entries, topics, queues } = broker
  const changed: string[] = []
  entries.onChanged((_, name) => changed.push(name))
  topics.createNow({ name: 'kafka', partitionCount: 1, overrides: {} })
  topics.createNow({ name: 'parts', partitionCount: 2, overrides: {} })
  topics.deleteNow(topics.createNow({ name: 'gone', partitionCount: 1, overrides: {} }).id)
  queues.declare(specOf('q'), queueSettingsDefault)
  deepEqual(changed, [])
  await settle()
  deepEqual(changed, ['kafka', 'parts-0', 'parts-1'])
  changed.length = 0
  entries.open('/', 'own')
  deepEqual(changed, ['own'])
  await settle()
  deepEqual(changed, ['own'])
  produce(broker, 'kafka', 'a', 500)
  await settle()
  deepEqual(changed, ['own'])
  for (const name of ['kafka', 'parts', 'parts-1', 'q', 'x']) entries.follow('/', name)
  produce(broker, 'kafka', 'b', 500)
  await settle()
  deepEqual(changed, ['own', 'kafka'])
})

test('entries: a copy has the same ids, groups and pending entries', async () => {
  const broker = await openBroker()
  const { entries } = broker
  const s = entries.open('/', 's')
  for (let ms = 1; ms <= 5; ms++) add(s, `${ms}-1`, `n ${ms}`)
  s.createGroup('g', idOf('0-0'), null)
  s.read(s.groups.get('g')!, 'anna', { countMax: 3, isNoAck: false, claimIdleMs: null, now: 9 })
  s.delete([idOf('2-1'), idOf('5-1')])
  entries.rename({ namespace: '/', name: 's' }, { namespace: '/', name: 't' })
  equal(entries.has('/', 's'), false)
  const t = entries.find('/', 't')!
  deepEqual(all(t), ['1-1 n=1', '3-1 n=3', '4-1 n=4'])
  const { lastId, maxDeletedId, entriesAdded } = t.facts()
  deepEqual([textOf(lastId), textOf(maxDeletedId), entriesAdded], ['5-1', '5-1', 5])
  const g = t.groups.get('g')!
  const pending = [...g.pending(idOf('0-0'), idOf('9-0'))]
  deepEqual(
    pending.map(one => `${textOf(one)} ${one.consumer!.name}`),
    ['1-1 anna', '2-1 anna', '3-1 anna'],
  )
  const own = t.readOwn(g, 'anna', idOf('0-0'), {
    countMax: 0,
    isNoAck: false,
    claimIdleMs: null,
    now: 10,
  })
  deepEqual(
    own.map(({ isGone }) => isGone),
    [false, true, false],
  )
})

const trims: [name: string, keep: Trim['keep'], isApproximate: boolean, left: number][] = [
  ['by length', { count: 250 }, false, 250],
  ['to nothing', { count: 0 }, false, 0],
  ['to more than there is', { count: 5000 }, false, 1000],
  ['by length, in runs', { count: 250 }, true, 300],
  ['by id', { from: { ms: 301, seq: 0 } }, false, 700],
  ['by id, in runs', { from: { ms: 350, seq: 0 } }, true, 700],
  ['by an id behind the end', { from: { ms: 5000, seq: 0 } }, false, 0],
]
for (const [name, keep, isApproximate, left] of trims) {
  for (const isLater of [false, true]) {
    test(`entries: trimmed ${name}${isLater ? ', with the turn' : ''}`, async () => {
      const broker = await openBroker()
      const s = broker.entries.open('/', 's')
      for (let ms = 1; ms <= 1000; ms++) add(s, `${ms}-0`, `n ${ms}`)
      if (!isLater) await settle()
      equal(s.trim({ keep, isApproximate, countMax: 0, references: 'keep' }), 1000 - left)
      equal(s.length, left)
      equal(all(s)[0], left === 0 ? undefined : `${1001 - left}-0 n=${1001 - left}`)
      equal(reversed(s).length, left)
      add(s, '6000-0', 'n last')
      deepEqual(all(s, '5999-0'), ['6000-0 n=last'])
      await settle()
      equal(
        s.trim({ keep: { count: 1 }, isApproximate: false, countMax: 0, references: 'keep' }),
        left,
      )
      const { log } = broker.topics.find('/', 's')!.partitions[0]!
      equal(log.startOffset > 0, true)
    })
  }
}

test('entries: where retention takes records, a stream begins at the next id known', async () => {
  const broker = await openBroker()
  const { entries, topics, runtime } = broker
  topics.createNow({ name: 'k', partitionCount: 1, overrides: { 'retention.ms': '-1' } })
  const s = entries.find('/', 'k')!
  const batch = Array.from({ length: 50 }, (_, index) => `v${index}`).join(' ')
  for (let round = 0; round < 20; round++) produce(broker, 'k', batch, 100 + round)
  await settle()
  const before = all(s)
  equal(before.length, 1000)
  const { log } = topics.find('/', 'k')!.partitions[0]!
  runtime.store.truncateBefore(log.id, Offset(400))
  const after = all(s)
  equal(s.length, after.length)
  deepEqual(after, before.slice(-after.length))
  equal(after.length <= 600 && after.length > 400, true)
})

test('entries: a topic that was there has ids by times, a large one by offsets', async () => {
  const broker = await openBroker()
  const { topics, entries } = broker
  for (const name of ['small', 'large'])
    topics.createNow({ name, partitionCount: 1, overrides: { 'retention.ms': '-1' } })
  produce(broker, 'small', 'a b', 500)
  const large = 'x'.repeat(900_000)
  for (let count = 0; count < 6; count++) produce(broker, 'large', large, 500)
  deepEqual(all(entries.find('/', 'small')!), ['500-0 value=a', '500-1 value=b'])
  const s = entries.find('/', 'large')!
  const idsOf = (): string[] => all(s).map(text => text.split(' ')[0]!)
  deepEqual(idsOf(), ['0-1', '0-2', '0-3', '0-4', '0-5', '0-6'])
  deepEqual(
    reversed(s, '0-2', '0-3').map(text => text.split(' ')[0]),
    ['0-3', '0-2'],
  )
  produce(broker, 'large', 'z', 700)
  equal(idsOf().at(-1), '700-0')
  equal(s.facts().entriesAdded, 7)
})

test('entries: on a full disk there is an error, and what is there is shown', async () => {
  const broker = await openBroker()
  const s = broker.entries.open('/', 's')
  add(s, '1-0')
  await settle()
  const { store } = broker.runtime
  Object.defineProperty(store, 'refusal', {
    get: () => ({ reason: 'disk-full', message: 'no room' }),
  })
  throws(() => add(s, '2-0'), { kind: 'storage' })
  deepEqual(all(s), ['1-0 f=v'])
  throws(() => s.createGroup('g', idOf('0-0'), null), { kind: 'storage' })
  equal(s.delete([idOf('1-0')]), 1)
})
