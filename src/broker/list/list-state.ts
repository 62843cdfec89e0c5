import { assert } from '../../lib/assert.ts'
import { limits } from '../../limits/limits.ts'
import { addressBytes } from '../../message/publication.ts'
import { BrokerError } from '../errors.ts'
import {
  type Agenda,
  enqueued,
  isTooMuch,
  type LogLane,
  type QueueState,
  type Side,
} from '../queue/index.ts'
import { dropHeads } from './heads.ts'
import { Element, type List } from './list.ts'
import { Holds } from './holds.ts'
import type { Loan, Loans } from './loans.ts'
import { fillPlain, isBody, publication, show, showNothing, view } from './looking.ts'
import { Places } from './places.ts'
import { fillFrom } from './republish.ts'
import { cut, rewrite } from './rewrite.ts'

const NO_ADDRESS = addressBytes('', '')
const NAME_BYTES_MAX = 255

/** What lists need of what they are in. */
export interface ListHost {
  /** A list of a queue that nobody declared has nothing left. */
  emptied(list: ListState): void
  /** Elements were added, or taken. */
  changed(list: ListState, isMore: boolean): void
  /** Somebody popped something and is not done with it. */
  holds(list: ListState): void
  /** What waits for a time. */
  readonly agenda: Agenda
  /** An element was put into a list, and is to come back after a time. */
  lend(list: ListState, loan: Loan): void
}

/** A queue, seen as a list. See `List`. */
export class ListState implements List {
  readonly queue: QueueState
  /** It is among the empty ones that may go. */
  isIdle = false
  /** Somebody pushed since it was last looked at whether anybody does. */
  isTouched = false
  /** What was popped and is not done. Null: nothing ever was. */
  holds: Holds | null = null
  /** What lies here and may go back to where it came from. Null: nothing ever did. */
  loans: Loans | null = null
  readonly #host: ListHost
  readonly #address: Buffer
  readonly #places: Places
  /** Where `#find` found something. */
  #lane: LogLane

  constructor(queue: QueueState, host: ListHost) {
    this.queue = queue
    this.#host = host
    this.#lane = queue.lanes.all[0]!
    this.#places = new Places(queue)
    const { name } = queue.spec
    this.#address = Buffer.byteLength(name) > NAME_BYTES_MAX ? NO_ADDRESS : addressBytes('', name)
  }

  get namespace(): string {
    return this.queue.spec.namespace
  }

  get name(): string {
    return this.queue.spec.name
  }

  get length(): number {
    const { queue } = this
    const count = this.#places.count
    const { lengthMax } = queue.settings
    return lengthMax !== null && queue.isDropping && count > lengthMax ? lengthMax : count
  }

  /** Nobody holds or consumes anything. */
  get isUnused(): boolean {
    const { unsettledCount, consumerCount, lanes } = this.queue
    return unsettledCount === 0 && consumerCount === 0 && lanes.readyAtNext === null
  }

