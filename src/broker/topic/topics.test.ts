import { describe, expect, test } from 'vitest'
import type { Offset } from '../../lib/brand.ts'
import { ALL_RECORDS, type TopicSpec } from './topics.ts'
import { TopicWorld } from './world.fixture.ts'
import type { Topic } from './topic.ts'

const spec = (name: string, more: Partial<TopicSpec> = {}): TopicSpec => ({
  name,
  partitionCount: 1,
  overrides: {},
  ...more,
})

async function worldWith(...specs: TopicSpec[]): Promise<TopicWorld> {
  const world = new TopicWorld()
  for (const one of specs) await world.confirmed(world.topics.create(one))
  return world
}

function topicOf(world: TopicWorld, name: string): Topic {
  const topic = world.topics.byName(name)
  if (topic === undefined) throw new Error(`no topic ${name}`)
  return topic
}

describe('creating', () => {
  const flaws: [what: string, spec: TopicSpec, kind: string, message: string][] = [
    ['a name that is taken', spec('a.b'), 'already-exists', "Topic 'a.b' already exists."],
    [
      'a name that collides',
      spec('a_b'),
      'invalid-name',
      "Topic 'a_b' collides with existing topic: a.b",
    ],
    ['no partitions', spec('x', { partitionCount: 0 }), 'invalid-partitions', 'non-positive'],
    ['half a partition', spec('x', { partitionCount: 1.5 }), 'invalid-partitions', 'non-positive'],
    ['too many partitions', spec('x', { partitionCount: 10_001 }), 'invalid-partitions', '10000'],
    ['a bad name', spec('x y'), 'invalid-name', 'Topic name is invalid'],
    [
      'a setting nobody knows',
      spec('x', { overrides: { 'foo.bar': '1' } }),
      'invalid-setting',
      'Unknown topic config name: foo.bar',
    ],
    [
      'a setting of no prototype',
      spec('x', { overrides: { constructor: '1' } }),
      'invalid-setting',
      'Unknown topic config name: constructor',
    ],
    [
      'settings at odds',
      spec('x', { overrides: { 'min.compaction.lag.ms': '10', 'max.compaction.lag.ms': '5' } }),
      'invalid-setting',
      'conflict topic config setting min.compaction.lag.ms (10) > max.compaction.lag.ms (5)',
    ],
    [
      'remote storage',
      spec('x', { overrides: { 'remote.storage.enable': 'true' } }),
      'invalid-setting',
      'Tiered Storage functionality is disabled',
    ],
  ]
  test.each(flaws)('refuses %s', async (_, one, kind, message) => {
    const world = await worldWith(spec('a.b'))
    await expect(world.topics.create(one)).rejects.toMatchObject({
      kind,
      message: expect.stringContaining(message),
    })
    expect(world.topics.count).toBe(1)
    expect(world.logs.size).toBe(1)
  })

  test('is visible at once, and acknowledged when confirmed', async () => {
    const world = new TopicWorld()
    let isTold = false
    const made = world.topics.create(spec('t', { partitionCount: 3 })).then(() => {
      isTold = true
    })
    expect(topicOf(world, 't').partitions.map(({ log }) => log.id)).toEqual([1, 2, 3])
    await Promise.resolve()
    expect(isTold).toBe(false)
    world.confirm()
    await made
    expect(isTold).toBe(true)
  })

  test('fails with the disk', async () => {
    const world = new TopicWorld()
    const made = world.topics.create(spec('t'))
    world.confirm({ reason: 'io-error', message: 'the disk failed' })
    await expect(made).rejects.toMatchObject({ kind: 'storage', message: 'the disk failed' })
    world.refusal = { reason: 'disk-full', message: 'no room' }
    await expect(world.topics.create(spec('u'))).rejects.toMatchObject({ kind: 'storage' })
    expect(world.topics.byName('u')).toBeUndefined()
  })

  test('on request happens once, however many ask', async () => {
    const world = new TopicWorld({ partitionsDefault: 4 })
    const asked = ['t', 't', 't'].map(name => world.topics.ensure(name))
    const found = await world.confirmed(Promise.all(asked))
    expect(new Set(found.map(({ id }) => id)).size).toBe(1)
    expect(world.logs.size).toBe(4)
  })
})

