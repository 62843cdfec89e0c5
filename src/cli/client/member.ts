import { ByteReader, ByteWriter } from '../../lib/bytes/index.ts'
import {
  heartbeat,
  joinGroup,
  leaveGroup,
  offsetCommit,
  offsetFetch,
  syncGroup,
  type ResponseOf,
} from '../../protocols/kafka/schema/index.ts'
import type { Client } from './client.ts'
import { refused, throwIfRefused } from './refusals.ts'

const SESSION_TIMEOUT_MS = 30_000
const MEMBER_ID_REQUIRED = 79
const PROTOCOL = 'range'
/** The group shares its partitions anew, or forgot this member: both mean "join again". */
const REJOIN = new Set([22, 25, 27])

type Joined = ResponseOf<typeof joinGroup>

/** A member of a consumer group, reading one topic. */
export class Member {
  readonly #client: Client
  readonly #group: string
  readonly #topic: string
  #memberId = ''
  #generation = -1

  constructor(client: Client, group: string, topic: string) {
    this.#client = client
    this.#group = group
    this.#topic = topic
  }

  /** Joins, shares the partitions out if it falls to this member, and returns its own. */
  async join(): Promise<number[]> {
    for (;;) {
      const joined = await this.#join()
      this.#memberId = joined.memberId
      if (joined.errorCode === MEMBER_ID_REQUIRED || REJOIN.has(joined.errorCode)) continue
      throwIfRefused(`joining group "${this.#group}"`, joined.errorCode)
      this.#generation = joined.generationId
      const isLeader = joined.leader === joined.memberId
      const synced = await this.#client.askCoordinator(this.#group, syncGroup, {
        groupId: this.#group,
        generationId: this.#generation,
        memberId: this.#memberId,
        protocolType: 'consumer',
        protocolName: PROTOCOL,
        assignments: isLeader ? await this.#share(joined.members) : [],
      })
      if (REJOIN.has(synced.errorCode)) continue
      throwIfRefused(`joining group "${this.#group}"`, synced.errorCode)
      return readAssignment(synced.assignment, this.#topic)
    }
  }

  /** False: the group shares its partitions anew, join again. */
  async heartbeat(): Promise<boolean> {
    const { errorCode } = await this.#client.askCoordinator(this.#group, heartbeat, {
      groupId: this.#group,
      generationId: this.#generation,
      memberId: this.#memberId,
    })
    if (REJOIN.has(errorCode)) return false
    throwIfRefused(`staying in group "${this.#group}"`, errorCode)
    return true
  }

  /** Where the group stands, by partition; without those it never committed. */
  async committed(partitions: readonly number[]): Promise<Map<number, number>> {
    return committedOffsets(this.#client, this.#group, { [this.#topic]: partitions }).then(
      offsets => offsets.get(this.#topic) ?? new Map<number, number>(),
    )
  }

  async commit(positions: ReadonlyMap<number, number>): Promise<void> {
    if (positions.size === 0) return
    const answer = await this.#client.askCoordinator(this.#group, offsetCommit, {
      groupId: this.#group,
      generationIdOrMemberEpoch: this.#generation,
      memberId: this.#memberId,
      topics: [
        {
          name: this.#topic,
          partitions: [...positions].map(([partitionIndex, committedOffset]) => ({
            partitionIndex,
            committedOffset,
            committedMetadata: null,
          })),
        },
      ],
    })
    for (const { errorCode } of answer.topics[0]?.partitions ?? [])
      if (errorCode !== 0 && !REJOIN.has(errorCode))
        throw refused(`committing offsets of group "${this.#group}"`, errorCode)
  }

  /** So that the others need not wait for the session to end. */
  async leave(): Promise<void> {
    const { memberId } = this
    await this.#client.askCoordinator(this.#group, leaveGroup, {
      groupId: this.#group,
      memberId,
      members: [{ memberId }],
    })
  }

  get memberId(): string {
    return this.#memberId
  }

  #join(): Promise<Joined> {
    return this.#client.askCoordinator(this.#group, joinGroup, {
      groupId: this.#group,
      sessionTimeoutMs: SESSION_TIMEOUT_MS,
      rebalanceTimeoutMs: SESSION_TIMEOUT_MS,
      memberId: this.#memberId,
      protocolType: 'consumer',
      protocols: [{ name: PROTOCOL, metadata: subscription(this.#topic) }],
    })
  }

  /** Neighbouring partitions to each of those that read the topic, as "range" asks for. */
  async #share(members: Joined['members']) {
    const subscribers = new Map<string, string[]>() // By topic; others may read other topics.
    for (const { memberId, metadata } of members)
      for (const topic of readSubscription(metadata))
        subscribers.set(topic, [...(subscribers.get(topic) ?? []), memberId])
    const shares = new Map(members.map(({ memberId }) => [memberId, new Map<string, number[]>()]))
    for (const [topic, readers] of subscribers) {
      const partitions = await this.#client.partitionsOf(topic)
      for (const [index, reader] of readers.toSorted().entries()) {
        const from = Math.ceil((partitions.length * index) / readers.length)
        const to = Math.ceil((partitions.length * (index + 1)) / readers.length)
        shares.get(reader)?.set(topic, partitions.slice(from, to))
      }
    }
    return [...shares].map(([memberId, share]) => ({ memberId, assignment: assignment(share) }))
  }
}

