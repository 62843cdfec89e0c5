import { whole, wholeAfter, type Whole } from '../../../lib/whole.ts'
import { limits } from '../../../limits/limits.ts'
import type { DeathReason } from '../../../message/annotations.ts'
import { BrokerError } from '../../errors.ts'
import { retryDelayMs } from '../../queue/fate/retry.ts'
import { compareIds, compareParts, type EntryId, idAfter, idMin } from '../entry-id.ts'
import type { Span } from '../entry.ts'
import { kind, writePending, written } from '../events.ts'
import type {
  AutoClaim,
  ClaimedEntry,
  ClaimWanted,
  Group,
  GroupRead,
  OwnEntry,
  ReadWanted,
  ReturnMode,
} from '../port.ts'
import type { Stream, StreamHost } from '../stream.ts'
import type { GroupCommands } from './group-commands.ts'
import { type GroupPolicy, groupText } from './group-policy.ts'
import type { ConsumerState, GroupState, Pending } from './group-state.ts'

const NOTHING: Span = { count: 0, isReversed: false, first: 0, end: 0 }
/** As many deliveries as there can be: nobody should try again. */
const DELIVERIES_MAX = whole(2n ** 63n - 1n)
/** Pending entries looked at for each that may be claimed. */
const LOOKED_AT = 10

/** Who gets which entry of one stream, and what becomes of it when that fails. */
export class Deliveries {
  readonly #stream: Stream
  readonly #host: StreamHost
  readonly #groups: GroupCommands

  constructor(stream: Stream, host: StreamHost, groups: GroupCommands) {
    this.#stream = stream
    this.#host = host
    this.#groups = groups
  }

