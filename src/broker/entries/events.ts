import { assert } from '../../lib/assert.ts'
import type { EntryId } from './entry-id.ts'
import type { EventReader, EventWriter } from './event-bytes.ts'
import type { GroupState, Pending } from './group/index.ts'
import type { StreamState } from './stream-state.ts'

/** What an event is about: its first number. The second is the stream's log. */
export const kind = {
  opened: 1,
  added: 2,
  trimmed: 3,
  deleted: 4,
  dereferenced: 5,
  lastSet: 6,
  groupCreated: 7,
  groupSet: 8,
  groupDestroyed: 9,
  consumerCreated: 10,
  consumerDeleted: 11,
  read: 12,
  acked: 13,
  handed: 14,
  givenBack: 15,
  remembered: 16,
  configured: 17,
  emptied: 18,
} as const

type Evolve = (stream: StreamState, reader: EventReader) => void

/** What events do to a stream. `opened` is not among them: it makes one. */
const evolves: Readonly<Record<number, Evolve>> = {
  [kind.added]: (stream, reader) => stream.evolveAdded(reader),
  [kind.trimmed]: (stream, reader) => stream.trimTo(reader.int()),
  [kind.deleted]: deleted,
  [kind.dereferenced]: (stream, reader) => {
    while (!reader.isAtEnd) dereference(stream, reader.id())
  },
  [kind.lastSet]: lastSet,
  [kind.groupCreated]: (stream, reader) => {
    stream.addGroup(reader.text(), reader.id(), optional(reader.int()))
  },
  [kind.groupSet]: (stream, reader) => {
    const group = groupOf(stream, reader)
    group.lastId = reader.id()
    group.entriesRead = optional(reader.int())
  },
  [kind.groupDestroyed]: (stream, reader) => stream.removeGroup(groupOf(stream, reader)),
  [kind.consumerCreated]: (stream, reader) => {
    groupOf(stream, reader).addConsumer(reader.text(), reader.int())
  },
  [kind.consumerDeleted]: (stream, reader) => {
    const group = groupOf(stream, reader)
    group.removeConsumer(consumerOf(group, reader))
  },
  [kind.read]: read,
  [kind.acked]: (stream, reader) => {
    const group = groupOf(stream, reader)
    while (!reader.isAtEnd) {
      const { ms, seq } = reader.id()
      const pending = group.all.find(ms, seq)
      if (pending !== undefined) group.settle(pending)
    }
  },
  [kind.handed]: handed,
  [kind.givenBack]: givenBack,
  [kind.remembered]: (stream, reader) => {
    stream.idempotence.remember(reader.text(), reader.text(), reader.id(), reader.int())
  },
  [kind.configured]: (stream, reader) => stream.idempotence.configure(reader.int(), reader.int()),
  [kind.emptied]: stream => {
    stream.empty()
  },
}

export function evolveStream(stream: StreamState, what: number, reader: EventReader): void {
  const evolve = evolves[what]
  assert(evolve !== undefined, `events of streams are known: ${what}`)
  evolve(stream, reader)
}

/** An optional number is one more than it is, and 0 for none. */
export const optional = (value: number): number | null => (value === 0 ? null : value - 1)
export const written = (value: number | null): number => (value === null ? 0 : value + 1)

function groupOf(stream: StreamState, reader: EventReader): GroupState {
  const group = stream.groupsByNumber.get(reader.int())
  assert(group !== undefined, 'events are about groups that are there')
  return group
}

function consumerOf(group: GroupState, reader: EventReader) {
  const consumer = group.consumersByNumber.get(reader.int())
  assert(consumer !== undefined, 'events are about consumers that are there')
  return consumer
}

function deleted(stream: StreamState, reader: EventReader): void {
  stream.maxDeleted = reader.id()
  let offset = 0
  while (!reader.isAtEnd) {
    offset += reader.int()
    stream.gone.add(offset, offset)
  }
  stream.index.dropBelow(stream.gone.floor)
}

function dereference(stream: StreamState, { ms, seq }: EntryId): void {
  for (const group of stream.groups.values()) {
    const pending = group.all.find(ms, seq)
    if (pending !== undefined) group.settle(pending)
  }
}

function lastSet(stream: StreamState, reader: EventReader): void {
  stream.setLast(reader.id())
  const entriesAdded = optional(reader.int())
  if (entriesAdded !== null) stream.entriesAdded = entriesAdded
  if (!reader.isAtEnd) stream.maxDeleted = reader.id()
}

/** What nobody had before, to one consumer. Without any entries: nothing is to be acknowledged. */
function read(stream: StreamState, reader: EventReader): void {
  const group = groupOf(stream, reader)
  const consumer = consumerOf(group, reader)
  const time = reader.int()
  group.lastId = reader.id()
  group.entriesRead = optional(reader.int())
  consumer.seenAt = time
  reader.apart()
  let offset = 0
  while (!reader.isAtEnd) {
    offset += reader.int()
    const { ms, seq } = reader.id()
    const pending = group.all.find(ms, seq) ?? group.make(ms, seq, offset)
    pending.offset = offset
    group.hand(pending, consumer, { time, deliveries: 1 })
    consumer.activeAt = time
  }
}

export function writePending(writer: EventWriter, pending: Pending): void {
  writer.idParts(pending.ms, pending.seq).int(pending.offset)
}

function pendingOf(group: GroupState, reader: EventReader): Pending {
  const { ms, seq } = reader.id()
  const offset = reader.int()
  return group.all.find(ms, seq) ?? group.make(ms, seq, offset)
}

function handed(stream: StreamState, reader: EventReader): void {
  const group = groupOf(stream, reader)
  const consumer = consumerOf(group, reader)
  consumer.seenAt = consumer.activeAt = reader.int()
  while (!reader.isAtEnd) {
    const pending = pendingOf(group, reader)
    group.hand(pending, consumer, { time: reader.int(), deliveries: reader.whole() })
  }
}

function givenBack(stream: StreamState, reader: EventReader): void {
  const group = groupOf(stream, reader)
  while (!reader.isAtEnd) {
    const pending = pendingOf(group, reader)
    group.giveBack(pending, reader.whole(), reader.int())
  }
}
