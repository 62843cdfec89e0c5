import { describe, expect, test } from 'vitest'
import { errorName } from '../../src/protocols/kafka/constants.ts'
import {
  createPartitions,
  createTopics,
  deleteRecords,
  deleteTopics,
  ZERO_UUID,
} from '../../src/protocols/kafka/schema/index.ts'
import { NODE, NOBODY, Wire, type NewTopic, newTopic, outcome, versionsOf } from './admin-wire.ts'

describe('CreateTopics', () => {
  for (const version of versionsOf(createTopics)) {
    test(`version ${version}`, async () => {
      const wire = new Wire()
      const { topics } = await wire.ask(createTopics, version, {
        topics: [{ ...newTopic, name: 'a', numPartitions: 2 }],
      })
      expect(topics[0]).toMatchObject({ name: 'a', errorCode: 0 })
      const made = wire.world.topics.byName('a')
      expect(made?.partitions.length).toBe(2)
      if (version >= 5) {
        expect(topics[0]).toMatchObject({ numPartitions: 2, replicationFactor: 1 })
        expect(topics[0]?.configs?.find(({ name }) => name === 'retention.ms')).toEqual({
          name: 'retention.ms',
          value: '604800000',
          readOnly: false,
          configSource: 5,
          isSensitive: false,
        })
      }
      if (version >= 7) expect(topics[0]?.topicId).toBe(made?.id)
    })
  }

  const assigned = (...brokerIds: number[][]) => ({
    numPartitions: -1,
    replicationFactor: -1,
    assignments: brokerIds.map((ids, index) => ({ partitionIndex: index, brokerIds: ids })),
  })
  const manual = 'INVALID_REPLICA_ASSIGNMENT: The manual partition assignment includes'

  /** Words and codes of Apache Kafka 4.2.1. */
  const cases: [what: string, topic: Partial<NewTopic>, expected: string][] = [
    ['defaults', { numPartitions: -1, replicationFactor: -1 }, 'ok'],
    ['three replicas', { replicationFactor: 3 }, 'ok'],
    [
      'no replica',
      { replicationFactor: 0 },
      'INVALID_REPLICATION_FACTOR: Replication factor must be larger than 0, ' +
        'or -1 to use the default value.',
    ],
    [
      'no partition',
      { numPartitions: 0 },
      'INVALID_PARTITIONS: Number of partitions was set to an invalid non-positive value.',
    ],
    [
      'fewer',
      { numPartitions: -5 },
      'INVALID_PARTITIONS: Number of partitions was set to an invalid non-positive value.',
    ],
    ['by hand', assigned([NODE], [NODE]), 'ok'],
    ['nowhere', assigned([7]), `${manual} broker 7, but no such broker is registered.`],
    ['twice', assigned([NODE, NODE]), `${manual} the broker 1 more than once.`],
    ['no broker', assigned([]), `${manual} an empty replica list.`],
    [
      'a gap',
      {
        ...assigned(),
        assignments: [
          { partitionIndex: 0, brokerIds: [NODE] },
          { partitionIndex: 2, brokerIds: [NODE] },
        ],
      },
      'INVALID_REPLICA_ASSIGNMENT: partitions should be a consecutive 0-based integer sequence',
    ],
    [
      'by hand and by number',
      { ...assigned([NODE]), numPartitions: 1 },
      'INVALID_REQUEST: A manual partition assignment was specified, ' +
        'but numPartitions was not set to -1.',
    ],
    [
      'a setting without value',
      { configs: [{ name: 'retention.ms', value: null }] },
      'INVALID_CONFIG: Null value not supported for topic configs: retention.ms',
    ],
    [
      'a strange setting',
      { configs: [{ name: 'foo.bar', value: '1' }] },
      'INVALID_CONFIG: Unknown topic config name: foo.bar',
    ],
    ['a taken name', { name: 'taken' }, "TOPIC_ALREADY_EXISTS: Topic 'taken' already exists."],
    [
      'the metadata topic',
      { name: '__cluster_metadata' },
      'INVALID_REQUEST: Creation of internal topic __cluster_metadata is prohibited.',
    ],
  ]
  test.each(cases)('%s', async (_, topic, expected) => {
    const wire = new Wire()
    await wire.create({ name: 'taken' })
    expect(await wire.create({ name: 'a', ...topic })).toBe(expected)
    expect(wire.world.topics.count).toBe(expected === 'ok' ? 2 : 1)
  })

  test('only validates when asked to', async () => {
    const wire = new Wire()
    const topics = [{ ...newTopic, name: 'a', numPartitions: 3 }]
    const answer = await wire.ask(createTopics, 7, { topics, validateOnly: true })
    expect(answer.topics[0]).toMatchObject({ errorCode: 0, numPartitions: 3, topicId: ZERO_UUID })
    expect(wire.world.topics.count).toBe(0)
    const bad = [{ ...newTopic, name: 'a', configs: [{ name: 'x', value: '1' }] }]
    const refused = await wire.ask(createTopics, 7, { topics: bad, validateOnly: true })
    expect(outcome(refused.topics[0])).toBe('INVALID_CONFIG: Unknown topic config name: x')
  })

  test('refuses what is named twice, and makes the rest', async () => {
    const wire = new Wire()
    const topics = ['a', 'b', 'a'].map(name => ({ ...newTopic, name }))
    const answer = await wire.ask(createTopics, 7, { topics })
    expect(answer.topics.map(topic => `${topic.name} ${outcome(topic)}`)).toEqual([
      'a INVALID_REQUEST: Duplicate topic name.',
      'b ok',
    ])
  })
})

