import { deepEqual, equal } from 'node:assert/strict'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { test } from 'vitest'
import { Offset } from '../../lib/brand.ts'
import { silentLogger } from '../../lib/logger.ts'
import { encodeBatch } from '../../log/batch/index.ts'
import { openMemoryStore } from '../../log/index.ts'
import type { Log } from '../../log/store.ts'
import type { StoredMessage } from '../../message/stored-message.ts'
import { nodePlatform } from '../../platform/index.ts'
import { Broker } from '../broker.ts'
import { Runtime } from '../runtime.ts'
import { brokerSettingsDefault } from '../settings.ts'
import type { Partition, Topic } from '../topic/index.ts'
import { streamFilter } from './filter.ts'
import type { StreamStart } from './start.ts'
import type { StreamOptions } from './stream-reader.ts'

const FIRST: StreamStart = { kind: 'first' }

/** A taker with credit, who writes down what it was given: "0@5 body". */
class Taker {
  credit = Number.POSITIVE_INFINITY
  readonly taken: string[] = []

  get isReady(): boolean {
    return this.credit > 0
  }

  deliver(message: StoredMessage, partition: Partition): void {
    this.credit--
    const body = message.body.toString('utf8', message.bodyStart, message.bodyEnd)
    this.taken.push(`${partition.index}@${message.offset} ${body}`)
  }

  ended(reason: string): void {
    this.taken.push(reason)
  }
}

async function open(): Promise<Broker> {
  const { clock, timers, random } = nodePlatform
  const runtime = new Runtime({
    settings: brokerSettingsDefault,
    clock,
    timers,
    random,
    logger: silentLogger,
  })
  return Broker.open(runtime, machines =>
    openMemoryStore({ platform: nodePlatform, logger: silentLogger, machines }),
  )
}

function append(broker: Broker, topic: Topic, bodies: string, options: AppendOptions = {}): void {
  const { partition = 0, timestamp = 1000, filterValue } = options
  const headers =
    filterValue === undefined
      ? []
      : [{ key: 'x-stream-filter-value', value: Buffer.from(filterValue) }]
  const records = bodies
    .split(' ')
    .map(body => ({ timestamp, key: null, value: Buffer.from(body), headers }))
  const compression = options.compression ?? 'none'
  const batch = encodeBatch(records, { compression })
  broker.runtime.store.append(topic.partitions[partition]!.logId, batch)
}

type AppendOptions = {
  partition?: number
  timestamp?: number
  filterValue?: string
  compression?: 'none' | 'gzip'
}

