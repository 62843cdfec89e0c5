import { deepEqual, equal, ok } from 'node:assert/strict'
import type { Operations } from './driver.ts'
import type { Scenario } from './scenarios.ts'
import { eventually, refused, rows, valuesOf } from './steps.ts'

const membership = ['createTopic', 'produce', 'join', 'assignment', 'poll', 'leave'] as const

/** Waits until the members own all partitions between them, none of them twice or idle. */
async function shared(client: Operations, members: string[], partitions: number): Promise<void> {
  await eventually(async () => {
    const owned: number[] = []
    for (const member of members) {
      const mine = (await client.assignment({ member })).partitions
      ok(mine.length > 0, `${member} owns nothing`)
      owned.push(...mine)
    }
    deepEqual(
      owned.toSorted((a, b) => a - b),
      Array.from({ length: partitions }, (_, index) => index),
    )
    return true
  }, 40_000)
}

function sharing(strategy: 'range' | 'cooperative-sticky'): Scenario {
  return {
    name: `members share partitions as they join and leave, ${strategy}`,
    needs: membership,
    except: {
      ...(strategy === 'range'
        ? {}
        : {
            kafkajs: 'it has no cooperative protocol',
            kcat: 'it replaces its assignment, which the cooperative protocol forbids',
            platformatic: 'it has no cooperative protocol',
            aiokafka: 'it has no cooperative protocol',
            sarama: 'it has no cooperative protocol',
          }),
    },
    run: async ({ client, name }) => {
      await client.createTopic({ topic: name, partitions: 4 })
      const joining = { group: name, topic: name, reset: 'earliest', strategy } as const
      const [first, second] = [`${name}-1`, `${name}-2`]
      await client.join({ member: first, ...joining })
      await shared(client, [first], 4)
      await client.join({ member: second, ...joining })
      await shared(client, [first, second], 4)
      for (const partition of [0, 1, 2, 3]) {
        await client.produce({ topic: name, records: rows(5, partition) })
      }
      // Nothing is committed, so another rebalance may deliver again; but nothing may be missing.
      const read = new Set<string>()
      await eventually(async () => {
        for (const member of [first, second]) {
          const found = await client.poll({ member, count: 20, timeoutMs: 300 })
          for (const { partition, offset, value } of found)
            read.add(`${partition}:${offset}:${value}`)
        }
        return read.size >= 20
      })
      const each = [0, 1, 2, 3].flatMap(partition =>
        valuesOf(rows(5)).map((value, offset) => `${partition}:${offset}:${value}`),
      )
      deepEqual([...read].toSorted(), each)
      await client.leave({ member: first })
      await shared(client, [second], 4)
      await client.leave({ member: second })
    },
  }
}

export const groupScenarios: Scenario[] = [
  sharing('range'),
  sharing('cooperative-sticky'),
  {
    name: 'a group goes on where it committed',
    needs: [...membership, 'commit', 'committed'],
    run: async ({ client, name }) => {
      await client.createTopic({ topic: name, partitions: 1 })
      await client.produce({ topic: name, records: rows(10) })
      const joining = { group: name, topic: name, reset: 'earliest' } as const
      await client.join({ member: `${name}-1`, ...joining })
      const first = await client.poll({ member: `${name}-1`, count: 6, timeoutMs: 20_000 })
      deepEqual(valuesOf(first), valuesOf(rows(10)).slice(0, 6))
      await client.commit({ member: `${name}-1` })
      await client.leave({ member: `${name}-1` })
      deepEqual(await client.committed({ group: name, topic: name }), { 0: 6 })
      await client.join({ member: `${name}-2`, ...joining })
      const rest = await client.poll({ member: `${name}-2`, count: 4, timeoutMs: 20_000 })
      deepEqual(valuesOf(rest), valuesOf(rows(10)).slice(6))
      await client.leave({ member: `${name}-2` })
    },
  },
  {
    name: 'a new group may start with the latest records',
    needs: membership,
    run: async ({ client, name }) => {
      const member = `${name}-1`
      await client.createTopic({ topic: name, partitions: 1 })
      await client.produce({ topic: name, records: rows(5) })
      await client.join({ member, group: name, topic: name, reset: 'latest' })
      await shared(client, [member], 1)
      // The member looks up the end in its own time: only what follows that is certain to come.
      const read: (string | null)[] = []
      await eventually(async () => {
        const late = [{ partition: 0, key: null, value: 'late' }]
        await client.produce({ topic: name, records: late })
        read.push(...valuesOf(await client.poll({ member, count: 1, timeoutMs: 1000 })))
        return read.length > 0
      })
      ok(read.every(value => value === 'late'))
      await client.leave({ member })
    },
  },
  {
    name: 'a static member that restarts keeps its partitions without a rebalance',
    needs: [...membership, 'describeGroup'],
    except: {
      kafkajs: 'it has no static membership',
      platformatic: 'it has no static membership',
    },
    run: async ({ client, name }) => {
      await client.createTopic({ topic: name, partitions: 4 })
      const joining = { group: name, topic: name, reset: 'earliest' } as const
      const [first, second] = [`${name}-1`, `${name}-2`]
      await client.join({ member: first, ...joining, instanceId: 'one' })
      await shared(client, [first], 4)
      await client.join({ member: second, ...joining, instanceId: 'two' })
      await shared(client, [first, second], 4)
      const before = await client.assignment({ member: second })
      await client.leave({ member: second })
      deepEqual(await client.describeGroup({ group: name }), { state: 'Stable', members: 2 })
      await client.join({ member: second, ...joining, instanceId: 'two' })
      await shared(client, [first, second], 4)
      deepEqual(await client.assignment({ member: second }), before)
      await client.leave({ member: first })
      await client.leave({ member: second })
    },
  },
  {
    name: 'groups are listed, described and deleted',
    needs: [...membership, 'commit', 'listGroups', 'describeGroup', 'deleteGroup'],
    run: async ({ client, name }) => {
      const member = `${name}-1`
      await client.createTopic({ topic: name, partitions: 1 })
      await client.produce({ topic: name, records: rows(1) })
      await client.join({ member, group: name, topic: name, reset: 'earliest' })
      equal((await client.poll({ member, count: 1, timeoutMs: 20_000 })).length, 1)
      await client.commit({ member })
      ok((await client.listGroups({})).includes(name))
      deepEqual(await client.describeGroup({ group: name }), { state: 'Stable', members: 1 })
      await refused(() => client.deleteGroup({ group: name }), 68)
      await client.leave({ member })
      await eventually(async () => (await client.describeGroup({ group: name })).state === 'Empty')
      await client.deleteGroup({ group: name })
      ok(!(await client.listGroups({})).includes(name))
    },
  },
  {
    name: 'committed offsets of an idle group are altered and deleted',
    needs: ['createTopic', 'produce', 'alterOffsets', 'committed'],
    run: async ({ client, name }) => {
      await client.createTopic({ topic: name, partitions: 2 })
      await client.produce({ topic: name, records: rows(5) })
      const at = { group: name, topic: name }
      await client.alterOffsets({ ...at, partition: 0, offset: 3 })
      await client.alterOffsets({ ...at, partition: 1, offset: 0 })
      deepEqual(await client.committed(at), { 0: 3, 1: 0 })
      if (client.deleteOffsets === undefined) return
      await client.deleteOffsets({ ...at, partition: 1 })
      deepEqual(await client.committed(at), { 0: 3 })
    },
  },
]
