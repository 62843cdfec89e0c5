import { Offset } from '../../lib/brand.ts'
import type { Whole } from '../../lib/whole.ts'
import type { DeathReason } from '../../message/annotations.ts'
import type { StoredMessage } from '../../message/stored-message.ts'
import type { Packers } from '../publish/index.ts'
import type { Runtime } from '../runtime.ts'
import type { Turn } from '../turn.ts'
import { Additions } from './additions.ts'
import { compareIds, type EntryId, isZero } from './entry-id.ts'
import type { EntryView, Span, Words } from './entry.ts'
import type { EventWriter } from './event-bytes.ts'
import { kind, written } from './events.ts'
import {
  Deliveries,
  GroupCommands,
  type GroupPolicies,
  type GroupPolicy,
  type GroupState,
  type Pending,
  type Wakes,
} from './group/index.ts'
import type {
  AddOutcome,
  AutoClaim,
  ClaimWanted,
  EntryStream,
  Group,
  GroupRead,
  IdWanted,
  OwnEntry,
  ReadWanted,
  References,
  Removal,
  ReturnMode,
  StreamFacts,
  Trim,
} from './port.ts'
import { find, range, show, showOne, type Walks } from './reading/index.ts'
import type { StreamState } from './stream-state.ts'
import { RUN_ENTRIES, trimmedTo } from './trim.ts'

/** What a stream needs of the one who keeps them all. */
export interface StreamHost {
  readonly runtime: Runtime
  readonly turn: Turn
  readonly packers: Packers
  /** For events: used again for the next one. */
  readonly writer: EventWriter
  /** Their logs can be cut when they are confirmed. */
  readonly untruncated: Set<Stream>
  /** For a part of an event that is written before what comes in front of it. */
  readonly entryWriter: EventWriter
  readonly walks: Walks
  /** Null: there are none. */
  readonly policies: GroupPolicies | null
  readonly deadLetters: EntryDeadLetters | null
  readonly wakes: Wakes<Stream>
  /** Throws `storage`; what makes room is welcome on a full disk, too. */
  journal(writer: EventWriter, isRelief?: boolean): void
  /** The same for an event whose stream has done already what `evolve` would. */
  journalApplied(writer: EventWriter): void
  appended(stream: Stream): void
  changed(stream: Stream): void
}

/** Where entries go that were handed out too often. */
export interface EntryDeadLetters {
  /** False: it has to stay where it is. */
  send(
    place: { readonly spec: { namespace: string; name: string }; readonly settings: GroupPolicy },
    message: StoredMessage,
    reason: DeathReason,
  ): boolean
}

/** What somebody may say was added before: from there on it can still be counted. */
const ENTRIES_ADDED_MAX = 2 ** 52

/** One stream of entries: it decides, writes events, and reads the log. */
export class Stream implements EntryStream {
  readonly state: StreamState
  readonly #host: StreamHost
  readonly #groups: GroupCommands
  readonly #deliveries: Deliveries
  readonly #additions: Additions

  constructor(state: StreamState, host: StreamHost) {
    this.state = state
    this.#host = host
    this.#additions = new Additions(this, host)
    this.#groups = new GroupCommands(this, host)
    this.#deliveries = new Deliveries(this, host, this.#groups)
    state.idAt = (_, offset) => {
      // Not the one that looks: it may be asked while that one is on its way.
      const { show } = host.walks.of(state)
      return show.toOffset(offset) ? { ms: show.ms, seq: show.seq } : null
    }
  }

  get namespace(): string {
    return this.state.partition.topic.namespace
  }

  get name(): string {
    const { topic, index } = this.state.partition
    return topic.partitions.length === 1 ? topic.name : `${topic.name}-${index}`
  }

  /** Its topic is gone. */
  get isDeleted(): boolean {
    return this.state.partition.topic.isDeleted
  }

  get length(): number {
    this.#settle()
    return this.state.length
  }

  get lastId(): EntryId {
    return this.state.last
  }

  get lastMs(): Whole {
    return this.state.lastMs
  }

  get lastSeq(): Whole {
    return this.state.lastSeq
  }

  get lastEntryId(): EntryId | null {
    this.#settle()
    const { state } = this
    if (state.length === 0) return null
    if (!state.gone.has(state.end - 1)) return { ms: state.topMs, seq: state.topSeq }
    let last: EntryId | null = null
    const span = range(this.#host.walks, state, { count: 1, isReversed: true })
    show(this.#host.walks, state, span, ({ ms, seq }) => {
      last = { ms, seq }
    })
    return last
  }