/** Until everything that was begun in this turn is done. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 8; turn++) await nextTurn()
}

async function world(partitionCount = 1) {
  const broker = await open()
  // The times below are long ago.
  const overrides = { 'retention.ms': '-1' }
  const topic = broker.topics.createNow({ name: 't', partitionCount, overrides })
  const read = (taker: Taker, options: Partial<StreamOptions> = {}) =>
    broker.streams.open(topic, taker, { start: FIRST, ...options })
  return { broker, topic, read }
}

const starts: [name: string, start: StreamStart, expected: string[]][] = [
  ['first', { kind: 'first' }, ['0@0 a', '0@1 b', '0@2 c', '0@3 d', '0@4 new']],
  ['last', { kind: 'last' }, ['0@2 c', '0@3 d', '0@4 new']],
  ['next', { kind: 'next' }, ['0@4 new']],
  ['an offset', { kind: 'offset', offset: Offset(3) }, ['0@3 d', '0@4 new']],
  ['an offset to come', { kind: 'offset', offset: Offset(5) }, []],
  ['a time', { kind: 'time', millis: 1500 }, ['0@2 c', '0@3 d', '0@4 new']],
  ['a time to come', { kind: 'time', millis: 9999 }, ['0@4 new']],
]
for (const [name, start, expected] of starts) {
  test(`streams: from ${name}`, async () => {
    const { broker, topic, read } = await world()
    append(broker, topic, 'a b')
    append(broker, topic, 'c d', { timestamp: 2000 })
    await settle()
    const taker = new Taker()
    read(taker, { start })
    await settle()
    append(broker, topic, 'new', { timestamp: 3000 })
    await settle()
    deepEqual(taker.taken, expected)
    await broker.close()
  })
}

test('streams: what is spent is not delivered, and waking goes on', async () => {
  const { broker, topic, read } = await world()
  const taker = new Taker()
  taker.credit = 2
  const reader = read(taker)
  append(broker, topic, 'a b c')
  await settle()
  deepEqual(taker.taken, ['0@0 a', '0@1 b'])
  append(broker, topic, 'd')
  taker.credit = 9
  reader.wake()
  await settle()
  deepEqual(taker.taken, ['0@0 a', '0@1 b', '0@2 c', '0@3 d'])
  deepEqual([...reader.positions()], [{ partition: 0, next: 4 }])
  await broker.close()
})

test('streams: all partitions, those that are added later, or one', async () => {
  const { broker, topic, read } = await world(2)
  const [all, one] = [new Taker(), new Taker()]
  read(all)
  read(one, { partition: 1 })
  append(broker, topic, 'a')
  append(broker, topic, 'b', { partition: 1 })
  broker.topics.growNow(topic.id, 3)
  append(broker, topic, 'c', { partition: 2 })
  await settle()
  deepEqual(all.taken.toSorted(), ['0@0 a', '1@0 b', '2@0 c'])
  deepEqual(one.taken, ['1@0 b'])
  await broker.close()
})

test('streams: retention moves a reader on', async () => {
  const { broker, topic, read } = await world()
  const taker = new Taker()
  taker.credit = 1
  const reader = read(taker)
  append(broker, topic, 'a b c d')
  append(broker, topic, 'e')
  await settle()
  broker.runtime.store.truncateBefore(topic.partitions[0]!.logId, Offset(3))
  taker.credit = 9
  reader.wake()
  await settle()
  deepEqual(taker.taken, ['0@0 a', '0@3 d', '0@4 e'])
  await broker.close()
})

test('streams: compressed batches are unpacked, and what cannot be is passed over', async () => {
  const { broker, topic, read } = await world()
  const taker = new Taker()
  read(taker)
  append(broker, topic, 'a b', { compression: 'gzip' })
  const damaged = encodeBatch([{ timestamp: 1, key: null, value: Buffer.from('x') }], {
    compression: 'gzip',
  })
  damaged.fill(0, 61)
  broker.runtime.store.append(topic.partitions[0]!.logId, damaged)
  append(broker, topic, 'c')
  await settle()
  deepEqual(taker.taken, ['0@0 a', '0@1 b', '0@3 c'])
  await broker.close()
})

test('streams: a filter passes by value, and what has none only if wanted', async () => {
  for (const matchUnfiltered of [false, true]) {
    const { broker, topic, read } = await world()
    const taker = new Taker()
    const filter = streamFilter(broker.mappings, { values: ['x', 'z'], matchUnfiltered })
    read(taker, { filter })
    append(broker, topic, 'a', { filterValue: 'x' })
    append(broker, topic, 'b', { filterValue: 'y' })
    append(broker, topic, 'c')
    await settle()
    deepEqual(taker.taken, matchUnfiltered ? ['0@0 a', '0@2 c'] : ['0@0 a'])
    await broker.close()
  }
})

test('streams: a reader ends with its topic, and not after it was closed', async () => {
  const { broker, topic, read } = await world()
  const [left, stayed] = [new Taker(), new Taker()]
  read(stayed)
  const reader = read(left)
  await settle()
  reader.close()
  append(broker, topic, 'a')
  await settle()
  broker.topics.deleteNow(topic.id)
  deepEqual([left.taken, stayed.taken], [[], ['0@0 a', 'deleted']])
  equal(broker.streams.count, 0)
  await broker.close()
})

test('streams: a disk that is slow delays one reader, and none of the order', async () => {
  const { broker, topic, read } = await world()
  append(broker, topic, 'a b')
  append(broker, topic, 'c')
  await settle()
  const log = topic.partitions[0]!.log as { -readonly [Key in keyof Log]: Log[Key] }
  const fast = log.read.bind(log)
  log.read = async (from, bytesMax) => {
    await nextTurn()
    return fast(from, Math.min(bytesMax, 1))
  }
  const taker = new Taker()
  read(taker)
  await settle()
  append(broker, topic, 'd')
  await settle()
  deepEqual(taker.taken, ['0@0 a', '0@1 b', '0@2 c', '0@3 d'])
  log.read = async () => Promise.reject(new Error('the disk is broken'))
  append(broker, topic, 'e')
  await settle()
  equal(taker.taken.at(-1), 'failed')
  await broker.close()
})

test('streams: many turns of work leave room for others between them', async () => {
  const { broker, topic, read } = await world()
  append(broker, topic, Array.from({ length: 5000 }, (_, index) => String(index)).join(' '))
  await settle()
  const taker = new Taker()
  read(taker)
  let turns = 0
  while (taker.taken.length < 5000) {
    await nextTurn()
    if (++turns > 100) break
  }
  equal(taker.taken.length, 5000)
  equal(turns >= 4, true)
  await broker.close()
})
