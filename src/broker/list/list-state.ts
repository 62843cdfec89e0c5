import { assert } from '../../lib/assert.ts'
import { limits } from '../../limits/limits.ts'
import { addressBytes, Publication } from '../../message/publication.ts'
import { origins } from '../../message/origin.ts'
import { StoredMessage } from '../../message/stored-message.ts'
import { BrokerError } from '../errors.ts'
import { enqueued, isTooMuch, type LogLane, type QueueState, type Side } from '../queue/index.ts'
import { dropHeads } from './heads.ts'
import { Element, type List } from './list.ts'
import { Places } from './places.ts'
import { fillFrom } from './republish.ts'

const NO_ADDRESS = addressBytes('', '')
const NAME_BYTES_MAX = 255

/** What lists need of what they are in. */
export interface ListHost {
  /** A list of a queue that nobody declared has nothing left. */
  emptied(list: ListState): void
}

/** The elements as they are looked at, one at a time: shared by all lists. */
const view = new StoredMessage()
const publication = new Publication()

/** A queue, seen as a list. See `List`. */
export class ListState implements List {
  readonly queue: QueueState
  /** It is among the empty ones that may go. */
  isIdle = false
  /** Somebody pushed since it was last looked at whether anybody does. */
  isTouched = false
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
    this.#fill(bytes, start, end)
    return this.#add(side)
  }

  pop(side: Side, element: Element): boolean {
    const offset = this.#find(side)
    if (offset < 0) return false
    show(element)
    this.#takeOut(this.#lane, offset)
    this.#taken()
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
    to.isTouched = true
    to.#orient(side)
    if (side === to.queue.head) to.queue.addFirst(to.queue.lanes.first, publication)
    else to.queue.addLast(to.#laneOfPublication(), publication)
    lane.takeOut(offset, bodyBytes)
    this.#taken()
    return true
  }

  at(index: number, element: Element): boolean {
    this.#prepare()
    const count = this.#places.count
    const place = index < 0 ? count + index : index
    if (place < 0 || place >= count) return false
    this.#places.each(this.#fromHead(place, count), 1, (lane, offset) => {
      if (lane.showNow(offset, view, false)) show(element)
      else element.start = element.end = 0
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
      else element.start = element.end = 0
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
      this.#fill(bytes, start, end)
      this.#add(index === 0 ? 'left' : 'right')
      return
    }
    const nearer = this.queue.head === 'left' ? index : count - index
    this.#rewrite(nearer, false, () => this.#fill(bytes, start, end))
  }

  remove(count: number, bytes: Buffer, start = 0, end = bytes.length): number {
    this.#prepare()
    const length = this.#places.count
    if (length === 0) return 0
    const found: [LogLane, number, number][] = []
    const most = count === 0 ? length : Math.abs(count)
    const [first, last] = count < 0 ? [length - 1, 0] : [0, length - 1]
    this.#walk(first, last, (lane, offset, isBack) => {
      if (lane.showNow(offset, view, isBack) && isBody(bytes, start, end))
        found.push([lane, offset, view.bodyBytes])
      return found.length < most
    })
    for (const [lane, offset, bodyBytes] of found) lane.takeOut(offset, bodyBytes)
    if (found.length > 0) this.#taken()
    return found.length
  }

  trim(first: number, last: number): void {
    this.#prepare()
    const count = this.#places.count
    if (count === 0) return
    if (first > last) {
      this.queue.purge()
      this.#emptied()
      return
    }
    const isHeadLeft = this.queue.head === 'left'
    const nearer = isHeadLeft ? first : count - 1 - last
    const farther = isHeadLeft ? count - 1 - last : first
    this.#cut(count - farther, farther)
    this.#cut(0, nearer)
    this.#taken()
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
      to.#orient(tail)
      to.queue.addLast(to.#laneOfPublication(), publication)
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
    if (side !== queue.head || queue.settings.listHead !== null) return
    if (this.#places.count === 0) this.#journalHead(side === 'left' ? 'right' : 'left')
  }

  #journalHead(head: Side): void {
    const { id, host } = this.queue
    host.journal({ kind: 'headed', id, head })
  }

  #fill(bytes: Buffer, start: number, end: number): void {
    publication.origin = origins.redis
    publication.address = this.#address
    publication.addressStart = 0
    publication.addressEnd = this.#address.length
    publication.propertiesStart = 0
    publication.propertiesEnd = 0
    publication.body = bytes
    publication.bodyStart = start
    publication.bodyEnd = end
    publication.key = null
    publication.ttlMs = -1
    publication.priority = 0
    publication.timestamp = -1
    publication.annotations = null
  }

  #add(side: Side): boolean {
    const { queue } = this
    this.isTouched = true
    this.#orient(side)
    const isFirst = side === queue.head
    const bits = isFirst ? queue.enqueueFirst(publication) : queue.enqueue(publication)
    return (bits & enqueued.rejected) === 0
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
    if (queue.isDropping || queue.mayExpire) dropHeads(queue, view)
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

  /** It is in the view. */
  #takeOut(lane: LogLane, offset: number): void {
    const { counters } = this.queue
    counters.delivered++
    counters.autoAccepted++
    if (lane.offsets.countOfReady(offset) > 0) counters.redelivered++
    lane.takeOut(offset, view.bodyEnd - view.bodyStart)
  }

  #taken(): void {
    const { queue } = this
    const { host } = queue
    if (!queue.isNoted) host.noteSettled(queue)
    host.observer?.(queue, false)
    if (queue.spec.isImplicit === true && this.#places.count === 0) this.#emptied()
  }

  #emptied(): void {
    if (this.queue.spec.isImplicit === true) this.#host.emptied(this)
  }

  /** All is appended, and what is at the head may be there. */
  #prepare(): void {
    this.#places.flush()
    if (this.queue.isDropping || this.queue.mayExpire) dropHeads(this.queue, view)
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

  /** Takes out so many from a place on, counted from the head. */
  #cut(from: number, count: number): void {
    const found: [LogLane, number][] = []
    this.#places.each(from, count, (lane, offset) => {
      found.push([lane, offset])
      return true
    })
    for (const [lane, offset] of found) {
      // Bytes are only known to those who look.
      const isSized = lane.offsets.bytes !== null && lane.showNow(offset, view, false)
      lane.takeOut(offset, isSized ? view.bodyBytes : 0)
    }
  }

  /**
   * Changes the element at a place, or adds one before it (`nearer` to the head are so many): what
   * lies on the shorter side is appended again, with the properties it has.
   */
  #rewrite(nearer: number, isReplaced: boolean, change: () => void): void {
    const { lane, before } = this.#places.laneAt(nearer)
    const place = nearer - before
    const count = lane.offsets.readyCountTo(lane.log.endOffset)
    const isAtHead = place < count - place
    const from = isAtHead ? 0 : place
    const to = isAtHead ? place + (isReplaced ? 1 : 0) : count
    const moved: number[] = []
    this.#places.eachIn(lane, from, to - from, offset => moved.push(offset))
    const add = (): void =>
      isAtHead ? this.queue.addFirst(lane, publication) : this.queue.addLast(lane, publication)
    const again = (offset: number, isChanged: boolean): void => {
      if (!lane.showNow(offset, view, !isAtHead)) return lane.takeOut(offset, 0)
      const { bodyBytes } = view
      fillFrom(publication, view)
      if (isChanged) change()
      const { endOffset, id } = lane.log
      const next = endOffset + this.queue.host.packers.waitingCount(id)
      add()
      lane.offsets.carry(next, lane.offsets.countOfReady(offset))
      lane.takeOut(offset, bodyBytes)
    }
    if (!isReplaced) {
      change()
      add()
    }
    if (isAtHead) moved.reverse()
    for (const [index, offset] of moved.entries()) again(offset, isReplaced && index === 0)
    this.#taken()
  }
}

function show(element: Element): void {
  element.bytes = view.body
  element.start = view.bodyStart
  element.end = view.bodyEnd
}

function isBody(bytes: Buffer, start: number, end: number): boolean {
  if (view.bodyEnd - view.bodyStart !== end - start) return false
  return view.body.compare(bytes, start, end, view.bodyStart, view.bodyEnd) === 0
}