  hasMore(group: Group, wanted: ReadWanted): boolean {
    const state = this.#groups.stateOf(group)
    const { state: stream } = this.#stream
    if (compareParts(stream.topMs, stream.topSeq, state.lastId.ms, state.lastId.seq) > 0) {
      const last = this.#stream.lastEntryId
      if (last !== null && compareIds(last, state.lastId) > 0) return true
    }
    for (const _ of this.#claimable(state, wanted.claimIdleMs, wanted.now)) return true
    return false
  }

  read(group: Group, name: string, wanted: ReadWanted): GroupRead {
    this.#groups.meet(group, name, wanted.now)
    const state = this.#groups.stateOf(group)
    const consumer = this.#groups.consumer(group, name)
    const claimed = this.#takeOver(state, consumer, wanted)
    const left = wanted.countMax === 0 ? 0 : wanted.countMax - claimed.length
    const isFull = wanted.countMax > 0 && left === 0
    const fresh = isFull ? NOTHING : this.#fresh(state, consumer, { ...wanted, countMax: left })
    this.#planWake(state)
    return { claimed, fresh }
  }

  readOwn(group: Group, name: string, after: EntryId, wanted: ReadWanted): readonly OwnEntry[] {
    this.#groups.meet(group, name, wanted.now)
    const consumer = this.#groups.consumer(group, name)
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
    this.#hand(group, consumer, again, { now: wanted.now, isCounted: true })
    return own
  }

  giveBack(
    group: Group,
    ids: readonly EntryId[],
    wanted: { mode: ReturnMode; deliveries: number | null; isForced: boolean; now: number },
  ): number {
    const { mode, deliveries, isForced, now } = wanted
    const state = this.#groups.stateOf(group)
    const policy = this.#policyOf(state)
    const given: { id: EntryId; offset: number; next: Whole; dueAt: number }[] = []
    const spent: Pending[] = []
    for (const id of ids) {
      const pending = state.all.find(id.ms, id.seq)
      const offset = pending?.offset ?? (isForced ? this.#stream.find(id) : -1)
      if (pending === undefined && offset < 0) continue
      const before = pending?.deliveries ?? 0
      const next = deliveries === null ? deliveriesAfter(mode, before) : counted(deliveries)
      if (pending !== undefined && mode !== 'silent' && isSpent(policy, next)) spent.push(pending)
      else given.push({ id, offset, next, dueAt: dueAfter(policy, mode, next, now) })
    }
    this.#die(state, spent, mode === 'fatal' ? 'rejected' : 'delivery_limit')
    if (given.length > 0) {
      const writer = this.#groups.event(kind.givenBack, group)
      for (const { id, offset, next, dueAt } of given)
        writer.id(id).int(offset).whole(next).int(dueAt)
      this.#stream.journal(writer)
      this.#planWake(state)
      this.#host.appended(this.#stream)
    }
    return given.length + spent.length
  }

  claim(group: Group, name: string, ids: readonly EntryId[], wanted: ClaimWanted): EntryId[] {
    const { now, lastId } = wanted
    const state = this.#groups.stateOf(group)
    if (lastId !== null && compareIds(lastId, state.lastId) > 0) {
      const writer = this.#groups.event(kind.groupSet, group).id(lastId)
      this.#stream.journal(writer.int(written(state.entriesRead)))
    }
    this.#groups.meet(group, name, now)
    const gone: EntryId[] = []
    const taken: Claim[] = []
    for (const id of ids) {
      const pending = state.all.find(id.ms, id.seq)
      if (pending !== undefined && !this.#isThere(pending)) gone.push(id)
      else this.#claimOne(taken, id, pending, wanted)
    }
    this.#groups.ack(group, gone)
    if (taken.length === 0) return []
    const consumer = this.#groups.consumer(group, name)
    const writer = this.#groups.event(kind.handed, group).int(consumer.number).int(now)
    for (const { id, offset, deliveries } of taken)
      writer.id(id).int(offset).int(wanted.deliveredAt).whole(deliveries)
    this.#stream.journal(writer)
    this.#planWake(state)
    return taken.map(({ id }) => id)
  }

  autoClaim(
    group: Group,
    name: string,
    from: EntryId,
    wanted: { idleMsMin: number; countMax: number; isIdOnly: boolean; now: number },
  ): AutoClaim {
    const { now, idleMsMin } = wanted
    const state = this.#groups.stateOf(group)
    this.#groups.meet(group, name, now)
    const consumer = this.#groups.consumer(group, name)
    const taken: Pending[] = []
    const deleted: EntryId[] = []
    let left = wanted.countMax
    let attempts = wanted.countMax * LOOKED_AT
    let next: EntryId = idMin
    for (const pending of state.all.from(from.ms, from.seq)) {
      if (attempts-- === 0 || left === 0) {
        next = { ms: pending.ms, seq: pending.seq }
        break
      }
      const isThere = this.#isThere(pending)
      if (isThere && pending.consumer !== null && now - pending.deliveredAt < idleMsMin) continue
      if (isThere) taken.push(pending)
      else deleted.push({ ms: pending.ms, seq: pending.seq })
      left--
    }
    this.#groups.ack(group, deleted)
    const kept = wanted.isIdOnly ? taken : this.#spend(state, taken)
    const claimed = kept.map(({ ms, seq }) => ({ ms, seq }))
    this.#hand(group, consumer, kept, { now, isCounted: !wanted.isIdOnly })
    this.#planWake(state)
    return { claimed, deleted, next }
  }

  /** When something comes back by itself; infinity: nothing does. */
  wakeAt(group: GroupState): number {
    const policy = this.#policyOf(group)
    return isTimed(policy) ? earliest(policy, group) : Number.POSITIVE_INFINITY
  }

  #claimOne(
    taken: Claim[],
    id: EntryId,
    pending: Pending | undefined,
    { now, idleMsMin, isForced, isIdOnly, deliveries }: ClaimWanted,
  ): void {
    const offset = pending?.offset ?? (isForced ? this.#stream.find(id) : -1)
    if (offset < 0) return
    const isHeld = pending !== undefined && pending.consumer !== null
    if (isHeld && idleMsMin > 0 && now - pending.deliveredAt < idleMsMin) return
    const before = pending?.deliveries ?? 1
    const after = isIdOnly ? before : oneMore(before)
    taken.push({ id, offset, deliveries: deliveries === null ? after : counted(deliveries) })
  }

  /** What others left idle for so long, or for longer than a policy allows, as this consumer's. */
  #takeOver(state: GroupState, consumer: ConsumerState, wanted: ReadWanted): ClaimedEntry[] {
    const { claimIdleMs, countMax, now } = wanted
    const found: Pending[] = []
    for (const pending of this.#claimable(state, claimIdleMs, now)) {
      found.push(pending)
      if (countMax > 0 && found.length === countMax) break
    }
    if (found.length === 0) return []
    const taken = this.#spend(state, found)
    const claimed = taken.map(({ ms, seq, deliveredAt, deliveries }) => {
      return { ms, seq, idleMs: now - deliveredAt, deliveries }
    })
    this.#hand(state, consumer, taken, { now, isCounted: true })
    return claimed
  }

  /** Oldest first; those that were given back come before all others. */
  *#claimable(state: GroupState, claimIdleMs: number | null, now: number): Generator<Pending> {
    const policy = this.#policyOf(state)
    const { visibilityTimeoutMs } = policy
    const isReturned = state.returnedCount > 0 && (claimIdleMs !== null || isTimed(policy))
    if (claimIdleMs === null && visibilityTimeoutMs === null && !isReturned) return
    for (let pending = state.oldest; pending !== null; pending = pending.behind) {
      const idleMs = now - pending.deliveredAt
      const isAsked = claimIdleMs !== null && idleMs >= claimIdleMs
      if (pending.consumer !== null) {
        const isOver = visibilityTimeoutMs !== null && idleMs >= visibilityTimeoutMs
        if (!isAsked && !isOver) return
        if (!isAsked && now < timedOutAt(policy, pending)) continue
      } else if (pending.dueAt > now) continue
      if (this.#isThere(pending)) yield pending
    }
  }

  /** New entries, from the group's last one on, become the consumer's. */
  #fresh(group: GroupState, consumer: ConsumerState, wanted: ReadWanted): Span {
    const { state } = this.#stream
    const { lastId, pendingCount } = group
    if (state.length === 0 || compareParts(state.topMs, state.topSeq, lastId.ms, lastId.seq) <= 0)
      return NOTHING
    const from = idAfter(lastId)
    const { look } = this.#host.walks.of(state)
    if (from === undefined || !look.toId(from.ms, from.seq, state.first)) return NOTHING
    const room = wanted.isNoAck ? Number.POSITIVE_INFINITY : limits.entryPendingMax - pendingCount
    if (room <= 0) throw new BrokerError('throttled', 'Too many entries are pending in this group.')
    const countMax = wanted.countMax === 0 ? room : Math.min(wanted.countMax, room)
    return this.#journalRead(group, consumer, {
      countMax,
      isNoAck: wanted.isNoAck,
      now: wanted.now,
    })
  }

  /** From where the walk stands. */
  #journalRead(
    group: GroupState,
    consumer: ConsumerState,
    { countMax, isNoAck, now }: { countMax: number; isNoAck: boolean; now: number },
  ): Span {
    const { state } = this.#stream
    const { look } = this.#host.walks.of(state)
    const { gone } = state
    const start = state.first
    // Its fields come behind the last id, which is known at the end.
    const entries = this.#host.entryWriter.begin()
    let { ms, seq } = group.lastId
    let { entriesRead } = group
    let first = -1
    let before = 0
    let count = 0
    do {
      const { offset } = look
      if (offset < start || gone.has(offset)) continue
      entriesRead = state.readAfter(entriesRead, { ms, seq }, { ms: look.ms, seq: look.seq })
      ms = look.ms
      seq = look.seq
      if (first < 0) first = offset
      if (!isNoAck) entries.int(offset - before).idParts(ms, seq)
      before = offset
      count++
    } while (count < countMax && look.next())
    if (count === 0) return NOTHING
    const writer = this.#groups.event(kind.read, group).int(consumer.number).int(now)
    writer.idParts(ms, seq).int(written(entriesRead)).append(entries)
    this.#stream.journal(writer)
    return { count, isReversed: false, first, end: before + 1 }
  }

  #hand(
    group: Group,
    consumer: ConsumerState,
    taken: readonly Pending[],
    { now, isCounted }: { now: number; isCounted: boolean },
  ): void {
    if (taken.length === 0) return
    const writer = this.#groups.event(kind.handed, group).int(consumer.number).int(now)
    for (const pending of taken) {
      writePending(writer, pending)
      writer.int(now).whole(isCounted ? oneMore(pending.deliveries) : pending.deliveries)
    }
    this.#stream.journal(writer)
  }

  /** Those that may be handed out once more; the others have had their last chance. */
  #spend(state: GroupState, found: readonly Pending[]): readonly Pending[] {
    const policy = this.#policyOf(state)
    if (policy.deliveryLimit === null) return found
    const spent = found.filter(({ deliveries }) => isSpent(policy, deliveries))
    if (spent.length === 0) return found
    const dead = new Set(this.#die(state, spent, 'delivery_limit'))
    return found.filter(pending => !dead.has(pending) && !spent.includes(pending))
  }

  /** Published where a policy says, and acknowledged, in one step. Those are it that could be. */
  #die(group: GroupState, spent: readonly Pending[], reason: DeathReason): readonly Pending[] {
    if (spent.length === 0) return spent
    const settings = this.#policyOf(group)
    const { namespace, name } = this.#stream
    const place = { spec: { namespace, name: `${name}/${groupText(group.name)}` }, settings }
    const dead = spent.filter(pending => {
      const message = this.#stream.message(pending)
      return message === null || (this.#host.deadLetters?.send(place, message, reason) ?? true)
    })
    if (dead.length === 0) return dead
    const writer = this.#groups.event(kind.acked, group)
    for (const { ms, seq } of dead) writer.idParts(ms, seq)
    this.#stream.journal(writer, true)
    this.#host.turn.flush()
    return dead
  }

  /** Who waits for entries is called when one has been with somebody for too long. */
  #planWake(group: GroupState): void {
    const time = this.wakeAt(group)
    if (time < Number.POSITIVE_INFINITY) this.#host.wakes.at(this.#stream, time)
  }

  #policyOf(group: GroupState): GroupPolicy {
    return this.#groups.policyOf(group)
  }

  #isThere(pending: Pending): boolean {
    return this.#stream.state.isThere(pending.offset)
  }
}

