import { limits } from '../../../limits/limits.ts'
import { BrokerError } from '../../errors.ts'
import { compareIds, type EntryId } from '../entry-id.ts'
import { kind, written } from '../events.ts'
import { type GroupPolicy, groupPolicyNone, groupText } from './group-policy.ts'
import type { ConsumerState, GroupState, Pending } from './group-state.ts'
import type { Group, References, Removal, Trim } from '../port.ts'
import type { Stream, StreamHost } from '../stream.ts'

/** What groups of one stream are asked to do. What this turn added is in the log. */
export class GroupCommands {
  readonly #stream: Stream
  readonly #host: StreamHost

  constructor(stream: Stream, host: StreamHost) {
    this.#stream = stream
    this.#host = host
  }

  create(name: string, lastId: EntryId, entriesRead: number | null): boolean {
    const { groups } = this.#stream.state
    if (groups.has(name)) return false
    if (groups.size >= limits.entryGroupsMax)
      throw new BrokerError('throttled', `A stream has ${limits.entryGroupsMax} groups at most.`)
    const writer = this.#stream.event(kind.groupCreated).text(name).id(lastId)
    this.#stream.journal(writer.int(written(this.#counted(entriesRead))))
    return true
  }

  set(group: Group, lastId: EntryId, entriesRead: number | null): void {
    const writer = this.event(kind.groupSet, group).id(lastId)
    this.#stream.journal(writer.int(written(this.#counted(entriesRead))))
    this.#host.appended(this.#stream)
  }

  destroy(group: Group): void {
    this.#stream.journal(this.event(kind.groupDestroyed, group), true)
    this.#host.appended(this.#stream)
  }

  createConsumer(group: Group, name: string, now: number): boolean {
    const state = this.stateOf(group)
    if (state.consumers.has(name)) return false
    if (state.consumers.size >= limits.entryConsumersMax)
      throw new BrokerError(
        'throttled',
        `A group has ${limits.entryConsumersMax} consumers at most.`,
      )
    this.#stream.journal(this.event(kind.consumerCreated, group).text(name).int(now))
    return true
  }

  deleteConsumer(group: Group, name: string): number | null {
    const consumer = this.stateOf(group).consumers.get(name)
    if (consumer === undefined) return null
    const { pendingCount } = consumer
    this.#stream.journal(this.event(kind.consumerDeleted, group).int(consumer.number), true)
    return pendingCount
  }

  meet(group: Group, name: string, now: number): boolean {
    const isNew = this.createConsumer(group, name, now)
    // Not worth an event: after a restart it was seen when it last got something.
    if (!isNew) this.consumer(group, name).seenAt = now
    return isNew
  }

  ack(group: Group, ids: readonly EntryId[]): number {
    const found = this.#pendingOf(group, ids)
    if (found.length === 0) return 0
    const writer = this.event(kind.acked, group)
    for (const { ms, seq } of found) writer.idParts(ms, seq)
    this.#stream.journal(writer, true)
    return found.length
  }

  ackAndRemove(group: Group, ids: readonly EntryId[], references: References): Removal[] {
    return ids.map(id => {
      if (this.ack(group, [id]) === 0) return 'missing'
      const [removal] = this.remove([id], references)
      return removal === 'referenced' ? 'referenced' : 'removed'
    })
  }

  remove(ids: readonly EntryId[], references: References): Removal[] {
    const { state } = this.#stream
    if (references === 'delete') this.#dereference(ids)
    const offsets: number[] = []
    let maxDeleted = state.maxDeleted
    const removals = ids.map((id): Removal => {
      if (references === 'acked' && state.isReferenced(id)) return 'referenced'
      const offset = this.#stream.find(id)
      if (offset < 0 || offsets.includes(offset)) return 'missing'
      offsets.push(offset)
      if (compareIds(id, maxDeleted) > 0) maxDeleted = id
      return 'removed'
    })
    this.#delete(offsets, maxDeleted)
    return removals
  }

  /** Entry by entry, from the first on: each has to be looked at. */
  trimReferenced(trim: Trim): number {
    const { state } = this.#stream
    const { look } = this.#host.walks.of(state)
    const { keep, references } = trim
    let over = 'count' in keep ? state.length - keep.count : Number.POSITIVE_INFINITY
    const offsets: number[] = []
    const ids: EntryId[] = []
    for (let has = over > 0 && look.toOffset(state.first); has; has = look.next()) {
      if (over <= 0 || (trim.countMax > 0 && offsets.length >= trim.countMax)) break
      if (state.gone.has(look.offset)) continue
      const id = { ms: look.ms, seq: look.seq }
      if ('from' in keep && compareIds(id, keep.from) >= 0) break
      if (references === 'acked' && state.isReferenced(id)) continue
      offsets.push(look.offset)
      ids.push(id)
      over--
    }
    if (references === 'delete') this.#dereference(ids)
    this.#delete(offsets, state.maxDeleted)
    return offsets.length
  }

  #dereference(ids: readonly EntryId[]): void {
    const { groups } = this.#stream.state
    const held = ids.filter(({ ms, seq }) =>
      [...groups.values()].some(group => group.all.find(ms, seq) !== undefined),
    )
    if (held.length === 0) return
    const writer = this.#stream.event(kind.dereferenced)
    for (const id of held) writer.id(id)
    this.#stream.journal(writer, true)
  }

  #delete(offsets: number[], maxDeleted: EntryId): void {
    if (offsets.length === 0) return
    const writer = this.#stream.event(kind.deleted).id(maxDeleted)
    let before = 0
    for (const offset of offsets.sort((one, other) => one - other)) {
      writer.int(offset - before)
      before = offset
    }
    this.#stream.journal(writer, true)
    this.#stream.entriesGone()
  }

  #pendingOf(group: Group, ids: readonly EntryId[]): Pending[] {
    const { all } = this.stateOf(group)
    const found = new Set<Pending>()
    for (const { ms, seq } of ids) {
      const pending = all.find(ms, seq)
      if (pending !== undefined) found.add(pending)
    }
    return [...found]
  }

  #counted(entriesRead: number | null): number | null {
    return entriesRead === null ? null : Math.min(entriesRead, this.#stream.state.entriesAdded)
  }

  event(what: number, group: Group) {
    return this.#stream.event(what).int(this.stateOf(group).number)
  }

  consumer(group: Group, name: string): ConsumerState {
    return this.stateOf(group).consumers.get(name)!
  }

  policyOf(group: GroupState): GroupPolicy {
    const { namespace, name } = this.#stream
    return this.#host.policies?.of(namespace, name, groupText(group.name)) ?? groupPolicyNone
  }

  /** There is no other class of groups. */
  stateOf(group: Group): GroupState {
    return group as GroupState
  }
}
