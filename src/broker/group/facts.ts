import type { Millis } from '../../lib/brand.ts'
import { ByteReader, ByteWriter } from '../../lib/bytes/index.ts'
import { decodeEvent, encodeEvent, type GroupEvent, type SavedGroup } from './events.ts'

export type CommittedOffset = {
  offset: number
  leaderEpoch: number
  metadata: string
  committedAt: Millis
  expiresAt: Millis | null
}

/** Committed offsets by topic and partition. */
export type GroupOffsets = Map<string, Map<number, CommittedOffset>>

export type GroupFacts = {
  /** Null when offsets were committed and nobody ever joined. */
  saved: SavedGroup | null
  readonly offsets: GroupOffsets
}

/**
 * What lasts of all groups. It only ever changes through `evolve`, live and in recovery alike.
 * A snapshot is a short list of events that leads to the same state.
 */
export class Facts {
  readonly #byId = new Map<string, GroupFacts>()

  get count(): number {
    return this.#byId.size
  }

  get(groupId: string): GroupFacts | undefined {
    return this.#byId.get(groupId)
  }

  all(): IterableIterator<[string, GroupFacts]> {
    return this.#byId.entries()
  }

  evolve(event: GroupEvent): void {
    switch (event.kind) {
      case 'saved':
        this.#open(event.groupId).saved = event.group
        break
      case 'deleted':
        this.#byId.delete(event.groupId)
        break
      case 'committed': {
        const { offsets } = this.#open(event.groupId)
        const { committedAt, expiresAt } = event
        for (const { topic, partition, offset, leaderEpoch, metadata } of event.offsets) {
          let ofTopic = offsets.get(topic)
          if (ofTopic === undefined) offsets.set(topic, (ofTopic = new Map()))
          ofTopic.set(partition, { offset, leaderEpoch, metadata, committedAt, expiresAt })
        }
        break
      }
      case 'forgotten': {
        const offsets = this.#byId.get(event.groupId)?.offsets
        for (const { topic, partition } of event.partitions) {
          const ofTopic = offsets?.get(topic)
          ofTopic?.delete(partition)
          if (ofTopic?.size === 0) offsets?.delete(topic)
        }
        break
      }
    }
  }

  /** A topic is gone, and with it what was read of it. Follows from the topic's own event. */
  forgetTopic(topic: string): void {
    for (const { offsets } of this.#byId.values()) offsets.delete(topic)
  }

  snapshot(): Buffer {
    const writer = new ByteWriter()
    for (const [groupId, facts] of this.#byId) {
      for (const event of eventsFor(groupId, facts)) {
        const bytes = encodeEvent(event)
        writer.varuint(bytes.length)
        writer.bytes(bytes)
      }
    }
    return writer.finish()
  }

  restore(snapshot: Buffer): void {
    this.#byId.clear()
    const reader = new ByteReader(snapshot)
    while (reader.left > 0) this.evolve(decodeEvent(reader.slice(reader.varuint())))
  }

  #open(groupId: string): GroupFacts {
    let facts = this.#byId.get(groupId)
    if (facts === undefined) this.#byId.set(groupId, (facts = { saved: null, offsets: new Map() }))
    return facts
  }
}

/** One event for all offsets that were committed together: there are few such moments. */
function eventsFor(groupId: string, facts: GroupFacts): GroupEvent[] {
  const events: GroupEvent[] = []
  if (facts.saved !== null) events.push({ kind: 'saved', groupId, group: facts.saved })
  const commits = new Map<string, Extract<GroupEvent, { kind: 'committed' }>['offsets'][number][]>()
  for (const [topic, ofTopic] of facts.offsets) {
    for (const [partition, committed] of ofTopic) {
      const moment = `${committed.committedAt} ${committed.expiresAt ?? ''}`
      const offsets = commits.get(moment) ?? []
      if (offsets.length === 0) {
        const { committedAt, expiresAt } = committed
        commits.set(moment, offsets)
        events.push({ kind: 'committed', groupId, committedAt, expiresAt, offsets })
      }
      const { offset, leaderEpoch, metadata } = committed
      offsets.push({ topic, partition, offset, leaderEpoch, metadata })
    }
  }
  // A group of which all offsets were forgotten one by one is still a group.
  if (events.length === 0)
    events.push({
      kind: 'committed',
      groupId,
      committedAt: 0 as Millis,
      expiresAt: null,
      offsets: [],
    })
  return events
}
