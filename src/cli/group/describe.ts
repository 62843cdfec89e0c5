import { errorCode, specialTimestamp } from '../../protocols/kafka/constants.ts'
import { describeGroups as describeGroupsApi } from '../../protocols/kafka/schema/index.ts'
import type { Client } from '../client/client.ts'
import { committedOffsets, readAssignments } from '../client/member.ts'
import { refused, throwIfRefused } from '../client/refusals.ts'
import type { Output } from '../output.ts'

export type GroupFacts = Awaited<ReturnType<typeof groupFacts>>

/** State and members of a group. A group nobody has heard of is an error. */
export async function groupFacts(client: Client, name: string) {
  const answer = await client.askCoordinator(name, describeGroupsApi, { groups: [name] })
  const [facts] = answer.groups
  if (facts === undefined) throw refused(`group "${name}"`, errorCode.GROUP_ID_NOT_FOUND)
  throwIfRefused(`group "${name}"`, facts.errorCode, facts.errorMessage)
  const members = facts.members.map(member => ({
    memberId: member.memberId,
    clientId: member.clientId,
    host: member.clientHost,
    assignment:
      facts.protocolType === 'consumer'
        ? readAssignments(member.memberAssignment)
        : new Map<string, number[]>(),
  }))
  return { name, state: facts.groupState, assignor: facts.protocolData, members }
}

/** Committed offsets, lag and who reads what. */
export async function describeGroups(
  client: Client,
  output: Output,
  names: readonly string[],
): Promise<void> {
  const described = []
  for (const name of names) described.push(await describe(client, name))
  if (output.isJson) return output.json(described)
  for (const { group, state, assignor, members, offsets } of described) {
    const using = assignor === '' ? '' : `  assignor ${assignor}`
    await output.write(`Group ${group}  state ${state}${using}  members ${members.length}\n`)
    const columns = {
      topic: 'TOPIC',
      partition: 'PARTITION',
      offset: 'OFFSET',
      end: 'END',
      lag: 'LAG',
      member: 'MEMBER',
      host: 'HOST',
    }
    await output.table(columns, offsets)
  }
}

async function describe(client: Client, name: string) {
  const facts = await groupFacts(client, name)
  const committed = await committedOffsets(client, name, null)
  if (facts.state === 'Dead' && committed.size === 0)
    throw refused(`group "${name}"`, errorCode.GROUP_ID_NOT_FOUND)
  const owners = ownersOf(facts)
  const wanted = new Map([...committed].map(([topic, own]) => [topic, new Set(own.keys())]))
  for (const { topic, partition } of owners.values())
    wanted.set(topic, (wanted.get(topic) ?? new Set()).add(partition))
  const offsets = []
  for (const [topic, partitions] of wanted) {
    const numbers = [...partitions].toSorted((one, other) => one - other)
    const ends = await endsOf(client, topic, numbers)
    for (const partition of numbers) {
      const offset = committed.get(topic)?.get(partition) ?? null
      const end = ends.get(partition) ?? null
      const lag = offset === null || end === null ? null : Math.max(0, end - offset)
      const owner = owners.get(`${topic}/${partition}`)
      const { member = null, host = null } = owner ?? {}
      offsets.push({ topic, partition, offset, end, lag, member, host })
    }
  }
  const members = facts.members.map(member => ({
    ...member,
    assignment: Object.fromEntries(member.assignment),
  }))
  return { group: name, state: facts.state, assignor: facts.assignor, members, offsets }
}

type Owner = { topic: string; partition: number; member: string; host: string }

function ownersOf(facts: GroupFacts): Map<string, Owner> {
  const owners = new Map<string, Owner>()
  for (const { memberId, host, assignment } of facts.members)
    for (const [topic, partitions] of assignment)
      for (const partition of partitions)
        owners.set(`${topic}/${partition}`, { topic, partition, member: memberId, host })
  return owners
}

/** A topic may be gone while a group still has offsets of it: then it has no end. */
async function endsOf(
  client: Client,
  topic: string,
  partitions: readonly number[],
): Promise<Map<number, number>> {
  const [facts] = await client.topics([topic])
  if (facts === undefined || facts.errorCode === errorCode.UNKNOWN_TOPIC_OR_PARTITION)
    return new Map()
  const there = new Set(facts.partitions.map(({ partitionIndex }) => partitionIndex))
  return client.offsetsAt(
    topic,
    partitions.filter(one => there.has(one)),
    specialTimestamp.LATEST,
  )
}
