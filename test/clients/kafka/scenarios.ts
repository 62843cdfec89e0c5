import { deepEqual, equal, notEqual, ok } from 'node:assert/strict'
import {
  type Compression,
  compressions,
  type Operation,
  type Operations,
  type Row,
} from './driver.ts'
import { groupScenarios } from './scenarios-groups.ts'
import { eventually, refused, rows, valuesOf } from './steps.ts'

/** What a scenario works with: a client, the broker it talks to, and a name nobody else uses. */
export type Stage = {
  readonly client: Operations
  readonly name: string
  /** Stops the broker in good order and starts it again on the same data and port. */
  readonly restart: () => Promise<void>
}

/** `needs`: a client that lacks one of these operations does not have the feature at all. */
export type Scenario = {
  readonly name: string
  readonly needs: readonly Operation[]
  readonly compression?: Compression
  /** Clients in which the feature is missing or works otherwise, and why. */
  readonly except?: Readonly<Record<string, string>>
  run(stage: Stage): Promise<void>
}

const topicScenarios: Scenario[] = [
  {
    name: 'a topic is created, listed, described and deleted',
    needs: ['createTopic', 'listTopics', 'describeTopic', 'deleteTopic'],
    run: async ({ client, name }) => {
      await client.createTopic({ topic: name, partitions: 3 })
      ok((await client.listTopics({})).includes(name))
      deepEqual(await client.describeTopic({ topic: name }), { partitions: 3 })
      await refused(() => client.createTopic({ topic: name, partitions: 1 }), 36)
      await client.deleteTopic({ topic: name })
      await eventually(async () => !(await client.listTopics({})).includes(name))
    },
  },
  {
    name: 'what cannot be made or is not there is refused by its code',
    needs: ['createTopic', 'deleteTopic'],
    run: async ({ client, name }) => {
      await refused(() => client.createTopic({ topic: `${name}/bad name`, partitions: 1 }), 17)
      await refused(
        () => client.createTopic({ topic: name, partitions: 1, configs: { 'no.such': '1' } }),
        40,
      )
      await refused(() => client.deleteTopic({ topic: `${name}-missing` }), 3)
    },
  },
  {
    name: 'settings are described and altered',
    needs: ['createTopic', 'describeConfigs', 'alterConfigs'],
    run: async ({ client, name }) => {
      const configs = { 'retention.ms': '123456', 'cleanup.policy': 'compact' }
      await client.createTopic({ topic: name, partitions: 1, configs })
      const before = await client.describeConfigs({ topic: name })
      equal(before['retention.ms'], '123456')
      equal(before['cleanup.policy'], 'compact')
      equal(before['max.message.bytes'], '1048588')
      await client.alterConfigs({ topic: name, set: { 'retention.ms': '654321' } })
      await eventually(
        async () => (await client.describeConfigs({ topic: name }))['retention.ms'] === '654321',
      )
      await refused(() => client.alterConfigs({ topic: name, set: { 'retention.ms': 'x' } }), 40)
    },
  },
  {
    name: 'partitions are added, and used at once',
    needs: ['createTopic', 'createPartitions', 'describeTopic', 'produce', 'consume'],
    run: async ({ client, name }) => {
      await client.createTopic({ topic: name, partitions: 1 })
      await client.createPartitions({ topic: name, total: 4 })
      await eventually(async () => (await client.describeTopic({ topic: name })).partitions === 4)
      await client.produce({ topic: name, records: rows(1, 3) })
      equal(
        (await client.consume({ topic: name, partition: 3, from: 'earliest', count: 1 })).length,
        1,
      )
      await refused(() => client.createPartitions({ topic: name, total: 2 }), 37)
    },
  },
  {
    name: 'deleted records are gone for readers',
    needs: ['createTopic', 'produce', 'deleteRecords', 'offsets', 'consume'],
    run: async ({ client, name }) => {
      await client.createTopic({ topic: name, partitions: 1 })
      await client.produce({ topic: name, records: rows(5) })
      await client.deleteRecords({ topic: name, partition: 0, before: 3 })
      deepEqual(await client.offsets({ topic: name, partition: 0, at: 'earliest' }), { offset: 3 })
      deepEqual(await client.offsets({ topic: name, partition: 0, at: 'latest' }), { offset: 5 })
      const left = await client.consume({ topic: name, partition: 0, from: 'earliest', count: 2 })
      deepEqual(valuesOf(left), ['value-3', 'value-4'])
    },
  },
  {
    name: 'the cluster and its log folders are described',
    needs: ['cluster'],
    run: async ({ client }) => {
      const { brokers, controller, clusterId } = await client.cluster({})
      equal(brokers, 1)
      ok(controller >= 0)
      notEqual(clusterId, '')
    },
  },
  {
    name: 'log folders tell the size of each partition',
    needs: ['createTopic', 'produce', 'logDirs'],
    run: async ({ client, name }) => {
      await client.createTopic({ topic: name, partitions: 2 })
      await client.produce({ topic: name, records: rows(3, 1) })
      await eventually(async () => ((await client.logDirs({ topic: name }))['1'] ?? 0) > 0)
      equal((await client.logDirs({ topic: name }))['0'], 0)
    },
  },
]