  hasRoom(count: number, bytes: number): boolean {
    const { queue } = this
    if (!queue.isRefusing || queue.settings.overflow === 'reject-publish-dlx') return true
    const bytesNow = queue.settings.lengthBytesMax === null ? 0 : queue.readyBytes
    return !isTooMuch(queue, this.#places.count + count, bytesNow + bytes)
  }

  push(side: Side, bytes: Buffer, start = 0, end = bytes.length): boolean {
    this.#demandRoom(end - start)
    fillPlain(this.#address, bytes, start, end)
    return this.#add(side)
  }

  pop(side: Side, element: Element, holder?: number): boolean {
    const offset = this.#find(side)
    if (offset < 0) return false
    show(element)
    const { counters, settings } = this.queue
    const lane = this.#lane
    counters.delivered++
    if (lane.offsets.countOfReady(offset) > 0) counters.redelivered++
    if (settings.visibilityTimeoutMs !== null && holder !== undefined) {
      lane.takeAway(offset, view.bodyEnd - view.bodyStart)
      this.holds ??= new Holds(this.queue, this.#host.agenda)
      this.#host.holds(this)
      this.holds.add(lane.index, offset, holder, settings.visibilityTimeoutMs)
    } else {
      counters.autoAccepted++
      lane.takeOut(offset, view.bodyEnd - view.bodyStart)
    }
    if (this.loans !== null) this.loans.ended(lane.index, offset)
    this.taken()
    return true
  }

  move(from: Side, to: List, side: Side, element: Element): boolean {
    assert(to instanceof ListState, 'lists are of this kind')
    const offset = this.#find(from)
    if (offset < 0) return false
    show(element)
    to.#demandRoom(element.sizeBytes)
    const lane = this.#lane
    const { bodyBytes } = view
    fillFrom(publication, view)
    const place = to.#put(side)
    const { visibilityTimeoutMs } = this.queue.settings
    if (visibilityTimeoutMs !== null && to !== this)
      this.#lend(to, place, lane.offsets.countOfReady(offset), visibilityTimeoutMs)
    if (this.loans !== null) this.loans.ended(lane.index, offset)
    lane.takeOut(offset, bodyBytes)
    this.taken()
    return true
  }

  at(index: number, element: Element): boolean {
    this.#prepare()
    const count = this.#places.count
    const place = index < 0 ? count + index : index
    if (place < 0 || place >= count) return false
    this.#places.each(this.#fromHead(place, count), 1, (lane, offset) => {
      if (lane.showNow(offset, view, false)) show(element)
      else showNothing(element)
      return false
    })
    return true
  }

  each(first: number, last: number, visit: (element: Element, index: number) => void): void {
    const element = new Element()
    this.#prepare()
    const step = first <= last ? 1 : -1
    let index = first
    this.#walk(first, last, (lane, offset, isBack) => {
      if (lane.showNow(offset, view, isBack)) show(element)
      else showNothing(element)
      visit(element, index)
      index += step
      return true
    })
  }

  set(index: number, bytes: Buffer, start = 0, end = bytes.length): void {
    this.#demandRoom(end - start)
    this.#prepare()
    this.#rewrite(this.#fromHead(index, this.#places.count), true, () => {
      publication.body = bytes
      publication.bodyStart = start
      publication.bodyEnd = end
    })
  }

  insert(index: number, bytes: Buffer, start = 0, end = bytes.length): void {
    this.#demandRoom(end - start)
    this.#prepare()
    const count = this.#places.count
    if (index === 0 || index === count) {
      fillPlain(this.#address, bytes, start, end)
      this.#add(index === 0 ? 'left' : 'right')
      return
    }
    const nearer = this.queue.head === 'left' ? index : count - index
    this.#rewrite(nearer, false, () => fillPlain(this.#address, bytes, start, end))
  }

  remove(count: number, bytes: Buffer, start = 0, end = bytes.length): number {
    this.#prepare()
    const length = this.#places.count
    const found: [LogLane, number, number][] = []
    const most = count === 0 ? Number.POSITIVE_INFINITY : Math.abs(count)
    const first = count < 0 ? length - 1 : 0
    const last = length - 1 - first
    const look = (lane: LogLane, offset: number, isBack: boolean): boolean => {
      if (lane.showNow(offset, view, isBack) && isBody(bytes, start, end))
        found.push([lane, offset, view.bodyBytes])
      return found.length < most
    }
    if (length > 0) this.#walk(first, last, look)
    for (const [lane, offset, bodyBytes] of found) {
      this.loans?.ended(lane.index, offset)
      lane.takeOut(offset, bodyBytes)
    }
    if (found.length > 0) this.taken()
    return found.length + this.#removeHeld(most - found.length, bytes, start, end)
  }

  /** What was popped and is still held is done when it is taken out by name. */
  #removeHeld(most: number, bytes: Buffer, start: number, end: number): number {
    if (this.holds === null || this.holds.count === 0) return 0
    return this.holds.doneWhere(most, (lane, offset) => {
      const { all } = this.queue.lanes
      return all[lane]!.showNow(offset, view, false) && isBody(bytes, start, end)
    })
  }

  trim(first: number, last: number): void {
    this.#prepare()
    const count = this.#places.count
    if (count === 0) return
    if (first > last) {
      const { changes } = this.queue
      this.queue.purge()
      this.queue.changes = changes // Told at once, and not again with the turn.
      this.#host.changed(this, false)
      this.#emptied()
      return
    }
    const isHeadLeft = this.queue.head === 'left'
    const nearer = isHeadLeft ? first : count - 1 - last
    const farther = isHeadLeft ? count - 1 - last : first
    cut(this.#places, this.loans, count - farther, farther)
    cut(this.#places, this.loans, 0, nearer)
    this.taken()
  }

  /** All of it behind what the other list has, in order; it stays here, too. */
  copyTo(to: ListState): void {
    this.#prepare()
    to.#prepare()
    to.#headAs(this)
    const tail = to.queue.head === 'left' ? 'right' : 'left'
    this.#places.each(0, this.#places.count, (lane, offset) => {
      if (!lane.showNow(offset, view, false)) return true
      fillFrom(publication, view)
      to.#put(tail)
      return true
    })
  }

  /** All of it behind what the other list has, in order. */
  moveTo(to: ListState, element: Element): void {
    to.#headAs(this)
    const { head } = this.queue
    while (this.move(head, to, to.queue.head === 'left' ? 'right' : 'left', element));
  }

  /** An empty list is handed out from the same end as another one. */
  #headAs({ queue }: ListState): void {
    if (this.#places.count > 0 || this.queue.head === queue.head) return
    if (this.queue.settings.listHead === null) this.#journalHead(queue.head)
  }

  /** The first who pushes decides which end is handed out first: the other one. */
  #orient(side: Side): void {
    const { queue } = this
    if (queue.headSet !== null && (side !== queue.head || queue.settings.listHead !== null)) return
    if (queue.headSet === null || this.#places.count === 0)
      this.#journalHead(side === 'left' ? 'right' : 'left')
  }

  #journalHead(head: Side): void {
    const { id, host } = this.queue
    host.journal({ kind: 'headed', id, head })
  }

  /** Adds a message as it is, whatever the limits, and says where it will be. */
  #put(side: Side): { readonly lane: number; readonly offset: number } {
    const { queue } = this
    this.isTouched = true
    this.#orient(side)
    const isFirst = side === queue.head
    const lane = isFirst ? queue.lanes.first : this.#laneOfPublication()
    const offset = lane.log.endOffset + queue.host.packers.waitingCount(lane.log.id)
    if (isFirst) queue.addFirst(lane, publication)
    else queue.addLast(lane, publication)
    this.#host.changed(this, true)
    return { lane: lane.index, offset }
  }

  #lend(
    to: ListState,
    { lane, offset }: { readonly lane: number; readonly offset: number },
    counts: number,
    timeoutMs: number,
  ): void {
    const until = this.queue.host.now() + timeoutMs
    this.#host.lend(to, { lane, offset, source: this.name, counts, until, timeoutMs })
  }

  #add(side: Side): boolean {
    const { queue } = this
    this.isTouched = true
    this.#orient(side)
    const isFirst = side === queue.head
    const bits = isFirst ? queue.acceptFirst(publication) : queue.accept(publication)
    if ((bits & enqueued.rejected) !== 0) return false
    this.#host.changed(this, true)
    return true
  }

  #demandRoom(bodyBytes: number): void {
    const { runtime, packers } = this.queue.host
    const { refusal } = runtime.store
    if (refusal !== null) throw new BrokerError('storage', refusal.message)
    const max = Math.min(runtime.settings.messageBytesMax, limits.messageBytesMax)
    if (bodyBytes > max) throw new BrokerError('too-large', `an element has ${max} bytes at most`)
    packers.relieve()
  }

  /** Where a message goes that has priority and key of its own. */
  #laneOfPublication(): LogLane {
    return this.queue.lanes.all[this.queue.partitionFor(publication).index]!
  }

  /** The element of an end, in the view; its offset, or -1. */
  #find(side: Side): number {
    const { queue } = this
    this.tidy()
    // Of what others have put there, who takes first decides.
    if (queue.headSet === null && this.#places.count > 0) this.#journalHead(side)
    const isLast = side !== queue.head
    for (;;) {
      const lane = isLast ? this.#places.lastLane() : this.#places.firstLane()
      if (lane === null) return -1
      const offset = isLast ? lane.offsets.last() : lane.offsets.first()
      this.#lane = lane
      if (lane.showNow(offset, view, isLast)) return offset
      lane.takeOut(offset, 0) // Its log has lost it.
    }
  }

  /** Something was taken out of it. */
  taken(): void {
    const { queue } = this
    const { host } = queue
    if (!queue.isNoted) host.noteSettled(queue)
    this.#host.changed(this, false)
    if (queue.spec.isImplicit === true && this.#places.count === 0) this.#emptied()
  }

  #emptied(): void {
    if (this.queue.spec.isImplicit === true) this.#host.emptied(this)
  }

  /** What is at the head, and is too old or too much, goes. */
  tidy(): void {
    if (this.queue.isDropping || this.queue.mayExpire) dropHeads(this.queue, view)
  }

  /** All is appended, and what is at the head may be there. */
  #prepare(): void {
    this.#places.flush()
    this.tidy()
  }

  #fromHead(index: number, count: number): number {
    return this.queue.head === 'left' ? index : count - 1 - index
  }

  /** Between two indexes, in either direction, as long as `visit` says true. */
  #walk(
    first: number,
    last: number,
    visit: (lane: LogLane, offset: number, isBack: boolean) => boolean,
  ): void {
    const count = this.#places.count
    const from = this.#fromHead(first, count)
    const to = this.#fromHead(last, count)
    if (from <= to)
      this.#places.each(from, to - from + 1, (lane, offset) => visit(lane, offset, false))
    else this.#places.eachBack(from, from - to + 1, (lane, offset) => visit(lane, offset, true))
  }

  #rewrite(nearer: number, isReplaced: boolean, change: () => void): void {
    const { queue } = this
    rewrite({ queue, places: this.#places, loans: this.loans, nearer, isReplaced, change })
    this.taken()
  }
}
