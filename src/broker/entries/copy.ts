import { BrokerError } from '../errors.ts'
import { compareIds, type EntryId, idMax, idMin } from './entry-id.ts'
import type { EntryView, Words } from './entry.ts'
import { kind } from './events.ts'
import type { GroupState } from './group/index.ts'
import type { Stream } from './stream.ts'

/** It is copied in one go, while everybody waits. */
const COPIED_BYTES_MAX = 256 * 1024 * 1024

/** Entries with their ids, groups, and what is pending in them, into an empty stream. */
export function copyStream(from: Stream, to: Stream): void {
  const { state } = from
  if (state.log.sizeBytes > COPIED_BYTES_MAX)
    throw new BrokerError('precondition-failed', `The stream '${from.name}' is too large to copy.`)
  const facts = from.facts()
  const words = new CopiedWords()
  from.show(from.range(idMin, idMax, 0), entry => {
    words.take(entry)
    const { ms, seq } = entry
    to.add(words, 0, entry.wordCount, { ms, seq })
  })
  if (compareIds(to.lastId, facts.lastId) <= 0)
    to.setLast(facts.lastId, facts.entriesAdded, facts.maxDeletedId)
  const { durationSeconds, entriesMax } = facts.idempotence
  to.configure({ durationSeconds, entriesMax })
  for (const group of state.groups.values()) copyGroup(group, to)
}

function copyGroup(group: GroupState, to: Stream): void {
  to.createGroup(group.name, group.lastId, group.entriesRead)
  const made = to.state.groups.get(group.name)!
  for (const { name, seenAt } of group.consumers.values()) to.createConsumer(made, name, seenAt)
  for (let held = group.oldest; held !== null; held = held.behind) {
    const id: EntryId = { ms: held.ms, seq: held.seq }
    const offset = to.find(id)
    const owner = held.consumer === null ? null : made.consumers.get(held.consumer.name)!
    const writer = to.event(owner === null ? kind.givenBack : kind.handed).int(made.number)
    if (owner !== null) writer.int(owner.number).int(held.consumer!.activeAt)
    writer.id(id).int(offset)
    if (owner === null) writer.whole(held.deliveries).int(held.dueAt)
    else writer.int(held.deliveredAt).whole(held.deliveries)
    to.journal(writer)
  }
}

/** Words of an entry, side by side in one buffer. */
class CopiedWords implements Words {
  bytes: Buffer = Buffer.alloc(0)
  readonly starts: number[] = []
  readonly ends: number[] = []

  take(entry: EntryView): void {
    const parts: Buffer[] = []
    let at = 0
    for (let index = 0; index < entry.wordCount; index++) {
      const part = entry.bytes(index).subarray(entry.start(index), entry.end(index))
      parts.push(part)
      this.starts[index] = at
      this.ends[index] = at += part.length
    }
    this.bytes = Buffer.concat(parts)
  }
}
