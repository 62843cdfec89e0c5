import { describe, expect, test } from 'vitest'
import { GroupWorld, subscription } from '../broker/group-world.ts'
import { ByteReader, ByteWriter } from '../../src/lib/bytes/index.ts'
import { handlerOf } from '../../src/protocols/kafka/handlers/index.ts'
import { requestCodec, responseCodec } from '../../src/protocols/kafka/schema/codecs.ts'
import type { Api, Fields, RequestDraft, ResponseOf } from '../../src/protocols/kafka/schema/dsl.ts'
import {
  deleteGroups,
  describeGroups,
  findCoordinator,
  heartbeat,
  joinGroup,
  leaveGroup,
  listGroups,
  offsetCommit,
  offsetDelete,
  offsetFetch,
  syncGroup,
} from '../../src/protocols/kafka/schema/index.ts'

const ORDERS_ID = 'AAAAAAAAAAAAAAAAAAAAAQ'
const OTHER_ID = 'AAAAAAAAAAAAAAAAAAAAAg'

/** Asks the handlers as a connection would, through the bytes of each version, without a socket. */
class Wire {
  readonly world = new GroupWorld()
  readonly closing = new Set<() => void>()

  ask<Request extends Fields, Response extends Fields>(
    api: Api<Request, Response>,
    version: number,
    draft: RequestDraft<Api<Request, Response>>,
  ): Promise<ResponseOf<Api<Request, Response>>> {
    const handler = handlerOf(api.key)
    if (handler === undefined) throw new Error(`nobody serves ${api.name}`)
    const writer = new ByteWriter()
    requestCodec(api, version).write(writer, draft)
    const request = requestCodec(api, version).read(new ByteReader(writer.finish()))
    const answer = Promise.resolve(handler.answer(request, this.#context(version) as never))
    return answer.then(response => {
      responseCodec(api, version).write(writer, response as never)
      return responseCodec(api, version).read(new ByteReader(writer.finish()))
    })
  }

  /** As `ask`, with the disk confirming at once. */
  now<Request extends Fields, Response extends Fields>(
    api: Api<Request, Response>,
    version: number,
    draft: RequestDraft<Api<Request, Response>>,
  ) {
    const answer = this.ask(api, version, draft)
    this.world.confirm()
    return answer
  }

  /** A member of a stable group. */
  async member(groupId: string, version = 9) {
    const { world } = this
    let answer = await this.#join(groupId, version, '')
    if (answer.errorCode === 79) answer = await this.#join(groupId, version, answer.memberId)
    const { memberId, generationId } = answer
    const assignments = [{ memberId, assignment: Buffer.from('p0') }]
    const syncing = this.ask(syncGroup, 5, { groupId, memberId, generationId, assignments })
    world.confirm()
    expect((await syncing).assignment.toString()).toBe('p0')
    return { memberId, generationId }
  }

  #join(groupId: string, version: number, memberId: string) {
    const answer = this.ask(joinGroup, version, {
      groupId,
      sessionTimeoutMs: 10_000,
      rebalanceTimeoutMs: 60_000,
      memberId,
      protocolType: 'consumer',
      protocols: [{ name: 'range', metadata: subscription('orders') }],
    })
    this.world.wait(50)
    return answer
  }

  #context(version: number) {
    const orders = { name: 'orders', id: ORDERS_ID, partitions: [{}, {}] }
    const topics = {
      byName: (name: string) => (name === 'orders' ? orders : undefined),
      byId: (id: string) => (id === ORDERS_ID ? orders : undefined),
      partition: (name: string, index: number) =>
        name === 'orders' ? orders.partitions[index] : undefined,
    }
    const runtime = { settings: { nodeId: 7 } }
    const local = { host: '::ffff:10.0.0.1', port: 9092 }
    const peer = { local, listener: { name: 'kafka', advertised: null } }
    const client = { host: '/10.0.0.2', whenClosed: this.closing }
    const broker = { topics, groups: this.world.groups, runtime }
    return { broker, peer, client, version, clientId: 'test' }
  }
}

const versionsOf = ({ versions: [first, last] }: Api): number[] =>
  Array.from({ length: last - first + 1 }, (_, index) => first + index)

