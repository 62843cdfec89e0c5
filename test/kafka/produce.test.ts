import { deepEqual, equal, notEqual } from 'node:assert/strict'
import { describe, test } from 'vitest'
import {
  type BatchOptions,
  encodeBatch,
  encodeMessage,
  type NewRecord,
  readRecords,
} from '../../src/log/batch/index.ts'
import { errorCode } from '../../src/protocols/kafka/constants.ts'
import {
  describeProducers,
  fetch,
  initProducerId,
  produce,
} from '../../src/protocols/kafka/schema/index.ts'
import { Loopback, type LoopbackClient } from './loopback.ts'

function records(...values: string[]): NewRecord[] {
  return values.map(value => ({ timestamp: Date.now(), key: null, value: Buffer.from(value) }))
}

const batch = (values: string[], options?: BatchOptions) => encodeBatch(records(...values), options)

type Sent = { topic?: string; topicId?: string; index?: number; acks?: number; version?: number }

async function send(client: LoopbackClient, bytes: Buffer | null, sent: Sent = {}) {
  const { topic = 'orders', topicId, index = 0, acks = -1, version = 9 } = sent
  const response = await client.ask(produce, version, {
    acks,
    timeoutMs: 1000,
    topicData: [
      { name: topic, ...(topicId && { topicId }), partitionData: [{ index, records: bytes }] },
    ],
  })
  return response.responses[0]!.partitionResponses[0]!
}

async function read(client: LoopbackClient, topic = 'orders'): Promise<string[]> {
  const partitions = [{ partition: 0, fetchOffset: 0, partitionMaxBytes: 1_000_000 }]
  const topics = [{ topic, partitions }]
  const response = await client.ask(fetch, 11, { maxWaitMs: 0, minBytes: 0, topics })
  const bytes = response.responses[0]!.partitions[0]!.records
  const found: string[] = []
  for (let at = 0; bytes !== null && at < bytes.length; ) {
    const size = 12 + bytes.readInt32BE(at + 8)
    for (const { offset, value } of readRecords(bytes.subarray(at, at + size)))
      found.push(`${offset}:${String(value)}`)
    at += size
  }
  return found
}