/** Committed offsets by topic and partition; null asks for all topics the group ever committed. */
export async function committedOffsets(
  client: Client,
  group: string,
  wanted: Readonly<Record<string, readonly number[]>> | null,
): Promise<Map<string, Map<number, number>>> {
  const topics =
    wanted === null
      ? null
      : Object.entries(wanted).map(([name, partitionIndexes]) => ({ name, partitionIndexes }))
  const answer = await client.askCoordinator(group, offsetFetch, {
    groupId: group,
    topics,
    groups: [{ groupId: group, topics }],
  })
  const one = answer.groups[0] ?? answer
  throwIfRefused(`offsets of group "${group}"`, one.errorCode)
  const offsets = new Map<string, Map<number, number>>()
  for (const { name, partitions } of one.topics) {
    const own = new Map<number, number>()
    for (const { partitionIndex, committedOffset } of partitions)
      if (committedOffset >= 0) own.set(partitionIndex, committedOffset)
    if (own.size > 0) offsets.set(name, own)
  }
  return offsets
}

/** Version 0 of the consumer protocol, which every client reads. */
function subscription(topic: string): Buffer {
  const writer = new ByteWriter()
  writer.int16(0)
  writer.int32(1)
  writeText(writer, topic)
  writer.int32(-1) // No user data.
  return writer.finish()
}

function readSubscription(bytes: Buffer): string[] {
  const reader = new ByteReader(bytes)
  reader.int16() // Newer versions only add fields at the end.
  const count = reader.int32()
  return Array.from({ length: count }, () => reader.text(reader.int16()))
}

function assignment(share: ReadonlyMap<string, readonly number[]>): Buffer {
  const writer = new ByteWriter()
  writer.int16(0)
  writer.int32(share.size)
  for (const [topic, partitions] of share) {
    writeText(writer, topic)
    writer.int32(partitions.length)
    for (const partition of partitions) writer.int32(partition)
  }
  writer.int32(-1)
  return writer.finish()
}

/** The partitions of one topic in an assignment; none when it is empty. */
export function readAssignment(bytes: Buffer, wanted: string): number[] {
  return readAssignments(bytes).get(wanted) ?? []
}

export function readAssignments(bytes: Buffer): Map<string, number[]> {
  const assigned = new Map<string, number[]>()
  if (bytes.length === 0) return assigned
  const reader = new ByteReader(bytes)
  reader.int16()
  for (let left = reader.int32(); left > 0; left--) {
    const topic = reader.text(reader.int16())
    const count = reader.int32()
    assigned.set(
      topic,
      Array.from({ length: count }, () => reader.int32()),
    )
  }
  return assigned
}

function writeText(writer: ByteWriter, text: string): void {
  writer.int16(Buffer.byteLength(text))
  writer.text(text)
}
