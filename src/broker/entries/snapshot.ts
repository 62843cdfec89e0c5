import { assert } from '../../lib/assert.ts'
import type { EventReader, EventWriter } from './event-bytes.ts'
import { optional, writePending, written } from './events.ts'
import type { GroupState } from './group/index.ts'
import type { IdIndex } from './reading/index.ts'
import type { StreamState } from './stream-state.ts'

/** Of the format of snapshots: another one is not understood. */
export const SNAPSHOT_VERSION = 1

/** All that `readStream` needs, but for the log and where the stream was born. */
export function writeStream(writer: EventWriter, stream: StreamState): void {
  writer.int(stream.end).idParts(stream.lastMs, stream.lastSeq)
  writer.idParts(stream.topMs, stream.topSeq).id(stream.maxDeleted).int(stream.entriesAdded)
  writer.int(stream.gone.floor)
  const ranges: [number, number][] = []
  stream.gone.eachRange((first, last) => ranges.push([first, last]))
  writer.int(ranges.length)
  for (const [first, last] of ranges) writer.int(first).int(last - first)
  writeIndex(writer, stream.index)
  writeIndex(writer, stream.jumps)
  stream.idempotence.write(writer)
  writer.int(stream.groupNext).int(stream.groups.size)
  for (const group of stream.groups.values()) writeGroup(writer, group)
}

export function readStream(reader: EventReader, stream: StreamState): void {
  stream.end = reader.int()
  const last = reader.id()
  const top = reader.id()
  stream.lastMs = last.ms
  stream.lastSeq = last.seq
  stream.topMs = top.ms
  stream.topSeq = top.seq
  stream.maxDeleted = reader.id()
  stream.entriesAdded = reader.int()
  stream.gone.reset(reader.int())
  for (let left = reader.int(); left > 0; left--) {
    const first = reader.int()
    stream.gone.add(first, first + reader.int())
  }
  readIndex(reader, stream.index)
  readIndex(reader, stream.jumps)
  stream.idempotence.read(reader)
  const groupNext = reader.int()
  for (let left = reader.int(); left > 0; left--) readGroup(reader, stream)
  stream.groupNext = groupNext
}

function writeIndex(writer: EventWriter, index: IdIndex): void {
  writer.int(index.count)
  for (let at = 0; at < index.count; at++)
    writer.int(index.offset(at)).idParts(index.ms(at), index.seq(at))
}

function readIndex(reader: EventReader, index: IdIndex): void {
  for (let left = reader.int(); left > 0; left--) {
    const offset = reader.int()
    const { ms, seq } = reader.id()
    index.push(offset, ms, seq)
  }
}

function writeGroup(writer: EventWriter, group: GroupState): void {
  writer.int(group.number).text(group.name).id(group.lastId).int(written(group.entriesRead))
  writer.int(group.consumerNext).int(group.consumers.size)
  for (const { name, number, seenAt, activeAt } of group.consumers.values())
    writer.int(number).text(name).int(seenAt).int(activeAt)
  writer.int(group.pendingCount)
  // In order of times: that is an order of its own.
  for (let pending = group.oldest; pending !== null; pending = pending.behind) {
    writePending(writer, pending)
    writer.int(pending.consumer?.number ?? -1).int(pending.deliveredAt)
    writer.whole(pending.deliveries).int(pending.dueAt)
  }
}

function readGroup(reader: EventReader, stream: StreamState): void {
  stream.groupNext = reader.int()
  const group = stream.addGroup(reader.text(), reader.id(), optional(reader.int()))
  const consumerNext = reader.int()
  for (let left = reader.int(); left > 0; left--) {
    group.consumerNext = reader.int()
    const consumer = group.addConsumer(reader.text(), reader.int())
    consumer.activeAt = reader.int()
  }
  group.consumerNext = consumerNext
  for (let left = reader.int(); left > 0; left--) readPending(reader, group)
}

function readPending(reader: EventReader, group: GroupState): void {
  const { ms, seq } = reader.id()
  const pending = group.make(ms, seq, reader.int())
  const number = reader.int()
  const time = reader.int()
  const deliveries = reader.whole()
  const dueAt = reader.int()
  if (number < 0) {
    group.giveBack(pending, deliveries, dueAt)
    return
  }
  const consumer = group.consumersByNumber.get(number)
  assert(consumer !== undefined, 'whoever holds an entry is in the snapshot')
  group.hand(pending, consumer, { time, deliveries })
}
