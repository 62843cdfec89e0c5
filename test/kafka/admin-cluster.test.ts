import { describe, expect, test } from 'vitest'
import { errorName } from '../../src/protocols/kafka/constants.ts'
import type { ResponseOf } from '../../src/protocols/kafka/schema/dsl.ts'
import {
  describeCluster,
  describeLogDirs,
  describeTopicPartitions,
  listConfigResources,
  listPartitionReassignments,
  metadata,
} from '../../src/protocols/kafka/schema/index.ts'
import { NODE, TOPIC, GROUP, NOBODY, Wire, versionsOf, shown } from './admin-wire.ts'

describe('Metadata', () => {
  for (const version of versionsOf(metadata)) {
    test(`version ${version} lists everything`, async () => {
      const wire = new Wire()
      await wire.create({ name: 'a', numPartitions: 2 })
      await wire.create({ name: '__consumer_offsets' })
      const topics = version === 0 ? [] : null
      const answer = await wire.ask(metadata, version, { topics })
      expect(answer.brokers).toEqual([{ nodeId: NODE, host: '10.0.0.1', port: 9092, rack: null }])
      expect(answer.topics.map(shown)).toEqual(['a NONE 2', '__consumer_offsets NONE 1'])
      expect(answer.topics[0]?.partitions[1]).toMatchObject({
        partitionIndex: 1,
        leaderId: NODE,
        leaderEpoch: version >= 7 ? 0 : -1,
        replicaNodes: [NODE],
        isrNodes: [NODE],
        offlineReplicas: [],
      })
      if (version >= 1) {
        expect(answer.controllerId).toBe(NODE)
        expect(answer.topics.map(({ isInternal }) => isInternal)).toEqual([false, true])
      }
      if (version >= 2) expect(answer.clusterId).toBe(wire.world.topics.clusterId)
      const id = wire.world.topics.byName('a')?.id
      if (version >= 10) expect(answer.topics[0]?.topicId).toBe(id)
    })
  }

  const named: [what: string, name: string, allow: boolean, expected: string][] = [
    ['one that is there', 'a', true, 'a NONE 1'],
    ['one that is made', 'b', true, 'b NONE 3'],
    ['one that is not to be made', 'b', false, 'b UNKNOWN_TOPIC_OR_PARTITION 0'],
    ['a name that cannot be', 'a b', true, 'a b INVALID_TOPIC_EXCEPTION 0'],
    ['a name that cannot be, even then', 'a b', false, 'a b INVALID_TOPIC_EXCEPTION 0'],
    ['a name that collides', 'x_y', true, 'x_y INVALID_TOPIC_EXCEPTION 0'],
  ]
  test.each(named)('by name: %s', async (_, name, allowAutoTopicCreation, expected) => {
    const wire = new Wire({ partitionsDefault: 3 })
    await wire.create({ name: 'a' })
    await wire.create({ name: 'x.y' })
    const answer = await wire.ask(metadata, 12, { topics: [{ name }], allowAutoTopicCreation })
    expect(answer.topics.map(shown)).toEqual([expected])
  })

  test('makes nothing when the broker is told so', async () => {
    const wire = new Wire({ autoCreateTopics: false })
    const answer = await wire.ask(metadata, 12, { topics: [{ name: 'a' }] })
    expect(answer.topics.map(shown)).toEqual(['a UNKNOWN_TOPIC_OR_PARTITION 0'])
  })

  test('by id', async () => {
    const wire = new Wire()
    await wire.create({ name: 'a' })
    const id = wire.world.topics.byName('a')?.id ?? ''
    const topics = [
      { topicId: id, name: null },
      { topicId: NOBODY, name: null },
    ]
    const answer = await wire.ask(metadata, 13, { topics })
    expect(answer.topics.map(shown)).toEqual(['a NONE 1', 'null UNKNOWN_TOPIC_ID 0'])
    expect(answer.topics[1]?.topicId).toBe(NOBODY)
  })

  test('says what may be done, when asked', async () => {
    const wire = new Wire()
    await wire.create({ name: 'a' })
    const asked = {
      includeClusterAuthorizedOperations: true,
      includeTopicAuthorizedOperations: true,
    }
    const answer = await wire.ask(metadata, 8, { topics: null, ...asked })
    expect(answer.clusterAuthorizedOperations).toBe(0b1_1111_1010_0000 & ~(1 << 6))
    expect(answer.topics[0]?.topicAuthorizedOperations).toBe(0b1101_1111_1000)
    const silent = await wire.ask(metadata, 8, { topics: null })
    expect(silent.clusterAuthorizedOperations).toBe(-(2 ** 31))
    expect(silent.topics[0]?.topicAuthorizedOperations).toBe(-(2 ** 31))
  })
})