type Claim = { readonly id: EntryId; readonly offset: number; readonly deliveries: Whole }

/** Something comes back by itself. */
const isTimed = ({ visibilityTimeoutMs, retry }: GroupPolicy): boolean =>
  visibilityTimeoutMs !== null || retry !== null

function earliest(policy: GroupPolicy, group: GroupState): number {
  let time = Number.POSITIVE_INFINITY
  for (let pending = group.oldest; pending !== null; pending = pending.behind) {
    if (pending.consumer === null) time = Math.min(time, pending.dueAt)
    else {
      if (policy.visibilityTimeoutMs !== null) time = Math.min(time, timedOutAt(policy, pending))
      break
    }
  }
  return time
}

/** With a back-off, each further delivery is later. */
function timedOutAt({ visibilityTimeoutMs, retry }: GroupPolicy, pending: Pending): number {
  const attempt = Number(pending.deliveries)
  const delayMs = retry === null ? null : retryDelayMs(retry, true, Math.max(1, attempt))
  return pending.deliveredAt + (visibilityTimeoutMs ?? 0) + (delayMs ?? 0)
}

function dueAfter(
  { retry }: GroupPolicy,
  mode: ReturnMode,
  deliveries: Whole,
  now: number,
): number {
  if (retry === null) return 0
  const delayMs = retryDelayMs(retry, mode !== 'silent', Math.max(1, Number(deliveries)))
  return delayMs === null ? 0 : now + delayMs
}

function isSpent({ deliveryLimit, deadLetterExchange }: GroupPolicy, deliveries: Whole): boolean {
  if (deliveryLimit !== null) return deliveries >= deliveryLimit
  return deadLetterExchange !== null && deliveries === DELIVERIES_MAX
}

function deliveriesAfter(mode: ReturnMode, before: Whole): Whole {
  if (mode === 'fatal') return DELIVERIES_MAX
  if (mode === 'failed' || before === 0) return before
  return typeof before === 'number' ? before - 1 : whole(before - 1n)
}

/** As somebody says: beyond 2^53 it is as often as can be. */
const counted = (deliveries: number): Whole =>
  deliveries <= Number.MAX_SAFE_INTEGER ? deliveries : DELIVERIES_MAX

const oneMore = (deliveries: Whole): Whole =>
  deliveries === DELIVERIES_MAX ? deliveries : (wholeAfter(deliveries) ?? deliveries)
