import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { encodeBatch } from '../../src/log/batch/index.ts'
import { errorCode } from '../../src/protocols/kafka/constants.ts'
import {
  createTopics,
  fetch,
  initProducerId,
  offsetCommit,
  produce,
} from '../../src/protocols/kafka/schema/index.ts'
import { FailingDisk } from './failing-disk.ts'
import { Loopback, type LoopbackClient } from './loopback.ts'

let folder: string
let disk: FailingDisk
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sabir-failing-'))
  disk = new FailingDisk()
})
afterEach(() => rmSync(folder, { recursive: true }))

const open = () => Loopback.openFolder(folder, disk.platform)

async function send(client: LoopbackClient, text: string, topic = 'orders') {
  const bytes = encodeBatch([{ timestamp: 1, key: null, value: Buffer.from(text) }])
  const { responses } = await client.ask(produce, 9, {
    acks: -1,
    timeoutMs: 1000,
    topicData: [{ name: topic, partitionData: [{ index: 0, records: bytes }] }],
  })
  return responses[0]!.partitionResponses[0]!
}

async function read(client: LoopbackClient, ...topics: string[]) {
  const partitions = [{ partition: 0, fetchOffset: 0, partitionMaxBytes: 1_000_000 }]
  const { responses } = await client.ask(fetch, 11, {
    maxWaitMs: 0,
    minBytes: 0,
    topics: topics.map(topic => ({ topic, partitions })),
  })
  return responses.map(response => response.partitions[0]!)
}

const commit = (client: LoopbackClient) =>
  client.ask(offsetCommit, 8, {
    groupId: 'group',
    generationIdOrMemberEpoch: -1,
    memberId: '',
    topics: [
      {
        name: 'orders',
        partitions: [{ partitionIndex: 0, committedOffset: 1, committedMetadata: '' }],
      },
    ],
  })

for (const failure of ['full', 'io'] as const) {
  test(`a disk that is ${failure}: 56 at once, reads go on, and so do writes later`, async () => {
    await using kafka = await open()
    await kafka.topic('orders')
    const client = kafka.client()
    expect((await send(client, 'kept')).errorCode).toBe(0)
    disk.failure = failure
    const uncertain = await send(client, 'uncertain')
    expect(uncertain.errorCode).toBe(errorCode.KAFKA_STORAGE_ERROR)
    expect(uncertain.errorMessage).toContain('planted')
    const refused = await send(client, 'refused')
    expect(refused).toMatchObject({ errorCode: errorCode.KAFKA_STORAGE_ERROR, baseOffset: -1 })
    expect((await read(client, 'orders'))[0]).toMatchObject({ errorCode: 0, highWatermark: 1 })
    const made = await client.ask(createTopics, 5, {
      topics: [
        { name: 'more', numPartitions: 1, replicationFactor: 1, assignments: [], configs: [] },
      ],
      timeoutMs: 1000,
    })
    expect(made.topics[0]!.errorCode).toBe(errorCode.KAFKA_STORAGE_ERROR)
    const committed = await commit(client)
    expect(committed.topics[0]!.partitions[0]!.errorCode).toBe(errorCode.COORDINATOR_NOT_AVAILABLE)
    const producer = await client.ask(initProducerId, 4, {
      transactionalId: null,
      transactionTimeoutMs: 1000,
    })
    expect(producer.errorCode).not.toBe(0)
    disk.failure = null
    await expect
      .poll(async () => (await send(client, 'later')).errorCode, { timeout: 9000 })
      .toBe(0)
    expect((await commit(client)).topics[0]!.partitions[0]!.errorCode).toBe(0)
    // The uncertain one was written once there was room, and nothing in between was lost.
    expect((await read(client, 'orders'))[0]!.highWatermark).toBe(3)
  })
}

test('a disk that is full at the start: only reads, and writes once there is room', async () => {
  {
    await using kafka = await open()
    await kafka.topic('orders')
    expect((await send(kafka.client(), 'kept')).errorCode).toBe(0)
  }
  disk.failure = 'full'
  await using kafka = await open()
  const client = kafka.client()
  expect((await read(client, 'orders'))[0]).toMatchObject({ errorCode: 0, highWatermark: 1 })
  expect((await send(client, 'no')).errorCode).toBe(errorCode.KAFKA_STORAGE_ERROR)
  disk.failure = null
  await expect.poll(async () => (await send(client, 'yes')).errorCode, { timeout: 9000 }).toBe(0)
})

test('a batch damaged on the disk: its partition answers an error, a line says where', async () => {
  {
    await using kafka = await open()
    await kafka.topic('orders')
    await kafka.topic('healthy')
    const client = kafka.client()
    await send(client, 'a text that is damaged')
    await send(client, 'a text that is well', 'healthy')
  }
  const chain = join(folder, 'chain')
  for (const name of readdirSync(chain).filter(each => each.endsWith('.chain'))) {
    const bytes = readFileSync(join(chain, name))
    const at = bytes.indexOf('a text that is damaged')
    if (at < 0) continue
    bytes[at]! ^= 1
    writeFileSync(join(chain, name), bytes)
  }
  const lines: string[] = []
  await using kafka = await open()
  const client = kafka.client({
    error: (facts, text) => lines.push(JSON.stringify({ facts, text })),
  })
  const [damaged, healthy] = await read(client, 'orders', 'healthy')
  expect(damaged!.errorCode).toBe(errorCode.KAFKA_STORAGE_ERROR)
  expect(healthy).toMatchObject({ errorCode: 0, highWatermark: 1 })
  expect(lines.length).toBe(1)
  expect(lines[0]).toMatch(/\.chain at byte \d+/)
  expect((await send(client, 'more')).errorCode).toBe(0)
})
