import { deepEqual, equal, ok } from 'node:assert/strict'
import { describe, test } from 'vitest'
import { Offset } from '../../src/lib/brand.ts'
import {
  type BatchOptions,
  encodeBatch,
  readLegacy,
  readRecords,
} from '../../src/log/batch/index.ts'
import { errorCode } from '../../src/protocols/kafka/constants.ts'
import {
  type DraftOf,
  fetch,
  listOffsets,
  offsetForLeaderEpoch,
  produce,
} from '../../src/protocols/kafka/schema/index.ts'
import { Loopback, type LoopbackClient } from './loopback.ts'

type FetchRequest = DraftOf<typeof fetch.request>

async function send(
  client: LoopbackClient,
  values: string[],
  target: { topic?: string; index?: number; options?: BatchOptions; timestamp?: number } = {},
): Promise<void> {
  const { topic = 'orders', index = 0, options, timestamp = Date.now() } = target
  const records = values.map(value => ({ timestamp, key: null, value: Buffer.from(value) }))
  const partitionData = [{ index, records: encodeBatch(records, options) }]
  const topicData = [{ name: topic, partitionData }]
  const { responses } = await client.ask(produce, 9, { acks: -1, timeoutMs: 1000, topicData })
  equal(responses[0]?.partitionResponses[0]?.errorCode, 0)
}

/** "orders:0@5" is partition 0 of orders from offset 5 on; "/100" says how many bytes at most. */
function wanted(...texts: string[]): NonNullable<FetchRequest['topics']> {
  return texts.map(text => {
    const [, topic = '', index, offset, bytes] = /^(\w+):(\d+)@(-?\d+)(?:\/(\d+))?$/.exec(text)!
    const partition = {
      partition: Number(index),
      fetchOffset: Number(offset),
      partitionMaxBytes: Number(bytes ?? 1_000_000),
    }
    return { topic, partitions: [partition] }
  })
}

const NO_WAIT = { maxWaitMs: 0, minBytes: 0 }

function split(bytes: Buffer | null): Buffer[] {
  const batches: Buffer[] = []
  for (let at = 0; bytes !== null && at < bytes.length; ) {
    const size = 12 + bytes.readInt32BE(at + 8)
    batches.push(bytes.subarray(at, at + size))
    at += size
  }
  return batches
}

/** "orders:0 a b" for each partition that was answered; "!3" is an error. */
async function ask(
  client: LoopbackClient,
  request: Partial<FetchRequest>,
  version = 11,
): Promise<{ sessionId: number; errorCode: number; got: string[] }> {
  const response = await client.ask(fetch, version, { ...NO_WAIT, topics: [], ...request })
  const got = response.responses.flatMap(({ topic, partitions }) =>
    partitions.map(({ partitionIndex, errorCode: code, records }) => {
      const values = split(records).flatMap(batch =>
        readRecords(batch).map(one => String(one.value)),
      )
      return [`${topic}:${partitionIndex}`, ...(code === 0 ? values : [`!${code}`])].join(' ')
    }),
  )
  return { sessionId: response.sessionId, errorCode: response.errorCode, got }
}