describe('produce', () => {
  test.each([3, 5, 7, 8, 9, 12])('version %i appends a batch as it is', async version => {
    await using kafka = await Loopback.open()
    await kafka.topic('orders')
    const client = kafka.client()
    const first = await send(client, batch(['a', 'b']), { version })
    const second = await send(client, batch(['c'], { compression: 'gzip' }), { version })
    deepEqual([first.errorCode, first.baseOffset, second.baseOffset], [0, 0, 2])
    deepEqual(await read(client), ['0:a', '1:b', '2:c'])
  })

  test('version 13 names topics by id', async () => {
    await using kafka = await Loopback.open()
    const { id } = await kafka.topic('orders')
    const client = kafka.client()
    equal((await send(client, batch(['a']), { topicId: id, version: 13 })).errorCode, 0)
    const unknown = await send(client, batch(['a']), {
      topicId: 'AAAAAAAAAAAAAAAAAAAABg',
      version: 13,
    })
    equal(unknown.errorCode, errorCode.UNKNOWN_TOPIC_ID)
    deepEqual(await read(client), ['0:a'])
  })

  test.each([0, 1, 2])('version %i brings messages of the old formats', async version => {
    await using kafka = await Loopback.open()
    await kafka.topic('orders')
    const client = kafka.client()
    const magic = version < 2 ? 0 : 1
    const messages = ['a', 'b'].map((value, offset) =>
      encodeMessage(
        { offset, timestamp: magic === 0 ? -1 : Date.now(), key: null, value: Buffer.from(value) },
        magic,
        0,
      ),
    )
    const answer = await send(client, Buffer.concat(messages), { version })
    deepEqual([answer.errorCode, answer.baseOffset], [0, 0])
    deepEqual(await read(client), ['0:a', '1:b'])
  })

  const refused: [string, Buffer | null, Sent, number][] = [
    ['an unknown topic', batch(['a']), { topic: 'none' }, errorCode.UNKNOWN_TOPIC_OR_PARTITION],
    ['an unknown partition', batch(['a']), { index: 7 }, errorCode.UNKNOWN_TOPIC_OR_PARTITION],
    ['a negative partition', batch(['a']), { index: -1 }, errorCode.UNKNOWN_TOPIC_OR_PARTITION],
    ['strange acks', batch(['a']), { acks: 2 }, errorCode.INVALID_REQUIRED_ACKS],
    ['no records', null, {}, errorCode.INVALID_RECORD],
    ['empty records', Buffer.alloc(0), {}, errorCode.INVALID_RECORD],
    ['two batches', Buffer.concat([batch(['a']), batch(['b'])]), {}, errorCode.INVALID_RECORD],
    ['half a batch', batch(['abcdef']).subarray(0, 65), {}, errorCode.CORRUPT_MESSAGE],
    [
      'zstd, before clients knew it',
      batch(['a'], { compression: 'zstd' }),
      { version: 6 },
      errorCode.UNSUPPORTED_COMPRESSION_TYPE,
    ],
    [
      'an old message where batches are due',
      encodeMessage({ offset: 0, timestamp: 1, key: null, value: Buffer.from('a') }, 1, 0),
      {},
      errorCode.INVALID_RECORD,
    ],
    [
      'a transaction',
      batch(['a'], { isTransactional: true, producerId: 1, producerEpoch: 0, baseSequence: 0 }),
      {},
      errorCode.INVALID_TXN_STATE,
    ],
  ]
  test.each(refused)('refuses %s', async (_, bytes, sent, code) => {
    await using kafka = await Loopback.open()
    await kafka.topic('orders')
    const client = kafka.client()
    const answer = await send(client, bytes === null ? null : Buffer.from(bytes), sent)
    equal(answer.errorCode, code)
    equal(answer.baseOffset, -1)
    deepEqual(await read(client), [])
  })

  test('a record without a key is told by its place where keys are demanded', async () => {
    await using kafka = await Loopback.open()
    await kafka.topic('orders', 1, { 'cleanup.policy': 'compact' })
    const answer = await send(kafka.client(), batch(['a', 'b']))
    equal(answer.errorCode, errorCode.INVALID_RECORD)
    deepEqual(
      answer.recordErrors.map(({ batchIndex }) => batchIndex),
      [0, 1],
    )
  })

  test('a batch beyond max.message.bytes is too large', async () => {
    await using kafka = await Loopback.open()
    await kafka.topic('orders', 1, { 'max.message.bytes': '100' })
    const answer = await send(kafka.client(), batch(['x'.repeat(100)]))
    equal(answer.errorCode, errorCode.MESSAGE_TOO_LARGE)
  })

  test('append time is told', async () => {
    await using kafka = await Loopback.open()
    await kafka.topic('orders', 1, { 'message.timestamp.type': 'LogAppendTime' })
    notEqual((await send(kafka.client(), batch(['a']))).logAppendTimeMs, -1)
  })

  test('without acknowledgement there is no answer, and an error ends the connection', async () => {
    await using kafka = await Loopback.open()
    await kafka.topic('orders')
    const client = kafka.client()
    const request = (name: string) => ({
      acks: 0,
      timeoutMs: 1000,
      topicData: [{ name, partitionData: [{ index: 0, records: batch(['a']) }] }],
    })
    client.tell(produce, 9, request('orders'))
    deepEqual((await send(client, batch(['b']))).baseOffset, 1)
    client.tell(produce, 9, request('none'))
    equal(client.isClosed, true)
  })
})

describe('idempotent producers', () => {
  test('a repeated batch is answered, not stored', async () => {
    await using kafka = await Loopback.open()
    await kafka.topic('orders')
    const client = kafka.client()
    const { producerId, producerEpoch } = await client.ask(initProducerId, 4, {
      transactionalId: null,
      transactionTimeoutMs: 0,
    })
    const sent = (value: string, baseSequence: number) =>
      send(client, batch([value], { producerId, producerEpoch, baseSequence }))
    // All at once: the second is a duplicate of what is not confirmed yet.
    const answers = await Promise.all([sent('a', 0), sent('a', 0), sent('b', 1), sent('d', 3)])
    deepEqual(
      answers.map(({ errorCode: code, baseOffset }) => [code, baseOffset]),
      [
        [0, 0],
        [0, 0],
        [0, 1],
        [errorCode.OUT_OF_ORDER_SEQUENCE_NUMBER, -1],
      ],
    )
    deepEqual(await read(client), ['0:a', '1:b'])
    const topics = [{ name: 'orders', partitionIndexes: [0, 5] }]
    const described = await client.ask(describeProducers, 0, { topics })
    const [known, unknown] = described.topics[0]!.partitions
    equal(known?.activeProducers[0]?.lastSequence, 1)
    equal(unknown?.errorCode, errorCode.UNKNOWN_TOPIC_OR_PARTITION)
  })

  test('every producer gets another id, and transactions are not promised', async () => {
    await using kafka = await Loopback.open()
    const client = kafka.client()
    const ask = (transactionalId: string | null) =>
      client.ask(initProducerId, 4, { transactionalId, transactionTimeoutMs: 0 })
    const ids = await Promise.all([ask(null), ask(null), ask(null)])
    equal(new Set(ids.map(({ producerId }) => producerId)).size, 3)
    equal((await ask('tx')).errorCode, errorCode.UNSUPPORTED_VERSION)
    equal((await ask('')).errorCode, errorCode.INVALID_REQUEST)
  })
})
