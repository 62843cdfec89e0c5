import { deepEqual, equal } from 'node:assert/strict'
import { describe, test, vi } from 'vitest'
import { Millis, Offset } from '../../lib/brand.ts'
import { silentLogger } from '../../lib/logger.ts'
import {
  type BatchOptions,
  CodecMissingError,
  compressionOf,
  encodeBatch,
  maxTimestampOf,
  type NewRecord,
  readRecords,
  setBaseOffset,
  setMaxTimestamp,
  summaryOf,
} from '../../log/batch/index.ts'
import { codecs } from '../../log/batch/compression/index.ts'
import { LogId, type Store, type StoreRefusal } from '../../log/store.ts'
import { Runtime } from '../runtime.ts'
import { brokerSettingsDefault } from '../settings.ts'
import type { Partition, TopicSettings } from '../topic/index.ts'
import { Appender } from './appender.ts'
import { Producers } from './producers.ts'

const NOW = 1_700_000_000_000
const HOUR = 3_600_000

const kafkaDefaults: TopicSettings = {
  batchBytesMax: 1_000_000,
  timestampType: 'create',
  timestampBeforeMsMax: Number.MAX_SAFE_INTEGER,
  timestampAfterMsMax: HOUR,
  compression: 'producer',
  isCompacted: false,
}

