import { deepEqual, equal, throws } from 'node:assert/strict'
import { test } from 'vitest'
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

test('entries: what others write has ids, too', async () => {
  const { entries, ...broker } = await openBroker()
  void broker
  throws(() => entries.open('/', ''))
})

test('entries: Kafka producers and XADD in turns', async () => {
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

test('entries: groups', async () => {
  const broker = await openBroker()
  const s = broker.entries.open('/', 's')
  for (let ms = 1; ms <= 10; ms++) add(s, `${ms}-0`, `n ${ms}`)
  equal(s.createGroup('g', idOf('0-0'), null), true)
  equal(s.createGroup('g', idOf('0-0'), null), false)
  const g = s.groups.get('g')!
  equal(g.lag, 10)
  const { fresh } = s.read(g, 'anna', { countMax: 3, isNoAck: false, claimIdleMs: null, now: 5000 })
  equal(fresh.count, 3)
  deepEqual([g.lag, g.entriesRead, g.pendingCount, textOf(g.lastId)], [7, 3, 3, '3-0'])
  equal(s.ack(g, [idOf('2-0'), idOf('9-0')]), 1)
  const auto = s.autoClaim(g, 'bert', idOf('0-0'), {
    idleMsMin: 0,
    countMax: 10,
    isIdOnly: false,
    now: 6000,
  })
  deepEqual(auto.claimed.map(textOf), ['1-0', '3-0'])
  equal(g.consumers.get('anna')!.pendingCount, 0)
})