describe('DeleteTopics', () => {
  for (const version of versionsOf(deleteTopics)) {
    test(`version ${version}`, async () => {
      const wire = new Wire()
      await wire.create({ name: 'a' })
      const request =
        version < 6
          ? { topicNames: ['a', 'b'], timeoutMs: 1 }
          : { topics: ['a', 'b'].map(name => ({ name, topicId: ZERO_UUID })), timeoutMs: 1 }
      const { responses } = await wire.ask(deleteTopics, version, request)
      expect(responses.map(one => `${one.name} ${errorName(one.errorCode)}`)).toEqual([
        'a NONE',
        'b UNKNOWN_TOPIC_OR_PARTITION',
      ])
      expect(wire.world.topics.count).toBe(0)
    })
  }

  test('by id', async () => {
    const wire = new Wire()
    await wire.create({ name: 'a' })
    const topicId = wire.world.topics.byName('a')?.id ?? ''
    const topics = [
      { name: null, topicId },
      { name: null, topicId: NOBODY },
      { name: null, topicId: ZERO_UUID },
      { name: 'a', topicId },
    ]
    const { responses } = await wire.ask(deleteTopics, 6, { topics, timeoutMs: 1 })
    expect(responses.map(one => errorName(one.errorCode))).toEqual([
      'INVALID_REQUEST', // It is named twice: by its id, and by name and id.
      'UNKNOWN_TOPIC_ID',
      'INVALID_REQUEST',
      'INVALID_REQUEST',
    ])
    const again = await wire.ask(deleteTopics, 6, { topics: topics.slice(0, 1), timeoutMs: 1 })
    expect(again.responses).toMatchObject([{ name: 'a', topicId, errorCode: 0 }])
    expect(wire.world.topics.count).toBe(0)
  })
})

describe('DeleteRecords', () => {
  for (const version of versionsOf(deleteRecords)) {
    test(`version ${version}`, async () => {
      const wire = new Wire()
      await wire.create({ name: 'a' })
      Object.assign(wire.world.logs.get(1) ?? {}, { confirmedEnd: 10 })
      const asked = [4, 11, -1].map(offset => ({ partitionIndex: 0, offset }))
      const partitions = [...asked, { partitionIndex: 5, offset: 0 }]
      const { topics } = await wire.ask(deleteRecords, version, {
        topics: [{ name: 'a', partitions }],
        timeoutMs: 1,
      })
      const shownOf = topics[0]?.partitions.map(
        one => `${errorName(one.errorCode)} ${one.lowWatermark}`,
      )
      expect(shownOf).toEqual([
        'NONE 10', // The third request of the same turn moved it on.
        'OFFSET_OUT_OF_RANGE -1',
        'NONE 10',
        'UNKNOWN_TOPIC_OR_PARTITION -1',
      ])
    })
  }
})

describe('CreatePartitions', () => {
  const manual = 'INVALID_REPLICA_ASSIGNMENT: '
  const cases: [count: number, assignments: number[][] | null, expected: string][] = [
    [4, null, 'ok'],
    [3, [[NODE]], 'ok'],
    [2, null, 'INVALID_PARTITIONS: Topic already has 2 partition(s).'],
    [
      1,
      null,
      'INVALID_PARTITIONS: The topic a currently has 2 partition(s); 1 would not be an increase.',
    ],
    [
      4,
      [[NODE]],
      `${manual}Attempted to add 2 additional partition(s), ` +
        'but only 1 assignment(s) were specified.',
    ],
    [
      3,
      [[9]],
      `${manual}The manual partition assignment includes broker 9, ` +
        'but no such broker is registered.',
    ],
  ]
  for (const version of versionsOf(createPartitions)) {
    test.each(cases)(`version ${version}: to %i, %j`, async (count, brokers, expected) => {
      const wire = new Wire()
      await wire.create({ name: 'a', numPartitions: 2 })
      const assignments = brokers?.map(brokerIds => ({ brokerIds })) ?? null
      const ask = async (validateOnly: boolean) =>
        wire.ask(createPartitions, version, {
          topics: [{ name: 'a', count, assignments }],
          timeoutMs: 1,
          validateOnly,
        })
      const length = () => wire.world.topics.byName('a')?.partitions.length
      expect(outcome((await ask(true)).results[0])).toBe(expected)
      expect(length()).toBe(2)
      expect(outcome((await ask(false)).results[0])).toBe(expected)
      expect(length()).toBe(expected === 'ok' ? count : 2)
    })
  }
})