class World {
  readonly stored: Buffer[] = []
  readonly store = {
    refusal: null as StoreRefusal | null, // A literal null alone would be its whole type.
    append: (log: LogId, batch: Buffer) => {
      setBaseOffset(batch, Offset(this.#end))
      this.#producers.appended(log, summaryOf(batch))
      this.stored.push(batch)
      const base = this.#end
      this.#end += summaryOf(batch).count
      return base
    },
  }
  readonly #producers: Producers
  readonly #appender: Appender
  readonly #partition: Partition
  #end = 0

  constructor(settings: Partial<TopicSettings> = {}) {
    const unused = () => {
      throw new Error('not for appending')
    }
    const runtime = new Runtime({
      settings: brokerSettingsDefault,
      clock: { now: () => Millis(NOW), elapsed: unused },
      timers: { after: unused, every: unused, soon: unused },
      random: { next: unused, bytes: unused },
      logger: silentLogger,
    })
    this.#producers = new Producers(runtime)
    runtime.attach(this.store as unknown as Store)
    this.#appender = new Appender(runtime, this.#producers)
    const topic = { settings: { ...kafkaDefaults, ...settings } }
    const log = { policy: { durability: 'sync' } }
    this.#partition = { topic, logId: LogId(1), log, index: 0 } as unknown as Partition
  }

  append(batch: Buffer): string {
    const outcome = this.#appender.append(this.#partition, batch)
    if (outcome.flaw === null) return `${outcome.baseOffset}`
    const { kind, records } = outcome.flaw
    return records.length === 0 ? kind : `${kind} ${records.map(({ index }) => index).join()}`
  }
}

function record(key: string | null, timestamp = NOW): NewRecord {
  return { timestamp, key: key === null ? null : Buffer.from(key), value: Buffer.from('value') }
}

const three = [record('a'), record('b'), record('c')]

function damaged(batch: Buffer, position: number): Buffer {
  batch[position]! ^= 0xff
  return batch
}

function misdated(records: NewRecord[], options?: BatchOptions): Buffer {
  const batch = encodeBatch(records, options)
  setMaxTimestamp(batch, NOW - 5)
  return batch
}

const cases: [string, Partial<TopicSettings>, Buffer, string][] = [
  ['a good batch', {}, encodeBatch(three), '0'],
  ['a compressed one', {}, encodeBatch(three, { compression: 'gzip' }), '0'],
  ['one that is too large', { batchBytesMax: 70 }, encodeBatch(three), 'too-large'],
  ['a flipped bit in the records', {}, damaged(encodeBatch(three), 70), 'corrupt'],
  ['a flipped bit in the checksum', {}, damaged(encodeBatch(three), 18), 'corrupt'],
  ['another magic', {}, damaged(encodeBatch(three), 16), 'invalid-record'],
  ['a base offset', {}, encodeBatch(three, { baseOffset: 5 }), 'invalid-record'],
  ['a negative base offset', {}, damaged(encodeBatch(three), 0), 'invalid-record'],
  ['a control batch', {}, encodeBatch(three, { isControl: true }), 'invalid-record'],
  ['a gap in the offsets', {}, encodeBatch(three, { lastOffsetDelta: 5 }), 'invalid-record'],
  [
    'a transaction',
    {},
    encodeBatch(three, { isTransactional: true, producerId: 1, producerEpoch: 0, baseSequence: 0 }),
    'no-transactions',
  ],
  [
    'a producer without a sequence',
    {},
    encodeBatch(three, { producerId: 1, producerEpoch: 0 }),
    'invalid-record',
  ],
  [
    'records numbered wrongly',
    {},
    encodeBatch([record('a'), { ...record('b'), offsetDelta: 2 }, { ...record('c') }]),
    'invalid-record',
  ],
  ['no keys, compacted', { isCompacted: true }, encodeBatch(three), '0'],
  [
    'a missing key, compacted',
    { isCompacted: true },
    encodeBatch([record('a'), record(null), record(null)]),
    'invalid-record 1,2',
  ],
  [
    'a missing key, compacted and compressed',
    { isCompacted: true },
    encodeBatch([record('a'), record(null)], { compression: 'lz4' }),
    'invalid-record 1',
  ],
  ['a missing key, not compacted', {}, encodeBatch([record(null)]), '0'],
  ['within an hour', {}, encodeBatch([record('a', NOW + HOUR)]), '0'],
  [
    'beyond an hour',
    {},
    encodeBatch([record('a'), record('b', NOW + HOUR + 1)]),
    'invalid-timestamp 1',
  ],
  [
    'beyond an hour, compressed',
    {},
    encodeBatch([record('a', NOW + HOUR + 1), record('b')], { compression: 'snappy' }),
    'invalid-timestamp 0',
  ],
  [
    'beyond an hour, where the log sets the time',
    { timestampType: 'append' },
    encodeBatch([record('a', NOW + 9 * HOUR)]),
    '0',
  ],
  [
    'too old',
    { timestampBeforeMsMax: HOUR },
    encodeBatch([record('a'), record('b', NOW - HOUR - 1)]),
    'invalid-timestamp 1',
  ],
  ['of no time', { timestampBeforeMsMax: HOUR }, encodeBatch([record('a', -1)]), '0'],
]

describe('appender', () => {
  test.each(cases)('%s', (_, settings, batch, expected) => {
    const world = new World(settings)
    equal(world.append(Buffer.from(batch)), expected)
    equal(world.stored.length, expected === '0' ? 1 : 0)
  })

  test('gives consecutive offsets', () => {
    const world = new World()
    deepEqual([world.append(encodeBatch(three)), world.append(encodeBatch(three))], ['0', '3'])
  })

  test('refuses what a producer sends out of order, and repeats the answer to a duplicate', () => {
    const world = new World()
    const sent = (baseSequence: number, producerEpoch = 0) =>
      encodeBatch(three, { producerId: 5, producerEpoch, baseSequence })
    const answers = [sent(0), sent(3), sent(3), sent(9), sent(0), sent(0, 1), sent(3)]
    deepEqual(
      answers.map(batch => world.append(batch)),
      ['0', '3', '3', 'out-of-order', '0', '6', 'stale-epoch'],
    )
    equal(world.stored.length, 3)
  })

  test('sets the time of the log, where the topic says so', () => {
    const world = new World({ timestampType: 'append' })
    world.append(encodeBatch([record('a', 5)]))
    deepEqual(
      readRecords(world.stored[0]!).map(({ timestamp }) => timestamp),
      [NOW],
    )
  })

  test('corrects a header that does not know the newest record', () => {
    const world = new World()
    world.append(misdated([record('a', NOW - 9), record('b', NOW - 1), record('c', NOW - 2)]))
    equal(maxTimestampOf(world.stored[0]!), NOW - 1)
  })

  test('packs records the way the topic wants them', () => {
    const world = new World({ compression: 'zstd' })
    world.append(encodeBatch(three))
    equal(compressionOf(world.stored[0]!), 'zstd')
    equal(readRecords(world.stored[0]!).length, 3)
    const plain = new World({ compression: 'uncompressed' })
    plain.append(encodeBatch(three, { compression: 'gzip' }))
    equal(compressionOf(plain.stored[0]!), 'none')
  })

  test('says so when the disk is full', () => {
    const world = new World()
    world.store.refusal = { reason: 'disk-full', message: 'no room' }
    equal(world.append(encodeBatch(three)), 'storage')
  })
})

test('appender: a codec this machine lacks refuses the batch, and does not end the client', () => {
  const missing = () => {
    throw new CodecMissingError('no Zstandard here')
  }
  const packed = encodeBatch(three, { compression: 'zstd' })
  const spies = [
    vi.spyOn(codecs.zstd, 'compress').mockImplementation(missing),
    vi.spyOn(codecs.zstd, 'decompress').mockImplementation(missing),
  ]
  try {
    equal(new World({ compression: 'zstd' }).append(encodeBatch(three)), 'unsupported-compression')
    equal(new World({ isCompacted: true }).append(packed), 'unsupported-compression')
    equal(new World().append(packed), '0', 'what nobody unpacks is stored as it came')
  } finally {
    for (const spy of spies) spy.mockRestore()
  }
})