describe('growing', () => {
  const flaws: [count: number, message: string][] = [
    [2, 'Topic already has 2 partition(s).'],
    [1, 'The topic t currently has 2 partition(s); 1 would not be an increase.'],
    [0, 'The topic t currently has 2 partition(s); 0 would not be an increase.'],
    [10_001, 'A topic can have 10000 partitions at most, not 10001.'],
  ]
  test.each(flaws)('refuses %i', async (count, message) => {
    const world = await worldWith(spec('t', { partitionCount: 2 }))
    await expect(world.topics.grow(topicOf(world, 't').id, count)).rejects.toMatchObject({
      kind: 'invalid-partitions',
      message,
    })
  })

  test('keeps the partitions there were, and the policy', async () => {
    const world = await worldWith(spec('t', { overrides: { 'retention.ms': '5' } }))
    const [first] = topicOf(world, 't').partitions
    await world.confirmed(world.topics.grow(topicOf(world, 't').id, 3))
    const { partitions } = topicOf(world, 't')
    expect(partitions[0]).toBe(first)
    expect(partitions.map(({ index }) => index)).toEqual([0, 1, 2])
    expect(partitions.map(({ log }) => log.policy.retentionMs)).toEqual([5, 5, 5])
  })
})

describe('deleting', () => {
  test('removes the logs, tells, and frees the name but not the id', async () => {
    const world = await worldWith(spec('a.b', { partitionCount: 2 }))
    const topic = topicOf(world, 'a.b')
    const told: string[] = []
    world.topics.onDeleted(({ name }) => told.push(name))
    await world.confirmed(world.topics.delete(topic.id))
    expect(told).toEqual(['a.b'])
    expect(world.logs.size).toBe(0)
    expect(topic.isDeleted).toBe(true)
    expect(world.topics.byId(topic.id)).toBeUndefined()
    expect(world.topics.partitionOfLog(topic.partitions[0]!.logId)).toBeUndefined()
    const twin = await world.confirmed(world.topics.create(spec('a_b')))
    expect(twin.id).not.toBe(topic.id)
  })

  test('refuses what is not there', async () => {
    const world = new TopicWorld()
    await expect(world.topics.delete('nope')).rejects.toMatchObject({ kind: 'not-found' })
  })
})

describe('deleting records', () => {
  const cases: [before: number, start: number | string][] = [
    [ALL_RECORDS, 10],
    [10, 10],
    [7, 7],
    [3, 5],
    [11, 'out-of-range'],
    [-2, 'out-of-range'],
  ]
  test.each(cases)('before %i of 5..10: %s', async (before, expected) => {
    const world = await worldWith(spec('t'))
    const [partition] = topicOf(world, 't').partitions
    Object.assign(world.logs.get(1)!, { startOffset: 5 as Offset, confirmedEnd: 10 as Offset })
    const deleted = world.topics.deleteRecords(partition!, before)
    if (typeof expected === 'string') {
      await expect(deleted).rejects.toMatchObject({ kind: expected })
    } else {
      expect(await world.confirmed(deleted)).toBe(expected)
    }
  })

  test('is not for topics that are only compacted', async () => {
    const world = await worldWith(
      spec('c', { overrides: { 'cleanup.policy': 'compact' } }),
      spec('cd', { overrides: { 'cleanup.policy': 'compact,delete' } }),
    )
    const [compacted] = topicOf(world, 'c').partitions
    await expect(world.topics.deleteRecords(compacted!, 0)).rejects.toMatchObject({
      kind: 'precondition-failed',
    })
    const [both] = topicOf(world, 'cd').partitions
    expect(await world.topics.deleteRecords(both!, 0)).toBe(0)
  })
})

