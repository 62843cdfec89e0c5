import { describe, expect, test } from 'vitest'
import { errorName } from '../../src/protocols/kafka/constants.ts'
import {
  alterConfigs,
  describeConfigs,
  incrementalAlterConfigs,
} from '../../src/protocols/kafka/schema/index.ts'
import {
  TOPIC,
  BROKER,
  GROUP,
  Wire,
  type Resource,
  type Change,
  outcome,
  versionsOf,
} from './admin-wire.ts'

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
    [
      [BROKER, '1'],
      { name: 'listeners', configOperation: 0, value: 'PLAINTEXT://:1' },
      'INVALID_REQUEST: Cannot update these configs dynamically: Set(listeners)',
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
