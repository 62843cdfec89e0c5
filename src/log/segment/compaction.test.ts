import { expect, test } from 'vitest'
import { encodeBatch, lastOffsetOf, readRecords } from '../batch/index.ts'
import { compactOnce } from './compaction/compact.ts'
import { foldOnce } from './fold.ts'
import {
  all,
  expectNoGaps,
  inNewFolders,
  reader,
  segmenter,
  shop,
  source,
  text,
  time,
  values,
} from './segments.fixture.ts'

inNewFolders()

const keyed = (key: string, value: string | null, timestamp = time) => ({
  timestamp,
  key: Buffer.from(key),
  value: value === null ? null : Buffer.from(value),
})

const compaction = {
  tombstoneRetentionMs: 1000,
  dirtyRatioMin: 0,
  lagMsMin: 0,
  lagMsMax: Number.MAX_SAFE_INTEGER,
}

test('compaction keeps the last record of each key, and all offsets', async () => {
  const log = source.create(1, { compaction })
  const last = new Map<string, { value: string; offset: number }>()
  for (let round = 0; round < 3; round++) {
    for (let index = 0; index < 200; index++) {
      const records = [index % 13, index % 7, index].map(n =>
        keyed(`k${n}`, `${round}/${index}/${n}`),
      )
      const base = source.append(
        log,
        encodeBatch(records, { compression: index % 2 === 0 ? 'none' : 'lz4' }),
      )
      for (const [delta, record] of records.entries())
        last.set(record.key.toString(), { value: record.value!.toString(), offset: base + delta })
    }
    source.roll()
    await segmenter.runOnce(time)
    const found = (await all(log)).map(r => [r.key!.toString(), r.offset, r.value!.toString()])
    const expected = [...last].map(([key, { value, offset }]) => [key, offset, value] as const)
    expect(found).toEqual(expected.sort((a, b) => a[1] - b[1]))
    expectNoGaps(log, (round + 1) * 600)
    expect(source.segments(log).every(ref => ref.isCompacted)).toBe(true)
  }
})

test('a tombstone hides its key at once, and goes when its time is up', async () => {
  const log = source.create(1, { compaction })
  source.append(log, encodeBatch([keyed('a', '1'), keyed('b', '2')]))
  source.append(log, encodeBatch([keyed('a', null)]))
  source.roll()
  await segmenter.runOnce(time)
  const shown = async () => (await all(log)).map(r => `${r.key}=${r.value}@${r.timestamp - time}`)
  expect(await shown()).toEqual(['b=2@0', 'a=null@0'])
  source.append(log, encodeBatch([keyed('c', '3')]))
  source.roll()
  await segmenter.runOnce(time + 999)
  expect(await shown()).toEqual(['b=2@0', 'a=null@0', 'c=3@0'])
  source.append(log, encodeBatch([keyed('c', '4')]))
  source.roll()
  await segmenter.runOnce(time + 1000)
  expect(await shown()).toEqual(['b=2@0', 'c=4@0'])
  expectNoGaps(log, 5)
})

test('records without a key go; young ones wait for the lag', async () => {
  const log = source.create(1, { compaction: { ...compaction, lagMsMin: 1000 } })
  source.append(log, encodeBatch([keyed('a', '1'), text('no key'), keyed('a', '2')]))
  source.roll()
  await segmenter.runOnce(time + 999)
  expect(await values(log)).toEqual(['1', 'no key', '2'])
  await segmenter.runOnce(time + 1000)
  expect(await values(log)).toEqual(['2'])
})

test('the chain part of a compacted log is rewritten when a new segment is due', async () => {
  const log = source.create(1, { compaction, segmentMs: 100 })
  source.append(log, encodeBatch([keyed('a', '1')]))
  source.append(log, encodeBatch([keyed('a', '2')]))
  await segmenter.runOnce(time + 99)
  expect(source.segments(log)).toEqual([])
  await segmenter.runOnce(time + 100)
  expect(await values(log)).toEqual(['2'])
})

test("a producer's last batch stays, empty if need be; earlier ones go", async () => {
  const log = source.create(1, { compaction })
  const from = (baseSequence: number) => ({ producerId: 7, producerEpoch: 2, baseSequence })
  source.append(log, encodeBatch([keyed('a', '1'), keyed('b', '1')], from(0)))
  source.append(log, encodeBatch([keyed('a', '2'), keyed('b', '2')], from(2)))
  source.append(log, encodeBatch([keyed('a', '3'), keyed('b', '3')]))
  source.roll()
  await segmenter.runOnce(time)
  const batches: Buffer[] = []
  for await (const some of reader.batches(source.segments(log)[0]!)) batches.push(...some)
  expect(batches.map(batch => [lastOffsetOf(batch), readRecords(batch).length])).toEqual([
    [3, 0],
    [5, 2],
  ])
})

const marker = (type: 0 | 1) => ({
  timestamp: time,
  key: Buffer.from([0, 0, 0, type]),
  value: Buffer.alloc(6),
})

test('transactions: aborted records replace nothing, open ones stop compaction', async () => {
  const log = source.create(1, { compaction })
  const by = (producerId: number, baseSequence: number) => ({
    producerId,
    producerEpoch: 0,
    baseSequence,
    isTransactional: true,
  })
  source.append(log, encodeBatch([keyed('a', 'kept'), keyed('b', 'old')]))
  source.append(log, encodeBatch([keyed('a', 'aborted')], by(7, 0)))
  source.append(log, encodeBatch([keyed('b', 'committed')], by(8, 0)))
  source.append(log, encodeBatch([marker(0)], { ...by(7, -1), isControl: true }))
  source.append(log, encodeBatch([marker(1)], { ...by(8, -1), isControl: true }))
  source.append(log, encodeBatch([keyed('b', 'open')], by(9, 0)))
  source.append(log, encodeBatch([keyed('c', 'after')]))
  source.roll()
  await segmenter.runOnce(time)
  const shown = (await all(log)).filter(record => record.value?.length !== 6)
  expect(shown.map(r => `${r.key}=${r.value}`)).toEqual([
    'a=kept',
    'b=committed',
    'b=open',
    'c=after',
  ])
  expect(source.segments(log).map(ref => ref.isCompacted)).toEqual([true, false])
  expectNoGaps(log, 8)
})

test('a log with more keys than memory is compacted in several passes', async () => {
  const log = source.create(1, { compaction })
  for (let index = 0; index < 60; index++)
    source.append(log, encodeBatch([keyed(`k${index % 20}`, `${index}`)]))
  source.roll()
  await foldOnce(shop, source.closedBelow)
  let passes = 0
  // Memory for about five keys: each pass gets on, and the last has reached the end.
  while (await compactOnce(shop, source.log(log)!, time, 400)) {
    expectNoGaps(log, 60)
    if (++passes > 50) break
  }
  expect(passes).toBeGreaterThan(2)
  expect(passes).toBeLessThan(50)
  expect(source.segments(log).every(ref => ref.isCompacted)).toBe(true)
  expect(new Set(await values(log))).toEqual(
    new Set(Array.from({ length: 20 }, (_, index) => `${index + 40}`)),
  )
})