describe('fetch', () => {
  test.each([4, 6, 7, 10, 11, 12])('version %i reads batches', async version => {
    await using kafka = await Loopback.open()
    await kafka.topic('orders')
    const client = kafka.client()
    await send(client, ['a', 'b'])
    await send(client, ['c'])
    const all = await ask(client, { topics: wanted('orders:0@0') }, version)
    deepEqual(all.got, ['orders:0 a b c'])
    // From within a batch: the batch comes whole, and clients skip what they have.
    const rest = await ask(client, { topics: wanted('orders:0@1') }, version)
    deepEqual(rest.got, ['orders:0 a b c'])
    deepEqual((await ask(client, { topics: wanted('orders:0@3') }, version)).got, ['orders:0'])
  })

  test.each([0, 1, 2, 3])('version %i reads messages of the old formats', async version => {
    await using kafka = await Loopback.open()
    await kafka.topic('orders')
    const client = kafka.client()
    await send(client, ['a', 'b'], { options: { compression: 'gzip' } })
    const response = await client.ask(fetch, version, { ...NO_WAIT, topics: wanted('orders:0@0') })
    const { records } = response.responses[0]!.partitions[0]!
    equal(records![16], version < 2 ? 0 : 1)
    const { records: read } = readLegacy(records!)
    deepEqual(
      read.map(({ offset, value }) => `${offset}:${String(value)}`),
      ['0:a', '1:b'],
    )
  })

  test('version 13 and later name topics by id', async () => {
    await using kafka = await Loopback.open()
    const { id } = await kafka.topic('orders')
    const client = kafka.client()
    await send(client, ['a'])
    for (const version of [13, 15, 16, 18]) {
      const partitions = [{ partition: 0, fetchOffset: 0, partitionMaxBytes: 1000 }]
      const other = 'AAAAAAAAAAAAAAAAAAAABg'
      const topics = [
        { topicId: id, partitions },
        { topicId: other, partitions },
      ]
      const { responses } = await client.ask(fetch, version, { ...NO_WAIT, topics })
      deepEqual(
        responses.map(({ topicId, partitions: [one] }) => [topicId, one?.errorCode]),
        [
          [id, 0],
          [other, errorCode.UNKNOWN_TOPIC_ID],
        ],
      )
    }
  })

  const errors: [string, FetchRequest['topics'], number][] = [
    ['an offset beyond the end', wanted('orders:0@2'), errorCode.OFFSET_OUT_OF_RANGE],
    ['an offset below the start', wanted('orders:0@-1'), errorCode.OFFSET_OUT_OF_RANGE],
    ['an unknown topic', wanted('none:0@0'), errorCode.UNKNOWN_TOPIC_OR_PARTITION],
    ['an unknown partition', wanted('orders:9@0'), errorCode.UNKNOWN_TOPIC_OR_PARTITION],
    [
      'a leader epoch that is to come',
      [
        {
          topic: 'orders',
          partitions: [
            { partition: 0, fetchOffset: 0, partitionMaxBytes: 1000, currentLeaderEpoch: 7 },
          ],
        },
      ],
      errorCode.UNKNOWN_LEADER_EPOCH,
    ],
  ]
  test.each(errors)('%s is an error at once, for its partition alone', async (_, topics, code) => {
    await using kafka = await Loopback.open()
    await kafka.topic('orders')
    await kafka.topic('good')
    const client = kafka.client()
    await send(client, ['a'])
    const both = [...topics, ...wanted('good:0@0')]
    const { got } = await ask(client, { topics: both, maxWaitMs: 60_000, minBytes: 1 })
    ok(got[0]?.endsWith(` !${code}`), got[0])
    equal(got[1], 'good:0')
  })

  test('the start of the log moves up when records are deleted', async () => {
    await using kafka = await Loopback.open()
    const { partitions } = await kafka.topic('orders')
    const client = kafka.client()
    await send(client, ['a', 'b', 'c'])
    kafka.broker.runtime.store.truncateBefore(partitions[0]!.logId, Offset(2))
    const low = await ask(client, { topics: wanted('orders:0@1') })
    deepEqual(low.got, [`orders:0 !${errorCode.OFFSET_OUT_OF_RANGE}`])
    const response = await client.ask(fetch, 11, { ...NO_WAIT, topics: wanted('orders:0@2') })
    equal(response.responses[0]?.partitions[0]?.logStartOffset, 2)
    equal(response.responses[0]?.partitions[0]?.highWatermark, 3)
  })
})