const full: Row[] = [
  {
    partition: 0,
    key: 'k',
    value: 'v',
    headers: { a: '1', b: 'zwei ✓' },
    timestamp: 1_700_000_000_123,
  },
  { partition: 0, key: null, value: 'no key', timestamp: 1_700_000_000_124 },
  { partition: 0, key: 'tombstone', value: null, timestamp: 1_700_000_000_125 },
  { partition: 0, key: '', value: '', timestamp: 1_700_000_000_126 },
]

/** For topics whose records say that they are years old. */
const forEver = { 'retention.ms': '-1' }

async function sentAndRead(client: Operations, topic: string, records: Row[]): Promise<void> {
  await client.createTopic({ topic, partitions: 1, configs: forEver })
  await client.produce({ topic, records })
  const count = records.length
  const read = await client.consume({ topic, partition: 0, from: 'earliest', count })
  deepEqual(
    read,
    records.map((row, offset) => ({ ...row, offset, headers: row.headers ?? {} })),
  )
}

const recordScenarios: Scenario[] = [
  {
    name: 'keys, values, headers and timestamps come back as they were sent',
    needs: ['createTopic', 'produce', 'consume'],
    except: { kcat: 'it cannot set headers and times per record' },
    run: async ({ client, name }) => {
      const records = full.filter(({ key, value }) => key !== null && value !== null)
      await sentAndRead(client, name, records)
    },
  },
  {
    name: 'null keys and null values are not the empty ones',
    needs: ['createTopic', 'produce', 'consume'],
    except: {
      platformatic: 'it reads null as empty',
      kcat: 'it cannot write both null and empty ones at once',
    },
    run: ({ client, name }) => sentAndRead(client, name, full),
  },
  ...compressions.map(
    (compression): Scenario => ({
      name: `batches are written and read with compression ${compression}`,
      compression,
      needs: ['createTopic', 'produce', 'consume'],
      run: async ({ client, name }) => {
        await client.createTopic({ topic: name, partitions: 1 })
        const records = rows(50).map(row => ({ ...row, value: `${row.value} ${'ab'.repeat(200)}` }))
        await client.produce({ topic: name, records, compression })
        const read = await client.consume({
          topic: name,
          partition: 0,
          from: 'earliest',
          count: 50,
        })
        deepEqual(valuesOf(read), valuesOf(records))
      },
    }),
  ),
  {
    name: 'a message of 900 kB passes, one of 1.5 MB is refused',
    needs: ['createTopic', 'produce', 'consume'],
    run: async ({ client, name }) => {
      await client.createTopic({ topic: name, partitions: 1 })
      const big = [{ partition: 0, key: null, value: 'x'.repeat(900_000) }]
      await client.produce({ topic: name, records: big })
      await refused(
        () =>
          client.produce({
            topic: name,
            records: [{ partition: 0, key: null, value: 'y'.repeat(1_500_000) }],
          }),
        10,
      )
      const read = await client.consume({ topic: name, partition: 0, from: 'earliest', count: 1 })
      deepEqual(valuesOf(read), valuesOf(big))
    },
  },
  ...([0, 1, -1] as const).map(
    (acks): Scenario => ({
      name: `records are written with acks ${acks}`,
      needs: ['createTopic', 'produce', 'consume'],
      run: async ({ client, name }) => {
        await client.createTopic({ topic: name, partitions: 1 })
        await client.produce({ topic: name, records: rows(3), acks })
        const read = await client.consume({ topic: name, partition: 0, from: 'earliest', count: 3 })
        deepEqual(valuesOf(read), valuesOf(rows(3)))
      },
    }),
  ),
  {
    name: 'an idempotent producer writes each record once, in order',
    needs: ['createTopic', 'produce', 'consume', 'offsets'],
    run: async ({ client, name }) => {
      await client.createTopic({ topic: name, partitions: 1 })
      for (const _ of [1, 2]) {
        await client.produce({ topic: name, records: rows(100), idempotent: true })
      }
      deepEqual(await client.offsets({ topic: name, partition: 0, at: 'latest' }), { offset: 200 })
      const read = await client.consume({ topic: name, partition: 0, from: 'earliest', count: 200 })
      deepEqual(valuesOf(read), [...valuesOf(rows(100)), ...valuesOf(rows(100))])
    },
  },
  {
    name: 'many partitions keep their records apart',
    needs: ['createTopic', 'produce', 'consume'],
    except: {
      platformatic: "it cannot read an answer about so many partitions, not even Apache's",
    },
    run: async ({ client, name }) => {
      await client.createTopic({ topic: name, partitions: 30 })
      const records = Array.from({ length: 90 }, (_, index) => ({
        partition: index % 30,
        key: null,
        value: `value-${index}`,
      }))
      await client.produce({ topic: name, records })
      for (const partition of [0, 17, 29]) {
        const read = await client.consume({ topic: name, partition, from: 'earliest', count: 3 })
        deepEqual(
          valuesOf(read),
          valuesOf(records.filter(record => record.partition === partition)),
        )
      }
    },
  },
  {
    name: 'reading starts at an offset or at a time',
    needs: ['createTopic', 'produce', 'consume'],
    except: { kcat: 'it cannot set the times of records' },
    run: async ({ client, name }) => {
      await client.createTopic({ topic: name, partitions: 1, configs: forEver })
      await client.produce({ topic: name, records: full })
      const at = { topic: name, partition: 0 }
      const byOffset = await client.consume({ ...at, from: { offset: 1 }, count: 1 })
      equal(byOffset[0]?.offset, 1)
      const byTime = await client.consume({ ...at, from: { time: 1_700_000_000_125 }, count: 2 })
      equal(byTime[0]?.key, 'tombstone')
    },
  },
  {
    name: 'offsets are found by time',
    needs: ['createTopic', 'produce', 'offsets'],
    except: { kcat: 'it cannot set the times of records' },
    run: async ({ client, name }) => {
      await client.createTopic({ topic: name, partitions: 1, configs: forEver })
      await client.produce({ topic: name, records: full })
      const at = { topic: name, partition: 0 }
      deepEqual(await client.offsets({ ...at, at: 1_700_000_000_124 }), { offset: 1 })
      deepEqual(await client.offsets({ ...at, at: 'earliest' }), { offset: 0 })
      deepEqual(await client.offsets({ ...at, at: 'latest' }), { offset: 4 })
    },
  },
  {
    name: 'an unknown topic is made by the first record',
    needs: ['produce', 'consume'],
    run: async ({ client, name }) => {
      await eventually(async () => {
        await client.produce({ topic: name, records: rows(1) })
        return true
      })
      const read = await client.consume({ topic: name, partition: 0, from: 'earliest', count: 1 })
      deepEqual(valuesOf(read), ['value-0'])
    },
  },
  {
    name: 'records, topics and offsets outlive a restart',
    needs: ['createTopic', 'produce', 'consume', 'join', 'poll', 'commit', 'leave', 'committed'],
    run: async ({ client, name, restart }) => {
      await client.createTopic({ topic: name, partitions: 2 })
      await client.produce({ topic: name, records: rows(10) })
      const member = `${name}-m`
      await client.join({ member, group: name, topic: name, reset: 'earliest' })
      equal((await client.poll({ member, count: 4, timeoutMs: 20_000 })).length, 4)
      await client.commit({ member })
      await client.leave({ member })
      await restart()
      await eventually(async () => {
        deepEqual(await client.committed({ group: name, topic: name }), { 0: 4 })
        return true
      })
      await client.produce({ topic: name, records: rows(2, 1) })
      const read = await client.consume({
        topic: name,
        partition: 0,
        from: { offset: 4 },
        count: 6,
      })
      deepEqual(valuesOf(read), valuesOf(rows(10)).slice(4))
    },
  },
]

export const scenarios: readonly Scenario[] = [
  ...topicScenarios,
  ...recordScenarios,
  ...groupScenarios,
]