describe('settings', () => {
  test('change the policy of live logs', async () => {
    const world = await worldWith(spec('t', { partitionCount: 2 }), spec('other'))
    const overrides = { 'retention.ms': '5', 'max.message.bytes': '100' }
    await world.confirmed(world.topics.alter(topicOf(world, 't').id, overrides))
    expect([...world.logs.values()].map(({ policy }) => policy.retentionMs)).toEqual([
      5, 5, 604_800_000,
    ])
    expect(topicOf(world, 't').settings.batchBytesMax).toBe(100)
    await world.confirmed(world.topics.alter(topicOf(world, 't').id, {}))
    expect(world.logs.get(1)?.policy.retentionMs).toBe(604_800_000)
    expect(topicOf(world, 't').settings.batchBytesMax).toBe(1_048_588)
  })

  test('of brokers reach the topics that do not set them', async () => {
    const world = await worldWith(spec('t'), spec('own', { overrides: { 'retention.ms': '5' } }))
    await world.confirmed(world.topics.configure('broker', '', { 'log.retention.ms': '7' }))
    expect([...world.logs.values()].map(({ policy }) => policy.retentionMs)).toEqual([7, 5])
    await world.confirmed(world.topics.configure('broker', '', { 'message.max.bytes': '9' }))
    expect([...world.logs.values()].map(({ policy }) => policy.retentionMs)).toEqual([
      604_800_000, 5,
    ])
    expect(topicOf(world, 't').settings.batchBytesMax).toBe(9)
  })

  test('cannot move a topic out of memory or into it', async () => {
    const world = await worldWith(spec('t'))
    const { id } = topicOf(world, 't')
    await expect(world.topics.alter(id, { 'sabir.durability': 'memory' })).rejects.toMatchObject({
      kind: 'invalid-setting',
    })
    await world.confirmed(world.topics.alter(id, { 'sabir.durability': 'async' }))
    expect(world.logs.get(1)?.policy.durability).toBe('async')
  })
})

describe('starting again', () => {
  /** Everything that can be seen from outside. */
  const view = (world: TopicWorld): unknown => ({
    clusterId: world.topics.clusterId,
    topics: [...world.topics.all()].map(
      ({ name, id, isInternal, overrides, partitions, settings }) => ({
        name,
        id,
        isInternal,
        overrides: [...overrides],
        settings,
        logs: partitions.map(({ log }) => log.id),
      }),
    ),
    group: world.topics.layers.values('group', 'g'),
  })

  for (const when of ['from events', 'from a snapshot', 'from a snapshot and events']) {
    test(`finds everything, ${when}`, async () => {
      const world = await worldWith(
        spec('t', { partitionCount: 2 }),
        spec('gone'),
        spec('__internal', { isInternal: true, overrides: { 'cleanup.policy': 'compact' } }),
      )
      const { topics } = world
      if (when === 'from a snapshot and events') world.checkpoint()
      await world.confirmed(topics.grow(topicOf(world, 't').id, 3))
      await world.confirmed(topics.alter(topicOf(world, 't').id, { 'retention.ms': '5' }))
      await world.confirmed(topics.delete(topicOf(world, 'gone').id))
      await world.confirmed(topics.configure('broker', '', { 'message.max.bytes': '9' }))
      await world.confirmed(
        topics.configure('group', 'g', { 'consumer.session.timeout.ms': '50000' }),
      )
      if (when === 'from a snapshot') world.checkpoint()
      const before = view(world)
      world.reopen()
      expect(view(world)).toEqual(before)
      expect(world.topics.count).toBe(2)
      expect(topicOf(world, '__internal').settings.batchBytesMax).toBe(9)
    })
  }

  test('brings logs in line with a changed configuration, but for memory', async () => {
    const world = await worldWith(spec('t'), spec('own', { overrides: { 'retention.ms': '5' } }))
    world.reopen({ topicDefaults: { 'retention.ms': '8', 'sabir.durability': 'memory' } })
    const policies = [...world.logs.values()].map(({ policy }) => policy)
    expect(policies.map(({ retentionMs }) => retentionMs)).toEqual([8, 5])
    expect(policies.map(({ durability }) => durability)).toEqual(['sync', 'sync'])
  })

  test('keeps the id of the cluster', () => {
    const world = new TopicWorld()
    const { clusterId } = world.topics
    expect(clusterId).toMatch(/^[\w-]{22}$/)
    world.reopen()
    expect(world.topics.clusterId).toBe(clusterId)
  })
})

test('topics: what is hidden is found by namespace and name only, and its name is taken', () => {
  const { topics } = new TopicWorld()
  const hidden = topics.createNow(spec('gen-1', { isHidden: true }))
  expect(topics.find('/', 'gen-1')).toBe(hidden)
  expect(topics.byName('gen-1')).toBeUndefined()
  expect(topics.partition('gen-1', 0)).toBeUndefined()
  expect(topics.createFlaw(spec('gen-1'))?.kind).toBe('already-exists')
})