describe('group APIs, every version', () => {
  for (const version of versionsOf(joinGroup)) {
    test(`JoinGroup ${version}`, async () => {
      const wire = new Wire()
      const { memberId, generationId } = await wire.member('g', version)
      expect(generationId).toBe(1)
      const answer = await wire.ask(heartbeat, 4, { groupId: 'g', memberId, generationId })
      expect(answer.errorCode).toBe(0)
    })
  }

  for (const version of versionsOf(joinGroup)) {
    test(`JoinGroup ${version} refused`, async () => {
      const answer = await new Wire().ask(joinGroup, version, {
        groupId: '',
        sessionTimeoutMs: 10_000,
        memberId: '',
        protocolType: 'consumer',
        protocols: [],
      })
      expect(answer).toMatchObject({ errorCode: 24, generationId: -1, leader: '', members: [] })
      expect(answer.protocolName).toBe(version < 7 ? '' : null)
    })
  }

  for (const version of versionsOf(syncGroup)) {
    test(`SyncGroup ${version}, Heartbeat and LeaveGroup`, async () => {
      const wire = new Wire()
      const { memberId, generationId } = await wire.member('g')
      const claim = { groupId: 'g', memberId, generationId }
      const synced = await wire.ask(syncGroup, version, { ...claim, assignments: [] })
      expect([synced.errorCode, synced.assignment.toString()]).toEqual([0, 'p0'])
      expect(synced.protocolName).toBe(version < 5 ? null : 'range')
      const beat = await wire.ask(heartbeat, Math.min(version, 4), { ...claim, generationId: 9 })
      expect(beat.errorCode).toBe(22)
      const leaving = { groupId: 'g', memberId, members: [{ memberId }] }
      expect((await wire.ask(leaveGroup, version, leaving)).errorCode).toBe(0)
      const again = await wire.ask(leaveGroup, version, leaving)
      if (version < 3) expect(again.errorCode).toBe(25)
      else expect([again.errorCode, again.members[0]?.errorCode]).toEqual([0, 25])
    })
  }

  for (const version of versionsOf(offsetCommit)) {
    test(`OffsetCommit ${version}, OffsetFetch ${version}`, async () => {
      const wire = new Wire()
      const partition = { committedOffset: 5, committedLeaderEpoch: 3, committedMetadata: 'm' }
      const committed = await wire.now(offsetCommit, version, {
        groupId: 'g',
        topics: [
          {
            name: 'orders',
            topicId: ORDERS_ID,
            partitions: [
              { ...partition, partitionIndex: 0 },
              { ...partition, partitionIndex: 1, committedMetadata: 'x'.repeat(4097) },
              { ...partition, partitionIndex: 2 },
            ],
          },
          { name: 'other', topicId: OTHER_ID, partitions: [{ ...partition, partitionIndex: 0 }] },
        ],
      })
      const codes = committed.topics.map(topic => topic.partitions.map(one => one.errorCode))
      expect(codes).toEqual([[0, 12, 3], [version < 10 ? 3 : 100]])
      const topics = [
        { name: 'orders', topicId: ORDERS_ID, partitionIndexes: [0, 1] },
        { name: 'other', topicId: OTHER_ID, partitionIndexes: [0] },
      ]
      const groups = [{ groupId: 'g', topics }]
      const wanted = { groupId: 'g', topics, groups }
      const fetched = await wire.now(offsetFetch, version, wanted)
      const found = version < 8 ? fetched.topics : fetched.groups[0]!.topics
      expect(found[0]!.partitions).toEqual([
        {
          partitionIndex: 0,
          committedOffset: 5,
          committedLeaderEpoch: version < 6 ? -1 : 3,
          metadata: 'm',
          errorCode: 0,
        },
        expect.objectContaining({ committedOffset: -1, metadata: '', errorCode: 0 }),
      ])
      const code = version === 0 ? 3 : version < 10 ? 0 : 100
      expect(found[1]!.partitions).toMatchObject([{ committedOffset: -1, errorCode: code }])
      if (version < 2) return
      const everything = { groupId: 'g', topics: null, groups: [{ groupId: 'g', topics: null }] }
      const all = await wire.now(offsetFetch, version, everything)
      const allTopics = version < 8 ? all.topics : all.groups[0]!.topics
      expect(allTopics.map(topic => topic.partitions.length)).toEqual([1])
    })
  }

  for (const version of versionsOf(describeGroups)) {
    test(`DescribeGroups ${version}`, async () => {
      const wire = new Wire()
      await wire.member('g')
      const includeAuthorizedOperations = true
      const request = { groups: ['g', 'nobody'], includeAuthorizedOperations }
      const { groups } = await wire.ask(describeGroups, version, request)
      expect(groups[0]).toMatchObject({
        groupState: 'Stable',
        protocolType: 'consumer',
        protocolData: 'range',
        members: [{ clientId: 'test', clientHost: '/10.0.0.2', groupInstanceId: null }],
        authorizedOperations: version < 3 ? -(2 ** 31) : 0b1101_0100_1000,
      })
      expect(groups[1]).toMatchObject({
        groupState: 'Dead',
        errorCode: version < 6 ? 0 : 69,
        errorMessage: version < 6 ? null : 'Group nobody not found.',
      })
    })
  }

  for (const version of versionsOf(listGroups)) {
    test(`ListGroups ${version}`, async () => {
      const wire = new Wire()
      await wire.member('works')
      await wire.now(offsetCommit, 2, {
        groupId: 'rests',
        topics: [
          {
            name: 'orders',
            partitions: [{ partitionIndex: 0, committedOffset: 1, committedMetadata: null }],
          },
        ],
      })
      const names = async (statesFilter: string[], typesFilter: string[]) => {
        const answer = await wire.ask(listGroups, version, { statesFilter, typesFilter })
        return answer.groups.map(({ groupId }) => groupId)
      }
      expect(await names([], [])).toEqual(['works', 'rests'])
      if (version >= 4) expect(await names(['empty'], [])).toEqual(['rests'])
      if (version >= 5) expect(await names(['STABLE'], ['Classic'])).toEqual(['works'])
      if (version >= 5) expect(await names([], ['consumer'])).toEqual([])
    })
  }

  for (const version of versionsOf(findCoordinator)) {
    test(`FindCoordinator ${version}`, async () => {
      const wire = new Wire()
      const ask = async (keyType: number) => {
        const answer = await wire.ask(findCoordinator, version, {
          ...(version < 4 ? { key: 'k' } : { coordinatorKeys: ['k', 'l'] }),
          ...(version > 0 ? { keyType } : {}),
        })
        return version < 4 ? answer : answer.coordinators[1]
      }
      expect(await ask(0)).toMatchObject({ errorCode: 0, nodeId: 7, host: '10.0.0.1', port: 9092 })
      if (version > 0) expect(await ask(1)).toMatchObject({ errorCode: 42, nodeId: -1 })
    })
  }

  test('DeleteGroups and OffsetDelete', async () => {
    const wire = new Wire()
    const { memberId } = await wire.member('g')
    const partitions = [{ partitionIndex: 0 }, { partitionIndex: 2 }]
    const request = { groupId: 'g', topics: [{ name: 'orders', partitions }] }
    const inUse = await wire.now(offsetDelete, 0, request)
    expect(inUse.topics[0]?.partitions.map(one => one.errorCode)).toEqual([86, 3])
    expect((await wire.now(offsetDelete, 0, { ...request, groupId: 'h' })).errorCode).toBe(69)
    const groupsNames = ['g', 'nobody']
    const codes = async (version: number) => {
      const { results } = await wire.now(deleteGroups, version, { groupsNames })
      return results.map(one => one.errorCode)
    }
    expect(await codes(0)).toEqual([68, 69])
    await wire.now(leaveGroup, 3, { groupId: 'g', members: [{ memberId }] })
    expect((await wire.now(offsetDelete, 0, request)).topics[0]?.partitions).toEqual([
      { partitionIndex: 0, errorCode: 0 },
      { partitionIndex: 2, errorCode: 3 },
    ])
    expect(await codes(2)).toEqual([0, 69])
  })

  test('a waiting join ends with its connection', async () => {
    const wire = new Wire()
    const answer = wire.ask(joinGroup, 3, {
      groupId: 'g',
      sessionTimeoutMs: 10_000,
      memberId: '',
      protocolType: 'consumer',
      protocols: [{ name: 'range', metadata: subscription('orders') }],
    })
    for (const end of wire.closing) end()
    expect((await answer).errorCode).toBe(15)
  })
})
