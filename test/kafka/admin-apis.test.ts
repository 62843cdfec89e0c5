import { describe, expect, test } from 'vitest'
import { TopicWorld } from '../../src/broker/topic/world.fixture.ts'
import { ByteReader, ByteWriter } from '../../src/lib/bytes/index.ts'
import { errorName } from '../../src/protocols/kafka/constants.ts'
import { handlerOf } from '../../src/protocols/kafka/handlers/index.ts'
import { requestCodec, responseCodec } from '../../src/protocols/kafka/schema/codecs.ts'
import type { Api, Fields, RequestDraft, ResponseOf } from '../../src/protocols/kafka/schema/dsl.ts'
import {
  alterConfigs,
  createPartitions,
  createTopics,
  deleteRecords,
  deleteTopics,
  describeCluster,
  describeConfigs,
  describeLogDirs,
  describeTopicPartitions,
  incrementalAlterConfigs,
  listConfigResources,
  listPartitionReassignments,
  metadata,
  ZERO_UUID,
} from '../../src/protocols/kafka/schema/index.ts'

const NODE = 1
const TOPIC = 2
const BROKER = 4
const GROUP = 32
const NOBODY = 'AAAAAAAAAAAAAAAAAAAABg'

/** Asks the handlers as a connection would, through the bytes of each version, without a socket. */
class Wire {
  readonly world: TopicWorld

  constructor(settings: ConstructorParameters<typeof TopicWorld>[0] = {}) {
    this.world = new TopicWorld(settings)
  }

  async ask<Request extends Fields, Response extends Fields>(
    api: Api<Request, Response>,
    version: number,
    draft: RequestDraft<Api<Request, Response>>,
  ): Promise<ResponseOf<Api<Request, Response>>> {
    const handler = handlerOf(api.key)
    if (handler === undefined) throw new Error(`nobody serves ${api.name}`)
    const writer = new ByteWriter()
    requestCodec(api, version).write(writer, draft)
    const request = requestCodec(api, version).read(new ByteReader(writer.finish()))
    const answer = handler.answer(request, this.#context(version) as never)
    this.world.confirm()
    const response = await answer
    responseCodec(api, version).write(writer, response as never)
    return responseCodec(api, version).read(new ByteReader(writer.finish()))
  }

  /** Makes a topic, and says how that went. */
  async create(topic: Partial<NewTopic> & { name: string }, version = 7): Promise<string> {
    const { topics } = await this.ask(createTopics, version, {
      topics: [{ ...newTopic, ...topic }],
    })
    return outcome(topics[0])
  }

  /** Changes one setting, and says how that went. */
  async alter(resource: Resource, change: Partial<Change> & { name: string }): Promise<string> {
    const [resourceType, resourceName] = resource
    const { responses } = await this.ask(incrementalAlterConfigs, 1, {
      resources: [
        { resourceType, resourceName, configs: [{ configOperation: 0, value: null, ...change }] },
      ],
      validateOnly: false,
    })
    return outcome(responses[0])
  }

  /** All settings of something, as `kafka-configs.sh --describe --all` sees them. */
  async settings([resourceType, resourceName]: Resource) {
    const { results } = await this.ask(describeConfigs, 4, {
      resources: [{ resourceType, resourceName, configurationKeys: null }],
      includeSynonyms: true,
      includeDocumentation: true,
    })
    return new Map(results[0]?.configs.map(entry => [entry.name, entry]))
  }

  #context(version: number) {
    const runtime = { settings: this.world.settings }
    const local = { host: '10.0.0.1', port: 9092 }
    const peer = { local, listener: { name: 'kafka', advertised: null } }
    return { broker: { topics: this.world.topics, runtime }, peer, version, clientId: 'test' }
  }
}

type Resource = [type: number, name: string]
type Change = { name: string; configOperation: number; value: string | null }
type NewTopic = RequestDraft<typeof createTopics>['topics'][number]
const newTopic = { numPartitions: 1, replicationFactor: 1, assignments: [], configs: [] }

const outcome = (
  answer: { readonly errorCode: number; readonly errorMessage: string | null } | undefined,
): string => {
  if (answer === undefined) return 'no answer'
  if (answer.errorCode === 0) return 'ok'
  return `${errorName(answer.errorCode)}: ${answer.errorMessage}`
}

const versionsOf = ({ versions: [first, last] }: Api): number[] =>
  Array.from({ length: last - first + 1 }, (_, index) => first + index)

/** One row of a Metadata answer. */
const shown = (topic: {
  readonly errorCode: number
  readonly name: string | null
  readonly partitions: readonly unknown[]
}): string => `${topic.name} ${errorName(topic.errorCode)} ${topic.partitions.length}`

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

