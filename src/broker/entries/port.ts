import type { EntryId, Whole } from './entry-id.ts'
import type { EntryView, Span, Words } from './entry.ts'

/** What becomes of what groups hold of entries that go: `acked`: only those go that none needs. */
export type References = 'keep' | 'delete' | 'acked'

/** The id wanted for a new entry: null for the next one; a null sequence: the next of its time. */
export type IdWanted = { readonly ms: Whole; readonly seq: Whole | null } | null

export type AddOutcome =
  | 'added'
  /** The id wanted is not above the last one. */
  | 'not-above'
  /** There is no id above the last one. */
  | 'exhausted'
  /** More bytes than `limits.entryBytesMax`. */
  | 'too-large'

export type Trim = {
  /** So many entries stay; or those with this id and above. */
  readonly keep: { readonly count: number } | { readonly from: EntryId }
  /** Only what is cheap to let go: whole runs of 100 entries. */
  readonly isApproximate: boolean
  /** Removed at most. 0: all. */
  readonly countMax: number
  readonly references: References
}

/** What became of one of several ids. */
export type Removal = 'missing' | 'removed' | 'referenced'

export type StreamFacts = {
  readonly length: number
  readonly lastId: EntryId
  readonly maxDeletedId: EntryId
  readonly entriesAdded: number
  /** Of the first entry that is there; 0-0 when none is. */
  readonly firstId: EntryId
  /** Runs of 100 entries that hold some: what counts nodes elsewhere. */
  readonly runCount: number
  readonly groupCount: number
  readonly idempotence: IdempotenceFacts
}

export type IdempotenceFacts = {
  readonly durationSeconds: number
  readonly entriesMax: number
  readonly producers: number
  readonly tracked: number
  readonly added: number
  readonly duplicates: number
}

/** An entry that was handed to a consumer and not acknowledged. */
export type PendingEntry = {
  readonly ms: Whole
  readonly seq: Whole
  /** Milliseconds since 1970; 0 for one that was given back. */
  readonly deliveredAt: number
  readonly deliveries: Whole
  /** Null: it was given back, and waits for anybody. */
  readonly consumer: Consumer | null
}

export interface Consumer {
  /** Bytes as characters. */
  readonly name: string
  readonly pendingCount: number
  /** When it last asked, in milliseconds since 1970. */
  readonly seenAt: number
  /** When it last got something; -1: never. */
  readonly activeAt: number
}

export interface Group {
  /** Bytes as characters. */
  readonly name: string
  /** The last one that was handed out. */
  readonly lastId: EntryId
  /** Entries from the very first one on up to `lastId`; null: unknown. */
  readonly entriesRead: number | null
  readonly pendingCount: number
  /** The least and the greatest id of what is pending; null: nothing is. */
  readonly pendingEdges: { readonly first: EntryId; readonly last: EntryId } | null
  /** Pending entries that were given back and have no consumer. */
  readonly returnedCount: number
  readonly consumers: ReadonlyMap<string, Consumer>
  /** Entries that nobody in the group got yet; null: unknown. */
  readonly lag: number | null
  /** In order of ids, from `from` on, up to `to`; of one consumer, or all. */
  pending(from: EntryId, to: EntryId, consumer?: Consumer): Iterable<PendingEntry>
  /** When something is first idle for `idleMs`, in milliseconds since 1970; null: never. */
  claimableAt(idleMs: number): number | null
}

/**
 * What a group hands out: first what it takes from others, then what is new. Where a policy has a
 * visibility timeout, or a back-off for what is given back, there may be some of the first though
 * nobody asked to claim anything.
 */
export type GroupRead = {
  /** Taken over because it was idle for so long, with the idle time and the deliveries before. */
  readonly claimed: readonly ClaimedEntry[]
  /** Entries that nobody had before. */
  readonly fresh: Span
}

export type ClaimedEntry = {
  readonly ms: Whole
  readonly seq: Whole
  readonly idleMs: number
  readonly deliveries: Whole
}

/** One of a consumer's own entries; `isGone`: it is pending, and not in the stream any more. */
export type OwnEntry = { readonly ms: Whole; readonly seq: Whole; readonly isGone: boolean }

export type ReadWanted = {
  readonly countMax: number
  /** It is as good as acknowledged. */
  readonly isNoAck: boolean
  /** Also what others left idle for so long, before anything new. Null: no. */
  readonly claimIdleMs: number | null
  readonly now: number
}

