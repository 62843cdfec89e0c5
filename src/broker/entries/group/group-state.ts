import type { Whole } from '../../../lib/whole.ts'
import type { EntryId } from '../entry-id.ts'
import type { Consumer, Group, PendingEntry } from '../port.ts'
import { SortedChunks } from './sorted-chunks.ts'

/** An entry that was handed out and not acknowledged; some 150 bytes. */
export class Pending implements PendingEntry {
  readonly ms: Whole
  readonly seq: Whole
  /** Where it lies in the log. */
  offset: number
  deliveredAt = 0
  deliveries: Whole = 0
  consumer: ConsumerState | null = null
  /** Not handed out again before this time, in milliseconds since 1970. */
  dueAt = 0
  /** In order of delivery times; those that were given back come first. */
  before: Pending | null = null
  behind: Pending | null = null

  constructor(ms: Whole, seq: Whole, offset: number) {
    this.ms = ms
    this.seq = seq
    this.offset = offset
  }
}

export class ConsumerState implements Consumer {
  readonly name: string
  /** Stands for the name in events. */
  readonly number: number
  readonly own = new SortedChunks<Pending>()
  seenAt: number
  activeAt = -1

  constructor(name: string, number: number, seenAt: number) {
    this.name = name
    this.number = number
    this.seenAt = seenAt
  }

  get pendingCount(): number {
    return this.own.count
  }
}

/** What a group needs to know of its stream to tell how far behind it is. */
export interface Measured {
  isThere(offset: number): boolean
  lagOf(group: GroupState): number | null
}

/** A consumer group. Only events change it, but for when consumers were seen. */
export class GroupState implements Group {
  readonly name: string
  /** Stands for the name in events. */
  readonly number: number
  readonly consumers = new Map<string, ConsumerState>()
  readonly consumersByNumber = new Map<number, ConsumerState>()
  readonly all = new SortedChunks<Pending>()
  lastId: EntryId
  entriesRead: number | null
  consumerNext = 0
  returnedCount = 0
  /** Oldest delivery first. */
  oldest: Pending | null = null
  #newest: Pending | null = null
  /** The last of those that were given back. */
  #returnedLast: Pending | null = null
  readonly #stream: Measured

  constructor(
    stream: Measured,
    parts: { name: string; number: number; lastId: EntryId; entriesRead: number | null },
  ) {
    this.#stream = stream
    this.name = parts.name
    this.number = parts.number
    this.lastId = parts.lastId
    this.entriesRead = parts.entriesRead
  }

  get pendingCount(): number {
    return this.all.count
  }

  get pendingEdges(): { first: EntryId; last: EntryId } | null {
    const { first, last } = this.all
    return first === undefined || last === undefined ? null : { first, last }
  }

  get lag(): number | null {
    return this.#stream.lagOf(this)
  }

  *pending(from: EntryId, to: EntryId, consumer?: Consumer): Generator<PendingEntry> {
    const list = consumer === undefined ? this.all : this.consumers.get(consumer.name)?.own
    if (list === undefined) return
    for (const entry of list.from(from.ms, from.seq)) {
      if (entry.ms > to.ms || (entry.ms === to.ms && entry.seq > to.seq)) return
      yield entry
    }
  }

  claimableAt(idleMs: number): number | null {
    let time: number | null = null
    for (let pending = this.oldest; pending !== null; pending = pending.behind) {
      if (!this.#stream.isThere(pending.offset)) continue
      const isReturned = pending.consumer === null
      const due = isReturned ? pending.dueAt : pending.deliveredAt + idleMs
      time = time === null ? due : Math.min(time, due)
      if (!isReturned) break
    }
    return time
  }

  addConsumer(name: string, seenAt: number): ConsumerState {
    const consumer = new ConsumerState(name, this.consumerNext++, seenAt)
    this.consumers.set(name, consumer)
    this.consumersByNumber.set(consumer.number, consumer)
    return consumer
  }

  removeConsumer(consumer: ConsumerState): void {
    for (const pending of [...consumer.own.from(0, 0)]) this.settle(pending)
    this.consumers.delete(consumer.name)
    this.consumersByNumber.delete(consumer.number)
  }

  /** Handed to a consumer, whoever had it. */
  hand(pending: Pending, consumer: ConsumerState, at: { time: number; deliveries: Whole }): void {
    this.#unlink(pending)
    if (pending.consumer !== consumer) {
      pending.consumer?.own.remove(pending)
      consumer.own.add(pending)
    }
    pending.consumer = consumer
    pending.deliveredAt = at.time
    pending.deliveries = at.deliveries
    pending.dueAt = 0
    this.#linkByTime(pending)
  }

  /** Given back: it waits for anybody, before those that are with consumers. */
  giveBack(pending: Pending, deliveries: Whole, dueAt: number): void {
    this.#unlink(pending)
    pending.consumer?.own.remove(pending)
    pending.consumer = null
    pending.deliveredAt = 0
    pending.deliveries = deliveries
    pending.dueAt = dueAt
    this.#link(this.#returnedLast, pending)
    this.#returnedLast = pending
    this.returnedCount++
  }

  /** A new one, to be handed out or given back at once. */
  make(ms: Whole, seq: Whole, offset: number): Pending {
    const pending = new Pending(ms, seq, offset)
    this.all.add(pending)
    return pending
  }

  /** It is not pending any more. */
  settle(pending: Pending): void {
    this.#unlink(pending)
    pending.consumer?.own.remove(pending)
    this.all.remove(pending)
  }

  #linkByTime(pending: Pending): void {
    let before = this.#newest
    while (
      before !== null &&
      before !== this.#returnedLast &&
      before.deliveredAt > pending.deliveredAt
    )
      before = before.before
    this.#link(before, pending)
  }

  #link(before: Pending | null, pending: Pending): void {
    const behind = before === null ? this.oldest : before.behind
    pending.before = before
    pending.behind = behind
    if (before === null) this.oldest = pending
    else before.behind = pending
    if (behind === null) this.#newest = pending
    else behind.before = pending
  }

  #unlink(pending: Pending): void {
    const { before, behind } = pending
    if (before === null && this.oldest !== pending) return // It is new.
    if (pending.consumer === null) this.returnedCount--
    if (this.#returnedLast === pending) this.#returnedLast = before
    if (before === null) this.oldest = behind
    else before.behind = behind
    if (behind === null) this.#newest = before
    else behind.before = before
    pending.before = pending.behind = null
  }
}