describe('settings of topics', () => {
  const there: Resource = [TOPIC, 'a']
  const cases: [resource: Resource, change: Change, expected: string][] = [
    [there, { name: 'retention.ms', configOperation: 0, value: '5' }, 'ok'],
    [there, { name: 'segment.ms', configOperation: 1, value: null }, 'ok'],
    [there, { name: 'foo', configOperation: 1, value: null }, 'ok'],
    [there, { name: 'cleanup.policy', configOperation: 2, value: 'compact' }, 'ok'],
    [there, { name: 'cleanup.policy', configOperation: 3, value: 'delete' }, 'ok'],
    [
      there,
      { name: 'foo', configOperation: 0, value: '1' },
      'INVALID_CONFIG: Unknown topic config name: foo',
    ],
    [
      there,
      { name: 'retention.ms', configOperation: 2, value: '1' },
      "INVALID_CONFIG: Can't APPEND to key retention.ms because its type is not LIST.",
    ],
    [
      there,
      { name: 'retention.ms', configOperation: 0, value: null },
      'INVALID_REQUEST: Null value not supported for : retention.ms',
    ],
    [
      there,
      { name: 'retention.ms', configOperation: 9, value: '1' },
      'INVALID_REQUEST: Unknown operation type 9 of config retention.ms',
    ],
    [
      [TOPIC, 'nope'],
      { name: 'retention.ms', configOperation: 0, value: '1' },
      "UNKNOWN_TOPIC_OR_PARTITION: The topic 'nope' does not exist.",
    ],
    [
      [BROKER, '9'],
      { name: 'log.retention.ms', configOperation: 0, value: '1' },
      'INVALID_REQUEST: Unexpected broker id, expected 1 or empty string, but received 9',
    ],
    [
      [BROKER, '1'],
      { name: 'num.partitions', configOperation: 0, value: '3' },
      'INVALID_REQUEST: Cannot update these configs dynamically: Set(num.partitions)',
    ],
    [
      [BROKER, ''],
      { name: 'log.retention.ms', configOperation: 0, value: 'x' },
      'INVALID_REQUEST: Invalid value x for configuration log.retention.ms: ' +
        'Not a number of type LONG',
    ],
    [[BROKER, '1'], { name: 'foo', configOperation: 0, value: 'x' }, 'ok'],
    [[BROKER, ''], { name: 'log.cleanup.policy', configOperation: 2, value: 'compact' }, 'ok'],
    [
      [GROUP, 'g'],
      { name: 'foo', configOperation: 0, value: '1' },
      'INVALID_CONFIG: Unknown group config name: foo',
    ],
    [
      [GROUP, ''],
      { name: 'consumer.session.timeout.ms', configOperation: 0, value: '50000' },
      'INVALID_REQUEST: Default group resources are not allowed.',
    ],
    [
      [GROUP, 'g'],
      { name: 'consumer.session.timeout.ms', configOperation: 0, value: '50000' },
      'ok',
    ],
    [
      [8, '1'],
      { name: 'kafka', configOperation: 0, value: 'INFO' },
      'INVALID_REQUEST: Log levels cannot be changed here: ' +
        'set log.level and start the broker again.',
    ],
  ]
  test.each(cases)('change of %j by %j: %s', async (resource, change, expected) => {
    const wire = new Wire()
    await wire.create({ name: 'a' })
    expect(await wire.alter(resource, change)).toBe(expected)
  })

  test('appear with what stands behind them', async () => {
    const wire = new Wire()
    await wire.create({ name: 'a', configs: [{ name: 'retention.ms', value: '1' }] })
    await wire.alter([BROKER, ''], { name: 'log.retention.ms', value: '3' })
    await wire.alter([BROKER, '1'], { name: 'log.retention.ms', value: '2' })
    const retention = (await wire.settings(there)).get('retention.ms')
    expect(retention).toMatchObject({ value: '1', configSource: 1, configType: 5, readOnly: false })
    expect(retention?.synonyms).toEqual([
      { name: 'retention.ms', value: '1', source: 1 },
      { name: 'log.retention.ms', value: '2', source: 2 },
      { name: 'log.retention.ms', value: '3', source: 3 },
      { name: 'log.retention.hours', value: '168', source: 5 },
    ])
    expect(retention?.documentation).toContain('How long records are kept')
    await wire.alter(there, { name: 'retention.ms', configOperation: 1 })
    const inherited = (await wire.settings(there)).get('retention.ms')
    expect(inherited).toMatchObject({ value: '2', configSource: 2 })
  })

  test('are replaced as a whole by AlterConfigs', async () => {
    for (const version of versionsOf(alterConfigs)) {
      const wire = new Wire()
      await wire.create({ name: 'a', configs: [{ name: 'retention.ms', value: '1' }] })
      const configs = [{ name: 'segment.ms', value: '7' }]
      const ask = (validateOnly: boolean) =>
        wire.ask(alterConfigs, version, {
          resources: [{ resourceType: TOPIC, resourceName: 'a', configs }],
          validateOnly,
        })
      const overrides = () => [...(wire.world.topics.byName('a')?.overrides ?? [])]
      expect(outcome((await ask(true)).responses[0])).toBe('ok')
      expect(overrides()).toEqual([['retention.ms', '1']])
      expect(outcome((await ask(false)).responses[0])).toBe('ok')
      expect(overrides()).toEqual([['segment.ms', '7']])
    }
  })

  test('are not changed when something is said twice', async () => {
    const wire = new Wire()
    await wire.create({ name: 'a' })
    const change = { name: 'retention.ms', configOperation: 0, value: '1' }
    const resource = { resourceType: TOPIC, resourceName: 'a', configs: [change] }
    for (const [resources, expected] of [
      [[resource, resource], 'INVALID_REQUEST: Duplicate resource.'],
      [
        [{ ...resource, configs: [change, change] }],
        'INVALID_REQUEST: Error due to duplicate config keys',
      ],
    ] as const) {
      const answer = await wire.ask(incrementalAlterConfigs, 0, { resources, validateOnly: false })
      expect(answer.responses.map(outcome)).toEqual([expected])
    }
    expect(wire.world.topics.byName('a')?.overrides.size).toBe(0)
  })
})

