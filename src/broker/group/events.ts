import { assert } from '../../lib/assert.ts'
import type { Millis } from '../../lib/brand.ts'
import { ByteReader, ByteWriter } from '../../lib/bytes/index.ts'
import type { SavedMember } from './member.ts'

/** A group as it is found again after a restart. */
export type SavedGroup = {
  readonly generation: number
  /** Null until somebody joined: then the group only keeps offsets. */
  readonly protocolType: string | null
  readonly protocolName: string | null
  readonly leader: string | null
  /** When it was saved; for an empty group this is when it became empty. */
  readonly savedAt: Millis
  readonly members: readonly SavedMember[]
}

export type OffsetToCommit = {
  readonly topic: string
  readonly partition: number
  readonly offset: number
  /** -1 when the consumer does not know. */
  readonly leaderEpoch: number
  readonly metadata: string
}

/** What may happen to the lasting state of groups. */
export type GroupEvent =
  | { readonly kind: 'saved'; readonly groupId: string; readonly group: SavedGroup }
  | { readonly kind: 'deleted'; readonly groupId: string }
  | {
      readonly kind: 'committed'
      readonly groupId: string
      readonly committedAt: Millis
      /** When the offsets go, whatever the group does; null: by the broker's retention. */
      readonly expiresAt: Millis | null
      readonly offsets: readonly OffsetToCommit[]
    }
  | {
      readonly kind: 'forgotten'
      readonly groupId: string
      readonly partitions: readonly { readonly topic: string; readonly partition: number }[]
    }

const kinds = ['saved', 'deleted', 'committed', 'forgotten'] as const
const NEVER = -1

/**
 * Event bytes:
 *
 *   byte 0   then           the rest
 *   kind     group id       fields in the order of the types above
 *
 * A text is its length (variable-length integer) and UTF-8; one that may be null has its length
 * plus one, and 0 for null. Offsets and times are eight bytes.
 */
export function encodeEvent(event: GroupEvent): Buffer {
  const writer = new ByteWriter()
  writer.varuint(kinds.indexOf(event.kind))
  writeText(writer, event.groupId)
  if (event.kind === 'saved') writeGroup(writer, event.group)
  if (event.kind === 'committed') writeCommit(writer, event)
  if (event.kind === 'forgotten') {
    writer.varuint(event.partitions.length)
    for (const { topic, partition } of event.partitions) {
      writeText(writer, topic)
      writer.varuint(partition)
    }
  }
  return writer.finish()
}

export function decodeEvent(bytes: Buffer): GroupEvent {
  const reader = new ByteReader(bytes)
  const kind = kinds[reader.varuint()]
  assert(kind !== undefined, 'a journaled group event is of a kind we know')
  const groupId = readText(reader)
  switch (kind) {
    case 'saved':
      return { kind, groupId, group: readGroup(reader) }
    case 'deleted':
      return { kind, groupId }
    case 'committed':
      return { kind, groupId, ...readCommit(reader) }
    case 'forgotten': {
      const partitions = readList(reader, () => {
        const topic = readText(reader)
        return { topic, partition: reader.varuint() }
      })
      return { kind, groupId, partitions }
    }
  }
}

function writeGroup(writer: ByteWriter, group: SavedGroup): void {
  writer.int32(group.generation)
  writeNullableText(writer, group.protocolType)
  writeNullableText(writer, group.protocolName)
  writeNullableText(writer, group.leader)
  writer.int64(group.savedAt)
  writer.varuint(group.members.length)
  for (const member of group.members) {
    writeText(writer, member.id)
    writeNullableText(writer, member.instanceId)
    writeText(writer, member.clientId)
    writeText(writer, member.clientHost)
    writer.int32(member.sessionMs)
    writer.int32(member.rebalanceMs)
    writer.varuint(member.protocols.length)
    for (const { name, metadata } of member.protocols) {
      writeText(writer, name)
      writeBytes(writer, metadata)
    }
    writeBytes(writer, member.assignment)
  }
}

function readGroup(reader: ByteReader): SavedGroup {
  return {
    generation: reader.int32(),
    protocolType: readNullableText(reader),
    protocolName: readNullableText(reader),
    leader: readNullableText(reader),
    savedAt: reader.int64() as Millis,
    members: readList(reader, () => readMember(reader)),
  }
}

function readMember(reader: ByteReader): SavedMember {
  return {
    id: readText(reader),
    instanceId: readNullableText(reader),
    clientId: readText(reader),
    clientHost: readText(reader),
    sessionMs: reader.int32(),
    rebalanceMs: reader.int32(),
    protocols: readList(reader, () => ({ name: readText(reader), metadata: readBytes(reader) })),
    assignment: readBytes(reader),
  }
}

type Commit = Omit<Extract<GroupEvent, { kind: 'committed' }>, 'kind' | 'groupId'>

function writeCommit(writer: ByteWriter, commit: Commit): void {
  writer.int64(commit.committedAt)
  writer.int64(commit.expiresAt ?? NEVER)
  writer.varuint(commit.offsets.length)
  let topicBefore: string | null = null
  for (const { topic, partition, offset, leaderEpoch, metadata } of commit.offsets) {
    // Commits come topic by topic: null stands for the topic before.
    writeNullableText(writer, topic === topicBefore ? null : topic)
    topicBefore = topic
    writer.varuint(partition)
    writer.int64(offset)
    writer.int32(leaderEpoch)
    writeText(writer, metadata)
  }
}

function readCommit(reader: ByteReader): Commit {
  const committedAt = reader.int64() as Millis
  const expires = reader.int64()
  let topic = ''
  const offsets = readList(reader, () => {
    topic = readNullableText(reader) ?? topic
    return {
      topic,
      partition: reader.varuint(),
      offset: reader.int64(),
      leaderEpoch: reader.int32(),
      metadata: readText(reader),
    }
  })
  return { committedAt, expiresAt: expires === NEVER ? null : (expires as Millis), offsets }
}

function readList<Item>(reader: ByteReader, read: () => Item): Item[] {
  const items: Item[] = []
  for (let left = reader.varuint(); left > 0; left--) items.push(read())
  return items
}

function writeText(writer: ByteWriter, text: string): void {
  writer.varuint(Buffer.byteLength(text))
  writer.text(text)
}

const readText = (reader: ByteReader): string => reader.text(reader.varuint())

function writeNullableText(writer: ByteWriter, text: string | null): void {
  writer.varuint(text === null ? 0 : Buffer.byteLength(text) + 1)
  if (text !== null) writer.text(text)
}

function readNullableText(reader: ByteReader): string | null {
  const length = reader.varuint()
  return length === 0 ? null : reader.text(length - 1)
}

function writeBytes(writer: ByteWriter, bytes: Buffer): void {
  writer.varuint(bytes.length)
  writer.bytes(bytes)
}

// Copied, because a slice would pin the whole slot it was read from.
const readBytes = (reader: ByteReader): Buffer => Buffer.from(reader.slice(reader.varuint()))