describe('the cluster', () => {
  for (const version of versionsOf(describeCluster)) {
    test(`DescribeCluster ${version}`, async () => {
      const wire = new Wire()
      const asked = { includeClusterAuthorizedOperations: true }
      const answer = await wire.ask(describeCluster, version, asked)
      expect(answer).toMatchObject({
        errorCode: 0,
        clusterId: wire.world.topics.clusterId,
        controllerId: NODE,
        brokers: [{ brokerId: NODE, host: '10.0.0.1', port: 9092, rack: null, isFenced: false }],
      })
      if (version === 0) return
      const wrong = await wire.ask(describeCluster, version, { ...asked, endpointType: 2 })
      expect(errorName(wrong.errorCode)).toBe('MISMATCHED_ENDPOINT_TYPE')
    })
  }

  test('ListConfigResources', async () => {
    const wire = new Wire()
    await wire.create({ name: 'a' })
    await wire.alter([GROUP, 'g'], { name: 'consumer.session.timeout.ms', value: '50000' })
    const list = async (...resourceTypes: number[]) => {
      const answer = await wire.ask(listConfigResources, 1, { resourceTypes })
      const found = answer.configResources.map(one => `${one.resourceType} ${one.resourceName}`)
      return [errorName(answer.errorCode), ...found]
    }
    expect(await list()).toEqual(['NONE', '2 a', '4 1', '32 g'])
    expect(await list(TOPIC, TOPIC)).toEqual(['NONE', '2 a'])
    expect(await list(16, 8)).toEqual(['NONE'])
    expect(await list(99)).toEqual(['UNSUPPORTED_VERSION'])
    const old = await wire.ask(listConfigResources, 0, {})
    expect(old.configResources).toEqual([])
  })

  test('ListPartitionReassignments', async () => {
    const answer = await new Wire().ask(listPartitionReassignments, 0, {})
    expect(answer).toMatchObject({ errorCode: 0, topics: [] })
  })

  for (const version of versionsOf(describeLogDirs)) {
    test(`DescribeLogDirs ${version}`, async () => {
      const wire = new Wire({ dataFolder: '/data' })
      await wire.create({ name: 'a', numPartitions: 2 })
      await wire.create({ name: 'b' })
      Object.assign(wire.world.logs.get(2) ?? {}, { sizeBytes: 77 })
      const sizes = async (topics: { topic: string; partitions: number[] }[] | null) => {
        const { results } = await wire.ask(describeLogDirs, version, { topics })
        expect(results).toMatchObject([{ errorCode: 0, logDir: '/data' }])
        return results[0]?.topics.map(one =>
          [one.name, ...one.partitions.map(part => part.partitionSize)].join(' '),
        )
      }
      expect(await sizes(null)).toEqual(['a 0 77', 'b 0'])
      expect(await sizes([{ topic: 'a', partitions: [1, 9] }])).toEqual(['a 77'])
      expect(await sizes([{ topic: 'nope', partitions: [0] }])).toEqual([])
    })
  }
})

describe('DescribeTopicPartitions', () => {
  async function world(): Promise<Wire> {
    const wire = new Wire()
    for (const name of ['c', 'a', 'b']) await wire.create({ name, numPartitions: 3 })
    return wire
  }

  const pages: [limit: number, expected: string[]][] = [
    [2000, ['a012 b012 c012']],
    [4, ['a012 b0', 'b12 c01', 'c2']],
    [3, ['a012', 'b012', 'c012']],
    [0, ['a0', 'a1', 'a2', 'b0', 'b1', 'b2', 'c0', 'c1', 'c2']],
  ]
  test.each(pages)('pages of %i', async (responsePartitionLimit, expected) => {
    const wire = await world()
    const seen: string[] = []
    let cursor: { topicName: string; partitionIndex: number } | null = null
    do {
      const answer: ResponseOf<typeof describeTopicPartitions> = await wire.ask(
        describeTopicPartitions,
        0,
        { topics: [], responsePartitionLimit, cursor },
      )
      const rows = answer.topics.map(
        topic => `${topic.name}${topic.partitions.map(part => part.partitionIndex).join('')}`,
      )
      seen.push(rows.join(' '))
      cursor = answer.nextCursor
    } while (cursor !== null)
    expect(seen).toEqual(expected)
  })

  test('of some, in order, and of none', async () => {
    const wire = await world()
    const topics = ['c', 'x y', 'a', 'nope'].map(name => ({ name }))
    const answer = await wire.ask(describeTopicPartitions, 0, { topics })
    expect(answer.topics.map(shown)).toEqual([
      'a NONE 3',
      'c NONE 3',
      'nope UNKNOWN_TOPIC_OR_PARTITION 0',
      'x y INVALID_TOPIC_EXCEPTION 0',
    ])
  })

  test('a cursor that cannot be is malformed', async () => {
    const wire = await world()
    const ask = (topicName: string, partitionIndex: number) =>
      wire.ask(describeTopicPartitions, 0, {
        topics: [{ name: 'a' }],
        cursor: { topicName, partitionIndex },
      })
    await expect(ask('b', 0)).rejects.toThrow('topic list without the topic of the cursor, b')
    await expect(ask('a', -1)).rejects.toThrow('cursor partition -1')
  })
})