describe('DescribeConfigs', () => {
  for (const version of versionsOf(describeConfigs)) {
    test(`version ${version}: chosen settings, and what cannot be described`, async () => {
      const wire = new Wire()
      await wire.create({ name: 'a', configs: [{ name: 'retention.ms', value: '1' }] })
      const resources = [
        {
          resourceType: TOPIC,
          resourceName: 'a',
          configurationKeys: ['retention.ms', 'preallocate'],
        },
        { resourceType: TOPIC, resourceName: 'nope', configurationKeys: null },
        { resourceType: TOPIC, resourceName: 'a b', configurationKeys: null },
        { resourceType: BROKER, resourceName: '9', configurationKeys: null },
        { resourceType: GROUP, resourceName: '', configurationKeys: null },
      ]
      const { results } = await wire.ask(describeConfigs, version, { resources })
      expect(results.map(one => errorName(one.errorCode))).toEqual([
        'NONE',
        'UNKNOWN_TOPIC_OR_PARTITION',
        'INVALID_TOPIC_EXCEPTION',
        'INVALID_REQUEST',
        'INVALID_REQUEST',
      ])
      const found = results[0]?.configs ?? []
      expect(found.map(({ name, value }) => `${name}=${value}`)).toEqual([
        'preallocate=false',
        'retention.ms=1',
      ])
      const sources = found.map(one => (version === 0 ? one.isDefault : one.configSource))
      expect(sources).toEqual(version === 0 ? [true, false] : [5, 1])
      expect(found[0]?.synonyms).toEqual([])
    })
  }

  test('shows the broker, what was set for all, and hides what it does not know', async () => {
    const wire = new Wire({ partitionsDefault: 3, dataFolder: '/data' })
    await wire.alter([BROKER, ''], { name: 'log.retention.ms', value: '5' })
    await wire.alter([BROKER, '1'], { name: 'some.password', value: 'secret' })
    const all = await wire.settings([BROKER, ''])
    expect([...all.keys()]).toEqual(['log.retention.ms'])
    expect(all.get('log.retention.ms')).toMatchObject({ value: '5', configSource: 3 })
    const own = await wire.settings([BROKER, '1'])
    expect(own.get('node.id')).toMatchObject({ value: '1', configSource: 4, readOnly: true })
    expect(own.get('num.partitions')).toMatchObject({ value: '3', configSource: 4 })
    expect(own.get('log.dirs')).toMatchObject({ value: '/data', configType: 7 })
    expect(own.get('log.retention.ms')).toMatchObject({ value: '5', readOnly: false })
    expect(own.get('log.retention.hours')).toMatchObject({ value: '168', readOnly: true })
    expect(own.get('some.password')).toMatchObject({ value: null, isSensitive: true })
  })

  test('shows groups', async () => {
    const wire = new Wire()
    await wire.alter([GROUP, 'g'], { name: 'consumer.session.timeout.ms', value: '50000' })
    const settings = await wire.settings([GROUP, 'g'])
    expect(settings.get('consumer.session.timeout.ms')).toMatchObject({
      value: '50000',
      configSource: 8,
      configType: 3,
    })
    expect(settings.get('share.auto.offset.reset')).toMatchObject({
      value: 'latest',
      configSource: 5,
    })
    expect(settings.size).toBe(11)
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