describe('fetch: sizes', () => {
  test('the first partition with records gives a batch, however large', async () => {
    await using kafka = await Loopback.open()
    await kafka.topic('orders', 2)
    const client = kafka.client()
    await send(client, ['x'.repeat(2000)])
    await send(client, ['y'.repeat(2000)], { index: 1 })
    const topics = wanted('orders:0@0/10', 'orders:1@0/10')
    const { got } = await ask(client, { topics })
    deepEqual(
      got.map(text => text.length > 2000),
      [true, false],
    )
  })

  test('a record as long as its partition may give fits, batch header and all', async () => {
    await using kafka = await Loopback.open()
    await kafka.topic('orders', 2)
    const client = kafka.client()
    await send(client, ['x'.repeat(2000)])
    await send(client, ['y'.repeat(2000)], { index: 1 })
    const { got } = await ask(client, { topics: wanted('orders:0@0/2000', 'orders:1@0/2000') })
    deepEqual(
      got.map(text => text.length > 2000),
      [true, true],
    )
  })

  test('max.bytes is shared, and what was left out comes first in a session', async () => {
    await using kafka = await Loopback.open()
    await kafka.topic('orders', 3)
    const client = kafka.client()
    for (const index of [0, 1, 2]) await send(client, ['z'.repeat(4000)], { index })
    const topics = wanted('orders:0@0', 'orders:1@0', 'orders:2@0')
    const first = await ask(client, { topics, maxBytes: 6000, sessionEpoch: 0 })
    deepEqual(
      first.got.map(text => text.length > 4000),
      [true, false, false],
    )
    const { sessionId } = first
    const second = await ask(client, { maxBytes: 6000, sessionId, sessionEpoch: 1 })
    ok(second.got[0]?.startsWith('orders:1 z'), second.got.join())
    const third = await ask(client, { maxBytes: 6000, sessionId, sessionEpoch: 2 })
    ok(third.got[0]?.startsWith('orders:2 z'), third.got.join())
  })
})

describe('fetch: waiting', () => {
  test('records end a wait', async () => {
    await using kafka = await Loopback.open()
    await kafka.topic('orders', 2)
    const client = kafka.client()
    const topics = wanted('orders:0@0', 'orders:1@0')
    const waiting = ask(client, { topics, maxWaitMs: 60_000, minBytes: 1 })
    equal(kafka.broker.waiters.count, 1)
    await send(kafka.client(), ['a'], { index: 1 })
    deepEqual((await waiting).got, ['orders:0', 'orders:1 a'])
    equal(kafka.broker.waiters.count, 0)
  })

  test('time ends a wait', async () => {
    await using kafka = await Loopback.open()
    await kafka.topic('orders')
    const waiting = ask(kafka.client(), {
      topics: wanted('orders:0@0'),
      maxWaitMs: 20,
      minBytes: 1,
    })
    deepEqual((await waiting).got, ['orders:0'])
  })

  test('too few bytes are waited with', async () => {
    await using kafka = await Loopback.open()
    await kafka.topic('orders')
    const client = kafka.client()
    const topics = wanted('orders:0@0')
    const waiting = ask(client, { topics, maxWaitMs: 60_000, minBytes: 1000 })
    const other = kafka.client()
    await send(other, ['a'.repeat(400)])
    await send(other, ['b'.repeat(400)])
    equal(kafka.broker.waiters.count, 1)
    await send(other, ['c'.repeat(400)])
    equal((await waiting).got[0]?.length, 'orders:0'.length + 3 * 401)
  })

  test('a client that leaves waits no longer', async () => {
    await using kafka = await Loopback.open()
    await kafka.topic('orders')
    const client = kafka.client()
    void ask(client, { topics: wanted('orders:0@0'), maxWaitMs: 60_000, minBytes: 1 })
    client.connection.closed()
    equal(kafka.broker.waiters.count, 0)
  })

  test('a broker that stops answers those who wait', async () => {
    await using kafka = await Loopback.open()
    await kafka.topic('orders')
    const client = kafka.client()
    const waiting = ask(client, { topics: wanted('orders:0@0'), maxWaitMs: 60_000, minBytes: 1 })
    client.connection.stopping()
    deepEqual((await waiting).got, ['orders:0'])
  })
})