  get groups(): ReadonlyMap<string, GroupState> {
    return this.state.groups
  }

  facts(): StreamFacts {
    this.#settle()
    const { state } = this
    return {
      length: state.length,
      lastId: state.last,
      maxDeletedId: state.maxDeleted,
      entriesAdded: state.entriesAdded,
      firstId: state.firstId,
      runCount: Math.ceil(state.length / RUN_ENTRIES),
      groupCount: state.groups.size,
      idempotence: state.idempotence.facts(),
    }
  }

  add(words: Words, first: number, end: number, wanted: IdWanted): AddOutcome {
    return this.#additions.add(words, first, end, wanted)
  }

  trim(trim: Trim): number {
    const later = this.#additions.trimLater(trim)
    if (later !== null) {
      if (later > 0) this.#host.changed(this)
      return later
    }
    this.#settle()
    const { state } = this
    if (trim.references !== 'keep') return this.#groups.trimReferenced(trim)
    const to = trimmedTo(state, trim, id => this.#offsetBehind(id))
    if (to <= state.first) return 0
    const before = state.length
    this.trimTo(to)
    return before - state.length
  }

  delete(ids: readonly EntryId[]): number {
    return this.remove(ids, 'keep').filter(removal => removal === 'removed').length
  }

  remove(ids: readonly EntryId[], references: References): Removal[] {
    this.#settle()
    return this.#groups.remove(ids, references)
  }

  setLast(id: EntryId, entriesAdded: number | null, maxDeletedId: EntryId | null): void {
    this.#settle()
    const added = entriesAdded === null ? null : Math.min(entriesAdded, ENTRIES_ADDED_MAX)
    const writer = this.event(kind.lastSet).id(id).int(written(added))
    if (maxDeletedId !== null && !isZero(maxDeletedId)) writer.id(maxDeletedId)
    this.journal(writer)
    this.#host.walks.drop(this.state)
  }

  range(from: EntryId, to: EntryId, countMax: number, isReversed = false): Span {
    this.#settle()
    return range(this.#host.walks, this.state, { from, to, count: countMax, isReversed })
  }

  show(span: Span, visit: (entry: EntryView) => void): void {
    show(this.#host.walks, this.state, span, visit)
  }

  showOne(id: EntryId, visit: (entry: EntryView) => void): boolean {
    this.#settle()
    return showOne(this.#host.walks, this.state, id, visit)
  }

  createGroup(name: string, lastId: EntryId, entriesRead: number | null): boolean {
    this.#settle()
    return this.#groups.create(name, lastId, entriesRead)
  }

  setGroup(group: Group, lastId: EntryId, entriesRead: number | null): void {
    this.#settle()
    this.#groups.set(group, lastId, entriesRead)
  }

  destroyGroup(group: Group): void {
    this.#groups.destroy(group)
  }

  createConsumer(group: Group, name: string, now: number): boolean {
    return this.#groups.createConsumer(group, name, now)
  }

  deleteConsumer(group: Group, name: string): number | null {
    return this.#groups.deleteConsumer(group, name)
  }

  meet(group: Group, consumer: string, now: number): boolean {
    return this.#groups.meet(group, consumer, now)
  }

  hasMore(group: Group, wanted: ReadWanted): boolean {
    this.#settle()
    return this.#deliveries.hasMore(group, wanted)
  }

  read(group: Group, consumer: string, wanted: ReadWanted): GroupRead {
    this.#settle()
    return this.#deliveries.read(group, consumer, wanted)
  }

  readOwn(group: Group, consumer: string, after: EntryId, wanted: ReadWanted): readonly OwnEntry[] {
    this.#settle()
    return this.#deliveries.readOwn(group, consumer, after, wanted)
  }

  ack(group: Group, ids: readonly EntryId[]): number {
    return this.#groups.ack(group, ids)
  }

  ackAndRemove(group: Group, ids: readonly EntryId[], references: References): Removal[] {
    this.#settle()
    return this.#groups.ackAndRemove(group, ids, references)
  }

  giveBack(
    group: Group,
    ids: readonly EntryId[],
    options: { mode: ReturnMode; deliveries: number | null; isForced: boolean },
  ): number {
    this.#settle()
    return this.#deliveries.giveBack(group, ids, {
      ...options,
      now: this.#host.runtime.clock.now(),
    })
  }

  claim(group: Group, consumer: string, ids: readonly EntryId[], wanted: ClaimWanted): EntryId[] {
    this.#settle()
    return this.#deliveries.claim(group, consumer, ids, wanted)
  }

  autoClaim(
    group: Group,
    consumer: string,
    from: EntryId,
    wanted: { idleMsMin: number; countMax: number; isIdOnly: boolean; now: number },
  ): AutoClaim {
    this.#settle()
    return this.#deliveries.autoClaim(group, consumer, from, wanted)
  }

  known(producer: string, name: string, now: number): EntryId | null {
    const { idempotence } = this.state
    const id = idempotence.known(producer, name, now)
    if (id !== null) idempotence.duplicates++
    return id
  }

  remember(producer: string, name: string, now: number): void {
    this.#settle()
    this.journal(this.event(kind.remembered).text(producer).text(name).id(this.state.last).int(now))
  }

  configure(change: { durationSeconds?: number; entriesMax?: number }): void {
    const { idempotence } = this.state
    const { durationSeconds = idempotence.durationSeconds, entriesMax = idempotence.entriesMax } =
      change
    if (durationSeconds === idempotence.durationSeconds && entriesMax === idempotence.entriesMax)
      return
    this.journal(this.event(kind.configured).int(durationSeconds).int(entriesMax))
  }

  /** When something comes back by itself; infinity: nothing does. */
  wakeAt(): number {
    let time = Number.POSITIVE_INFINITY
    for (const group of this.state.groups.values())
      time = Math.min(time, this.#deliveries.wakeAt(group))
    return time
  }

  /** An event about this stream is begun. */
  event(what: number): EventWriter {
    return this.#host.writer.begin().int(what).int(this.state.logId)
  }

  /** What only concerns groups changes no stream. */
  journal(writer: EventWriter, isRelief = false): void {
    this.#host.journal(writer, isRelief)
  }

  /** The offset of an entry that is there; -1: there is none of that id. */
  find(id: EntryId): number {
    return find(this.#host.walks, this.state, id)
  }

  /** The message of a pending entry, valid until something else is read; null: it is not there. */
  message({ offset }: Pending): StoredMessage | null {
    const { look } = this.#host.walks.of(this.state)
    const isFound = this.state.isThere(offset) && look.toOffset(offset) && look.offset === offset
    if (!isFound) return null
    this.#host.walks.fill(look.message)
    return look.message
  }

  /** All below `offset` goes, and the log's records when that is worth it. */
  trimTo(offset: number): void {
    this.journal(this.event(kind.trimmed).int(offset), true)
    this.entriesGone()
  }

  /** Some entries went: says so, and lets go of what the log holds of them. */
  entriesGone(): void {
    this.#host.changed(this)
    this.truncate()
  }

  /** Ids follow from those before, so the log is cut at a point whose id is known. */
  truncate(): void {
    const { state } = this
    const { log, index, bornAt } = state
    const { store } = this.#host.runtime
    const floor = Math.min(state.gone.floor, log.confirmedEnd)
    if (floor < state.gone.floor) this.#host.untruncated.add(this)
    if (floor - log.startOffset < RUN_ENTRIES || store.reliefRefusal !== null) return
    const point = index.atOrBefore(floor)
    const cut = floor <= bornAt ? floor : point < 0 ? -1 : index.offset(point)
    const isMuch = cut - log.startOffset >= Math.min(4096, (log.endOffset - cut) / 8)
    if (cut > log.startOffset && isMuch) store.truncateBefore(log.id, Offset(cut))
  }

  /** Behind the last entry that is below an id. */
  #offsetBehind(id: EntryId): number {
    const { state } = this
    if (compareIds(id, { ms: state.topMs, seq: state.topSeq }) > 0) return state.end
    const { look } = this.#host.walks.of(state)
    return look.toId(id.ms, id.seq, state.first) ? look.offset : state.end
  }

  /** What this turn added is in the log from here on. */
  #settle(): void {
    const { packers, turn } = this.#host
    if (packers.waitingCount(this.state.logId) > 0 || this.state.points !== null) turn.flush()
  }
}