export type ClaimWanted = {
  readonly idleMsMin: number
  /** What is said of the delivery. Null: one more than before, unless `isIdOnly`. */
  readonly deliveries: number | null
  readonly deliveredAt: number
  /** Entries nobody has become pending. */
  readonly isForced: boolean
  readonly isIdOnly: boolean
  readonly now: number
  /** The group's last id becomes this one, if it is below. */
  readonly lastId: EntryId | null
}

export type AutoClaim = {
  readonly claimed: readonly EntryId[]
  /** Were pending and are not in the stream any more: now they are not pending either. */
  readonly deleted: readonly EntryId[]
  /** Where to go on; 0-0 at the end. */
  readonly next: EntryId
}

/** `silent`: the delivery is taken back; `failed`: it counts; `fatal`: nobody should try again. */
export type ReturnMode = 'silent' | 'failed' | 'fatal'

/**
 * A topic, seen as entries with ids in one order. What was appended is seen at once, whoever did.
 * All of it is synchronous and part of the turn: what is done in one run of code is durable
 * together. An object is good for one run: whoever comes back later asks `EntryStreams` again.
 * Changes throw `BrokerError` `storage` when the disk takes nothing. Names of groups and consumers
 * are bytes as characters.
 */
export interface EntryStream {
  readonly namespace: string
  readonly name: string
  readonly length: number
  readonly lastId: EntryId
  /** The last id in parts: of the entry just added. */
  readonly lastMs: Whole
  readonly lastSeq: Whole
  /** The last entry that is there; null in an empty stream. */
  readonly lastEntryId: EntryId | null
  readonly groups: ReadonlyMap<string, Group>
  facts(): StreamFacts

  /** Words from `first` to `end` (not included) are names and values in turn. Copied. */
  add(words: Words, first: number, end: number, wanted: IdWanted): AddOutcome
  /** How many went. */
  trim(trim: Trim): number
  /** How many of them were there. */
  delete(ids: readonly EntryId[]): number
  remove(ids: readonly EntryId[], references: References): Removal[]
  /** Not checked against what is there: `facts` says it. */
  setLast(id: EntryId, entriesAdded: number | null, maxDeletedId: EntryId | null): void

  /** Entries with ids from `from` to `to`, both included. `countMax` 0: all. */
  range(from: EntryId, to: EntryId, countMax: number, isReversed?: boolean): Span
  /** Shows each in turn. To be called before anything else changes. */
  show(span: Span, visit: (entry: EntryView) => void): void
  /** Shows one; false when it is not there. */
  showOne(id: EntryId, visit: (entry: EntryView) => void): boolean

  /** The id is checked by nobody. False: it is there already. */
  createGroup(name: string, lastId: EntryId, entriesRead: number | null): boolean
  setGroup(group: Group, lastId: EntryId, entriesRead: number | null): void
  destroyGroup(group: Group): void
  /** False: it is there already. */
  createConsumer(group: Group, name: string, now: number): boolean
  /** How many entries it had, which are not pending any more; null: there is none of that name. */
  deleteConsumer(group: Group, name: string): number | null

  /** Makes the consumer if need be, and says that it asked. True: it was made. */
  meet(group: Group, consumer: string, now: number): boolean
  /** Whether `read` would hand out anything. */
  hasMore(group: Group, wanted: ReadWanted): boolean
  read(group: Group, consumer: string, wanted: ReadWanted): GroupRead
  /** What a consumer has already, behind `after`; each counts as one more delivery. */
  readOwn(group: Group, consumer: string, after: EntryId, wanted: ReadWanted): readonly OwnEntry[]
  /** How many of them were pending. */
  ack(group: Group, ids: readonly EntryId[]): number
  ackAndRemove(group: Group, ids: readonly EntryId[], references: References): Removal[]
  /** How many were pending, or are now: with `isForced` those become pending that were not. */
  giveBack(
    group: Group,
    ids: readonly EntryId[],
    options: { mode: ReturnMode; deliveries: number | null; isForced: boolean },
  ): number
  /** Those that are the consumer's now. */
  claim(
    group: Group,
    consumer: string,
    ids: readonly EntryId[],
    wanted: ClaimWanted,
  ): readonly EntryId[]
  autoClaim(
    group: Group,
    consumer: string,
    from: EntryId,
    wanted: { idleMsMin: number; countMax: number; isIdOnly: boolean; now: number },
  ): AutoClaim

  /** The entry a producer added under this name before; null: none, as far as is remembered. */
  known(producer: string, name: string, now: number): EntryId | null
  /** The entry added last has that name. */
  remember(producer: string, name: string, now: number): void
  /** A change forgets what was remembered. */
  configure(change: { durationSeconds?: number; entriesMax?: number }): void
}