describe('fetch: sessions', () => {
  test('an incremental request is told what changed, and nothing else', async () => {
    await using kafka = await Loopback.open()
    await kafka.topic('orders', 3)
    const client = kafka.client()
    const topics = wanted('orders:0@0', 'orders:1@0', 'orders:2@0')
    const { sessionId, got } = await ask(client, { topics, sessionEpoch: 0 })
    ok(sessionId > 0)
    equal(got.length, 3)
    deepEqual((await ask(client, { sessionId, sessionEpoch: 1 })).got, [])
    await send(client, ['a'], { index: 1 })
    deepEqual((await ask(client, { sessionId, sessionEpoch: 2 })).got, ['orders:1 a'])
    const onward = { topics: wanted('orders:1@1'), sessionId, sessionEpoch: 3 }
    deepEqual((await ask(client, onward)).got, [])
    const gone = { topics: wanted('orders:1@5'), sessionId, sessionEpoch: 4 }
    deepEqual((await ask(client, gone)).got, [`orders:1 !${errorCode.OFFSET_OUT_OF_RANGE}`])
    const back = { topics: wanted('orders:1@1'), sessionId, sessionEpoch: 5 }
    deepEqual((await ask(client, back)).got, ['orders:1']) // The error is taken back.
  })

  test('sessions that are not, or not at this epoch, are errors of the whole request', async () => {
    await using kafka = await Loopback.open()
    await kafka.topic('orders')
    const client = kafka.client()
    const unknown = await ask(client, { sessionId: 77, sessionEpoch: 1 })
    equal(unknown.errorCode, errorCode.FETCH_SESSION_ID_NOT_FOUND)
    const { sessionId } = await ask(client, { topics: wanted('orders:0@0'), sessionEpoch: 0 })
    const early = await ask(client, { sessionId, sessionEpoch: 9 })
    equal(early.errorCode, errorCode.INVALID_FETCH_SESSION_EPOCH)
  })
})

describe('list offsets', () => {
  async function find(client: LoopbackClient, timestamp: number, version = 7): Promise<string> {
    const partitions = [{ partitionIndex: 0, timestamp }]
    const topics = [{ name: 'orders', partitions }]
    const response = await client.ask(listOffsets, version, { replicaId: -1, topics })
    const found = response.topics[0]!.partitions[0]!
    if (found.errorCode !== 0) return `!${found.errorCode}`
    return version === 0 ? found.oldStyleOffsets.join() : `${found.offset} at ${found.timestamp}`
  }

  async function three(kafka: Loopback): Promise<LoopbackClient> {
    await kafka.topic('orders')
    const client = kafka.client()
    const begin = Date.now() - 1000
    for (const [index, timestamp] of [begin, begin + 20, begin + 10].entries())
      await send(client, [`${index}`], { timestamp })
    return client
  }

  const special: [string, number, number, string][] = [
    ['the end', -1, 7, '3 at -1'],
    ['the start', -2, 7, '0 at -1'],
    ['the local start', -4, 8, '0 at -1'],
    ['the local start, before it was known', -4, 7, `!${errorCode.UNSUPPORTED_VERSION}`],
    ['the end of what is tiered', -5, 9, '-1 at -1'],
    ['the start of what is not uploaded', -6, 11, '-1 at -1'],
    ['a time to come', Date.now() + 1e9, 7, '-1 at -1'],
    ['the end, of old', -1, 0, '3'],
    ['the start, of old', -2, 0, '0'],
  ]
  test.each(special)('%s', async (_, timestamp, version, expected) => {
    await using kafka = await Loopback.open()
    equal(await find(await three(kafka), timestamp, version), expected)
  })

  test('by time, and the newest', async () => {
    await using kafka = await Loopback.open()
    const client = await three(kafka)
    ok((await find(client, 0)).startsWith('0 at '))
    const newest = await find(client, -3)
    ok(newest.startsWith('1 at '), newest)
    equal(await find(client, Number(newest.slice('1 at '.length))), newest)
  })

  test('an unknown topic', async () => {
    await using kafka = await Loopback.open()
    equal(await find(kafka.client(), -1), `!${errorCode.UNKNOWN_TOPIC_OR_PARTITION}`)
  })
})

test('offset for leader epoch: the one epoch ends where the log ends', async () => {
  await using kafka = await Loopback.open()
  await kafka.topic('orders')
  const client = kafka.client()
  await send(client, ['a', 'b'])
  const ends = async (leaderEpoch: number, currentLeaderEpoch = -1) => {
    const partitions = [{ partition: 0, currentLeaderEpoch, leaderEpoch }]
    const topics = [{ topic: 'orders', partitions }]
    const response = await client.ask(offsetForLeaderEpoch, 4, { topics })
    const { errorCode: code, leaderEpoch: epoch, endOffset } = response.topics[0]!.partitions[0]!
    return [code, epoch, endOffset]
  }
  deepEqual(await ends(0), [0, 0, 2])
  deepEqual(await ends(3), [0, -1, -1])
  deepEqual(await ends(0, 3), [errorCode.UNKNOWN_LEADER_EPOCH, -1, -1])
})
