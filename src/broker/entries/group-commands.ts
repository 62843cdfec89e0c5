import { limits } from '../../limits/limits.ts'
import { type Whole, whole, wholeAfter } from '../../lib/whole.ts'
import { BrokerError } from '../errors.ts'
import { compareIds, compareParts, type EntryId, idAfter, idMax, idMin } from './entry-id.ts'
import type { Span } from './entry.ts'
import { kind, writePending, written } from './events.ts'
import type { ConsumerState, GroupState, Pending } from './group-state.ts'
import type {
  AutoClaim,
  ClaimedEntry,
  ClaimWanted,
  Group,
  GroupRead,
  OwnEntry,
  ReadWanted,
  References,
  Removal,
  ReturnMode,
  Trim,
} from './port.ts'
import { countOn } from './reading.ts'
import type { Stream, StreamHost } from './stream.ts'

const NOTHING: Span = { count: 0, isReversed: false, first: 0, end: 0 }
/** As many deliveries as there can be: nobody should try again. */
const DELIVERIES_MAX = whole(2n ** 63n - 1n)
/** Looked at for each entry that may be claimed. */
const LOOKED_AT = 10

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
    const writer = this.#event(kind.groupSet, group).id(lastId)
    this.#stream.journal(writer.int(written(this.#counted(entriesRead))))
    this.#host.appended(this.#stream)
  }

  destroy(group: Group): void {
    this.#stream.journal(this.#event(kind.groupDestroyed, group), true)
    this.#host.appended(this.#stream)
  }

  createConsumer(group: Group, name: string, now: number): boolean {
    const state = this.#stateOf(group)
    if (state.consumers.has(name)) return false
    if (state.consumers.size >= limits.entryConsumersMax)
      throw new BrokerError(
        'throttled',
        `A group has ${limits.entryConsumersMax} consumers at most.`,
      )
    this.#stream.journal(this.#event(kind.consumerCreated, group).text(name).int(now))
    return true
  }

  deleteConsumer(group: Group, name: string): number | null {
    const consumer = this.#stateOf(group).consumers.get(name)
    if (consumer === undefined) return null
    const { pendingCount } = consumer
    this.#stream.journal(this.#event(kind.consumerDeleted, group).int(consumer.number), true)
    return pendingCount
  }

  meet(group: Group, name: string, now: number): boolean {
    const isNew = this.createConsumer(group, name, now)
    // Not worth an event: after a restart it was seen when it last got something.
    if (!isNew) this.#consumer(group, name).seenAt = now
    return isNew
  }

  hasMore(group: Group, wanted: ReadWanted): boolean {
    const state = this.#stateOf(group)
    const last = this.#stream.lastEntryId
    if (last !== null && compareIds(last, state.lastId) > 0) return true
    if (wanted.claimIdleMs === null) return false
    for (const _ of this.#claimable(state, wanted.claimIdleMs, wanted.now)) return true
    return false
  }

  read(group: Group, name: string, wanted: ReadWanted): GroupRead {
    this.meet(group, name, wanted.now)
    const state = this.#stateOf(group)
    const consumer = this.#consumer(group, name)
    const claimed = this.#take(state, consumer, wanted)
    const left = wanted.countMax === 0 ? 0 : wanted.countMax - claimed.length
    if (wanted.countMax > 0 && left === 0) return { claimed, fresh: NOTHING }
    return { claimed, fresh: this.#fresh(state, consumer, { ...wanted, countMax: left }) }
  }

  readOwn(group: Group, name: string, after: EntryId, wanted: ReadWanted): readonly OwnEntry[] {
    this.meet(group, name, wanted.now)
    const consumer = this.#consumer(group, name)
    const from = idAfter(after)
    const own: OwnEntry[] = []
    if (from === undefined) return own
    const again: Pending[] = []
    for (const pending of consumer.own.from(from.ms, from.seq)) {
      if (wanted.countMax > 0 && own.length === wanted.countMax) break
      const isGone = !this.#isThere(pending)
      own.push({ ms: pending.ms, seq: pending.seq, isGone })
      if (!isGone) again.push(pending)
    }
    this.#hand(group, consumer, again, { now: wanted.now, time: wanted.now, deliveries: null })
    return own
  }

  ack(group: Group, ids: readonly EntryId[]): number {
    const found = this.#pendingOf(group, ids)
    if (found.length === 0) return 0
    const writer = this.#event(kind.acked, group)
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

  giveBack(
    group: Group,
    ids: readonly EntryId[],
    {
      mode,
      deliveries,
      isForced,
    }: { mode: ReturnMode; deliveries: number | null; isForced: boolean },
  ): number {
    const state = this.#stateOf(group)
    const writer = this.#event(kind.givenBack, group)
    let count = 0
    for (const id of ids) {
      const pending = state.all.find(id.ms, id.seq)
      const offset = pending?.offset ?? (isForced ? this.#stream.find(id) : -1)
      if (offset < 0) continue
      const next = deliveries ?? deliveriesAfter(mode, pending?.deliveries ?? 0)
      writer.id(id).int(offset).whole(next).int(0)
      count++
    }
    if (count === 0) return 0
    this.#stream.journal(writer)
    this.#host.appended(this.#stream)
    return count
  }

  claim(group: Group, name: string, ids: readonly EntryId[], wanted: ClaimWanted): EntryId[] {
    const state = this.#stateOf(group)
    const { now, lastId, idleMsMin, isForced } = wanted
    if (lastId !== null && compareIds(lastId, state.lastId) > 0)
      this.#stream.journal(
        this.#event(kind.groupSet, group).id(lastId).int(written(state.entriesRead)),
      )
    this.meet(group, name, now)
    const gone: EntryId[] = []
    const taken: { id: EntryId; offset: number; deliveries: Whole }[] = []
    for (const id of ids) {
      const pending = state.all.find(id.ms, id.seq)
      const offset = pending?.offset ?? (isForced ? this.#stream.find(id) : -1)
      if (pending !== undefined && !this.#isThere(pending)) gone.push(id)
      else if (offset >= 0) {
        const isHeld = pending !== undefined && pending.consumer !== null
        if (isHeld && idleMsMin > 0 && now - pending.deliveredAt < idleMsMin) continue
        const before = pending?.deliveries ?? 1
        const more = wanted.isIdOnly ? before : oneMore(before)
        taken.push({ id, offset, deliveries: wanted.deliveries ?? more })
      }
    }
    this.ack(group, gone)
    if (taken.length === 0) return []
    const consumer = this.#consumer(group, name)
    const writer = this.#event(kind.handed, group).int(consumer.number).int(now)
    for (const { id, offset, deliveries } of taken)
      writer.id(id).int(offset).int(wanted.deliveredAt).whole(deliveries)
    this.#stream.journal(writer)
    return taken.map(({ id }) => id)
  }

  autoClaim(
    group: Group,
    name: string,
    from: EntryId,
    wanted: { idleMsMin: number; countMax: number; isIdOnly: boolean; now: number },
  ): AutoClaim {
    const { now, idleMsMin } = wanted
    this.meet(group, name, now)
    const consumer = this.#consumer(group, name)
    const taken: Pending[] = []
    const deleted: EntryId[] = []
    let left = wanted.countMax
    let attempts = wanted.countMax * LOOKED_AT
    let next: EntryId = idMin
    for (const pending of this.#stateOf(group).all.from(from.ms, from.seq)) {
      if (attempts-- === 0 || left === 0) {
        next = { ms: pending.ms, seq: pending.seq }
        break
      }
      if (!this.#isThere(pending)) {
        deleted.push({ ms: pending.ms, seq: pending.seq })
        left--
        continue
      }
      if (pending.consumer !== null && now - pending.deliveredAt < idleMsMin) continue
      taken.push(pending)
      left--
    }
    this.ack(group, deleted)
    const claimed = taken.map(({ ms, seq }) => ({ ms, seq }))
    const deliveries = wanted.isIdOnly ? 'same' : null
    this.#hand(group, consumer, taken, { now, time: now, deliveries })
    return { claimed, deleted, next }
  }

  /** What others left idle for so long, as this consumer's. */
  #take(state: GroupState, consumer: ConsumerState, wanted: ReadWanted): ClaimedEntry[] {
    const { claimIdleMs, countMax, now } = wanted
    if (claimIdleMs === null) return []
    const taken: Pending[] = []
    const claimed: ClaimedEntry[] = []
    for (const pending of this.#claimable(state, claimIdleMs, now)) {
      const { ms, seq, deliveries } = pending
      claimed.push({ ms, seq, idleMs: now - pending.deliveredAt, deliveries })
      taken.push(pending)
      if (countMax > 0 && taken.length === countMax) break
    }
    this.#hand(state, consumer, taken, { now, time: now, deliveries: null })
    return claimed
  }

  *#claimable(state: GroupState, idleMs: number, now: number): Generator<Pending> {
    for (let pending = state.oldest; pending !== null; pending = pending.behind) {
      if (now - pending.deliveredAt < idleMs) return
      if (pending.dueAt <= now && this.#isThere(pending)) yield pending
    }
  }

  /** New entries, from the group's last one on, become the consumer's. */
  #fresh(group: GroupState, consumer: ConsumerState, wanted: ReadWanted): Span {
    const { state } = this.#stream
    const { lastId } = group
    if (state.length === 0 || compareParts(state.topMs, state.topSeq, lastId.ms, lastId.seq) <= 0)
      return NOTHING
    const from = idAfter(lastId)
    const { look } = this.#host.walks.of(state)
    if (from === undefined || !look.toId(from.ms, from.seq, state.first)) return NOTHING
    const room = wanted.isNoAck
      ? Number.POSITIVE_INFINITY
      : limits.entryPendingMax - group.pendingCount
    if (room <= 0) throw new BrokerError('throttled', 'Too many entries are pending in this group.')
    const countMax = wanted.countMax === 0 ? room : Math.min(wanted.countMax, room)
    const span = countOn(look, state, idMax, countMax)
    if (span.count === 0) return NOTHING
    this.#journalRead(group, consumer, { span, isNoAck: wanted.isNoAck, now: wanted.now })
    return span
  }

  #journalRead(
    group: GroupState,
    consumer: ConsumerState,
    { span, isNoAck, now }: { span: Span; isNoAck: boolean; now: number },
  ): void {
    const { state } = this.#stream
    const { look } = this.#host.walks.of(state)
    const found: { offset: number; id: EntryId }[] = []
    let { lastId, entriesRead } = group
    for (let has = look.toOffset(span.first); has && look.offset < span.end; has = look.next()) {
      if (state.gone.has(look.offset)) continue
      const id = { ms: look.ms, seq: look.seq }
      const isCounted = entriesRead !== null && compareIds(lastId, state.firstId) >= 0
      if (isCounted && !state.hasGapBehind(lastId)) entriesRead = entriesRead! + 1
      else if (state.entriesAdded > 0) entriesRead = state.readUpTo(id)
      lastId = id
      if (!isNoAck) found.push({ offset: look.offset, id })
    }
    const writer = this.#event(kind.read, group).int(consumer.number).int(now)
    writer.id(lastId).int(written(entriesRead))
    let offset = 0
    for (const entry of found) {
      writer.int(entry.offset - offset).id(entry.id)
      offset = entry.offset
    }
    this.#stream.journal(writer)
  }

  /** `deliveries`: null for one more each. */
  #hand(
    group: Group,
    consumer: ConsumerState,
    taken: readonly Pending[],
    { now, time, deliveries }: { now: number; time: number; deliveries: 'same' | null },
  ): void {
    if (taken.length === 0) return
    const writer = this.#event(kind.handed, group).int(consumer.number).int(now)
    for (const pending of taken) {
      writePending(writer, pending)
      const next = deliveries === 'same' ? pending.deliveries : oneMore(pending.deliveries)
      writer.int(time).whole(next)
    }
    this.#stream.journal(writer)
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
  }

  #pendingOf(group: Group, ids: readonly EntryId[]): Pending[] {
    const { all } = this.#stateOf(group)
    const found = new Set<Pending>()
    for (const { ms, seq } of ids) {
      const pending = all.find(ms, seq)
      if (pending !== undefined) found.add(pending)
    }
    return [...found]
  }

  #isThere(pending: Pending): boolean {
    return this.#stream.state.isThere(pending.offset)
  }

  #counted(entriesRead: number | null): number | null {
    return entriesRead === null ? null : Math.min(entriesRead, this.#stream.state.entriesAdded)
  }

  #event(what: number, group: Group) {
    return this.#stream.event(what).int(this.#stateOf(group).number)
  }

  #consumer(group: Group, name: string): ConsumerState {
    return this.#stateOf(group).consumers.get(name)!
  }

  /** There is no other class of groups. */
  #stateOf(group: Group): GroupState {
    return group as GroupState
  }
}

function deliveriesAfter(mode: ReturnMode, before: Whole): Whole {
  if (mode === 'fatal') return DELIVERIES_MAX
  if (mode === 'failed' || before === 0) return before
  return typeof before === 'number' ? before - 1 : whole(before - 1n)
}

const oneMore = (deliveries: Whole): Whole =>
  deliveries === DELIVERIES_MAX ? deliveries : (wholeAfter(deliveries) ?? deliveries)
